"""The hidden line of a pull request's body, `<!-- gitops-rollout: {json} -->`: a hint, never an authority."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from gitops_rollout.core.trailers import action_word
from gitops_rollout.model.change import Change, Proposal, PullMarker
from gitops_rollout.model.observation import RevisionRef
from gitops_rollout.model.targets import Component

_LINE = re.compile(r"^<!-- gitops-rollout: (\{.*\}) -->[ \t]*$", re.MULTILINE)
# JSON lets these be written as escapes, so that no value can end the comment or start another line.
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "--": "-\\u002d", "&": "\\u0026", "@": "\\u0040"}
_LONGEST = 20_000
_CLOSED = "> **Closed by gitops-rollout.**"


def marker_of(change: Change) -> PullMarker:
    """What the hidden line of a change's pull request says. Revisions are named by uid, by name where none is known."""
    decision = change.decision
    return PullMarker(
        change=change.identity.change,
        action=action_word(decision),
        id=change.id,
        base=change.base_commit,
        candidates=_keys(decision.candidate),
        baselines=_keys(decision.baseline),
        models=dict(change.models),
        named=dict(decision.marker_models),
        earlier=dict(change.earlier),
    )


def format_marker(marker: PullMarker) -> str:
    """The hidden line, without a newline: whatever the values hold, the comment ends where it should."""
    fields = {name: value for name, value in asdict(marker).items() if value}
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    for character, escape in _ESCAPES.items():
        text = text.replace(character, escape)
    return f"<!-- gitops-rollout: {text} -->"


def parse_marker(body: str) -> PullMarker | None:
    """The last hidden line of a body that can be read, or None. Nothing in a body makes this raise."""
    for line in reversed(_LINE.findall(body.replace("\r\n", "\n"))):
        if len(line) > _LONGEST:
            continue
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError):
            continue
        return _marker(fields)
    return None


def with_marker(body: str, marker: PullMarker) -> str:
    """The body with this hidden line as its last line, in place of any that it has."""
    return f"{without_marker(body)}\n\n{format_marker(marker)}\n".lstrip("\n")


def without_marker(body: str) -> str:
    """The body as people read it: no hidden line, plain line ends, no space at the end."""
    return _LINE.sub("", body.replace("\r\n", "\n")).rstrip()


def stamp(title: str, body: str, marker: PullMarker) -> PullMarker:
    """The marker with a digest of the texts as we wrote them: a person's own edits are no reason to write again."""
    written = f"{title}\n{without_marker(body)}".encode()
    return replace(marker, text=hashlib.sha256(written).hexdigest()[:12])


def body_of(proposal: Proposal) -> str:
    """The body to write for a proposal: its text, then the hidden line with its stamp."""
    return with_marker(proposal.body, stamp(proposal.title, proposal.body, marker_of(proposal.change)))


def mark_closed(body: str, why: str) -> str:
    """The body of one that we are about to close: why, for people, and the mark that keeps it from being a veto."""
    marker = parse_marker(body) or PullMarker("", "", "", "")
    if marker.closed_by_us:
        return body
    note = " ".join(why.split())
    return with_marker(f"{without_marker(body)}\n\n{_CLOSED} {note}", replace(marker, closed_by_us=True))


def why_closed(body: str) -> str:
    """Why we closed it, as its body tells people; empty where it does not."""
    lines = [line for line in without_marker(body).split("\n") if line.startswith(_CLOSED)]
    return lines[-1].removeprefix(_CLOSED).strip() if lines else ""


def unmark_closed(body: str) -> str:
    """The body of one that is open again, without the mark and its reason."""
    marker = parse_marker(body)
    if marker is None:
        return body
    lines = [line for line in without_marker(body).split("\n") if not line.startswith(_CLOSED)]
    return with_marker("\n".join(lines).rstrip(), replace(marker, closed_by_us=False))


def _keys(revisions: Mapping[Component, RevisionRef]) -> dict[Component, str]:
    return {component: revision.uid or revision.name for component, revision in revisions.items()}


def _marker(fields: Mapping[str, Any]) -> PullMarker:
    return PullMarker(
        change=_text(fields.get("change")),
        action=_text(fields.get("action")),
        id=_text(fields.get("id")),
        base=_text(fields.get("base")),
        candidates=_by_component(fields.get("candidates")),
        baselines=_by_component(fields.get("baselines")),
        models=_by_component(fields.get("models")),
        named=_by_component(fields.get("named")),
        earlier=_lists_by_component(fields.get("earlier")),
        text=_text(fields.get("text")),
        closed_by_us=fields.get("closed_by_us") is True,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _by_component(value: object) -> dict[Component, str]:
    if not isinstance(value, Mapping):
        return {}
    texts = {key: text for key, text in value.items() if isinstance(text, str) and text}
    return {component: texts[component] for component in Component if component in texts}


def _lists_by_component(value: object) -> dict[Component, tuple[str, ...]]:
    if not isinstance(value, Mapping):
        return {}
    lists = {key: tuple(text for text in found if isinstance(text, str)) for key, found in _lists(value)}
    return {component: lists[component] for component in Component if lists.get(component)}


def _lists(value: Mapping[Any, Any]) -> list[tuple[Any, list[Any]]]:
    return [(key, found) for key, found in value.items() if isinstance(found, list)]
