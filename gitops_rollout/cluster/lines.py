"""JSON Lines of Knative statuses in, what KServe would make of them out: `kserve track` and `kserve traffic`."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from gitops_rollout.cluster import statuses
from gitops_rollout.core.tracking import Rules, track
from gitops_rollout.core.traffic import expected_traffic

_encode = msgspec.json.Encoder().encode
_track_line = msgspec.json.Decoder(statuses.TrackLine).decode
_traffic_line = msgspec.json.Decoder(statuses.TrafficLine).decode
_NO_COMPONENT = statuses.ComponentStatus()
_NO_SERVICE = statuses.KnativeStatus()


def track_line(line: bytes, rules: Rules = Rules.V0_9) -> bytes:
    """The answer to one line of `kserve track`, without a line's end; never raises on what the line holds."""
    return _answered(line, lambda text: _tracked(text, rules))


def traffic_line(line: bytes) -> bytes:
    """The answer to one line of `kserve traffic`, without a line's end; never raises on what the line holds."""
    return _answered(line, _traffic)


def _answered(line: bytes, answer: Callable[[bytes], Any]) -> bytes:
    try:
        return _encode(answer(line))
    except (msgspec.MsgspecError, UnicodeError) as error:
        return _encode({"error": str(error)})
    except RecursionError:
        return _encode({"error": "JSON is nested too deeply"})


def _tracked(line: bytes, rules: Rules) -> statuses.TrackAnswer:
    call = _track_line(line)
    before, service = call.previous or _NO_COMPONENT, call.service or _NO_SERVICE
    tracked = track(call.component, before.model(), service.model(), rules=rules)
    after = tracked.component
    return statuses.TrackAnswer(
        component=statuses.ComponentStatus(
            address=_stated(after.address),
            grpc_url=before.grpc_url,
            latest_created_revision=after.latest_created,
            latest_ready_revision=after.latest_ready,
            latest_rolledout_revision=after.latest_rolledout,
            previous_rolledout_revision=after.previous_rolledout,
            rest_url=before.rest_url,
            traffic=service.targets() or None,
            url=after.url,
        ),
        conditions=dict(tracked.conditions),
        observed_generation=tracked.observed_generation or None,
    )


def _traffic(line: bytes) -> list[statuses.TrafficTarget]:
    call = _traffic_line(line)
    annotations = {name: value for name, value in (call.annotations or {}).items() if value is not None}
    status = (call.status or _NO_COMPONENT).model()
    return [
        statuses.TrafficTarget(
            latest_revision=target.latest_revision,
            percent=target.percent,
            revision_name=target.revision_name,
            tag=target.tag,
        )
        for target in expected_traffic(call.percent, status, annotations)
    ]


def _stated(address: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """An address without the fields that are null."""
    return None if address is None else {field: value for field, value in address.items() if value is not None}
