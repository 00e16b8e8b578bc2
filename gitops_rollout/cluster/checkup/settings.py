"""The settings of Knative and KServe that matter to rollouts, and what each means."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from gitops_rollout.cluster.checkup.asking import Asked
from gitops_rollout.cluster.config_maps import GARBAGE, READ, SERVING, ConfigMap, duration, entries
from gitops_rollout.cluster.config_maps import read_collection as collection_in
from gitops_rollout.cluster.config_maps import read_default_mode as default_mode_in
from gitops_rollout.core.collection import retention
from gitops_rollout.core.percent import MODES_WITHOUT_TRAFFIC
from gitops_rollout.model.checkup import Finding, Level
from gitops_rollout.model.cluster import Collection

DEPLOYMENT = ConfigMap("knative-serving", "config-deployment", "Knative's defaults are assumed")
NETWORK = ConfigMap("knative-serving", "config-network", "Knative's defaults are assumed")

# A rollback after a promotion has at least so long before what it goes back to may vanish, or there is a warning.
_SHORT = timedelta(hours=1)


def settings_that_matter(asked: Asked) -> list[Finding]:
    """Garbage collection, rollout duration, progress deadline, scheduling and the default deployment mode."""
    findings = []
    for wanted, checks in (
        (GARBAGE, (_collection,)),
        (NETWORK, (_rollout_duration,)),
        (DEPLOYMENT, (_progress_deadline, _always_schedulable)),
        (SERVING, (_default_mode,)),
    ):
        found = asked.found(wanted.path)
        if isinstance(found, int):
            if found != 403 or wanted not in READ:  # of those that a run reads, the missing right was named
                findings.append(_absent(asked, wanted, found))
            continue
        data = entries(found)
        findings += [check(asked, data) for check in checks]
    return findings


def _absent(asked: Asked, wanted: ConfigMap, status: int) -> Finding:
    what = f"the ConfigMap {wanted.name} of {wanted.namespace}"
    if status == 404:
        return asked.finding(Level.WARN, f"{what} is not there: {wanted.without}", "is it installed in this namespace?")
    return asked.finding(Level.WARN, f"{what} may not be read ({status}): {wanted.without}", f"add: {wanted.rule}")


def _collection(asked: Asked, data: Mapping[str, str]) -> Finding:
    found = collection_in(data)
    if found is None:
        message = "config-gc holds what Knative refuses: its defaults, or what held before, apply"
        return asked.finding(Level.WARN, message, "correct retain-since-*, min- and max-non-active-revisions")
    message = f"config-gc: retired revisions are {retention(found)}"
    if _goes_soon(found):
        hint = "raise min-non-active-revisions to 1 or more, or the retention times"
        return asked.finding(Level.WARN, f"{message}: what a rollback goes back to may be gone within the hour", hint)
    return asked.finding(Level.OK, f"{message}: so long the model before can be gone back to")


def _goes_soon(found: Collection) -> bool:
    if found.most == 0:
        return True
    spans = [span for span in (found.retain_since_create, found.retain_since_active) if span is not None]
    return found.least == 0 and bool(spans) and max(spans) < _SHORT


def _rollout_duration(asked: Asked, data: Mapping[str, str]) -> Finding:
    text = data.get("rollout-duration") or "0"
    if text == "0":
        return asked.finding(Level.OK, "rollout-duration 0: traffic moves to a new percent at once")
    meaning = "traffic moves to a new percent little by little, and nothing is decided until it has (`settling`)"
    return asked.finding(Level.OK, f"rollout-duration {text} seconds: {meaning}")


def _progress_deadline(asked: Asked, data: Mapping[str, str]) -> Finding:
    text = data.get("progress-deadline") or "600s"
    try:
        shown = f"{duration(text).total_seconds():g} seconds"
    except ValueError:
        shown = text
    meaning = "a revision that has no ready pod by then is failed, and scaled to zero for good"
    return asked.finding(Level.OK, f"progress-deadline {shown}: {meaning}")


def _always_schedulable(asked: Asked, data: Mapping[str, str]) -> Finding:
    if data.get("pod-is-always-schedulable", "").lower() == "true":
        message = (
            "pod-is-always-schedulable true: a canary that finds no node does not say so, fails at the progress "
            "deadline, and is rolled back as failed"
        )
        return asked.finding(Level.WARN, message, "set it to false, or a progress-deadline that new nodes can meet")
    return asked.finding(Level.OK, "pod-is-always-schedulable false: a canary that finds no node says so, and is held")


def _default_mode(asked: Asked, data: Mapping[str, Any]) -> Finding:
    mode = default_mode_in(data)
    if mode in MODES_WITHOUT_TRAFFIC:
        message = f"default deployment mode {mode}: a canaryTrafficPercent does nothing where no other mode is stated"
        hint = "state the annotation serving.kserve.io/deploymentMode: Knative where canaries are wanted"
        return asked.finding(Level.WARN, message, hint)
    return asked.finding(Level.OK, f"default deployment mode {mode or 'not stated'}")
