"""The conditions that the decision table is made of: each a sentence and a test of one observation."""

from collections.abc import Callable
from dataclasses import dataclass

from gitops_rollout.model.observation import Observation, Readiness, RevisionRef, Verdict


@dataclass(frozen=True, slots=True)
class Condition:
    """A part of what a row asks for. `text` is read by people; `sees` shows what was looked at."""

    text: str
    test: Callable[[Observation], bool]
    sees: Callable[[Observation], str]

    def holds(self, observation: Observation) -> bool:
        """Whether an observation meets it."""
        return self.test(observation)


def same(one: RevisionRef | None, other: RevisionRef | None) -> bool:
    """Whether two references mean the same revision: by name and, where both are known, by uid."""
    if one is None or other is None or one.name != other.name:
        return False
    return one.uid == other.uid or None in (one.uid, other.uid)


def is_split(percent: int | None) -> bool:
    """Whether a percent splits traffic: 1 to 99."""
    return percent is not None and 0 < percent < 100


def created_is_ready(observation: Observation) -> bool:
    """Whether the latest created revision is the latest ready one."""
    return same(observation.created, observation.ready)


def ready_is_rolled(observation: Observation) -> bool:
    """Whether the latest ready revision is the one that KServe rolled out."""
    return same(observation.ready, observation.rolled)


def is_failing(observation: Observation) -> bool:
    """Whether the canary failed to become ready, takes traffic and fails, or fails its analysis."""
    failed = observation.created_readiness in (Readiness.FAILED, Readiness.OVERDUE)
    fails = observation.verdict is Verdict.FAIL and not ready_is_rolled(observation)
    return observation.canary_failing or failed or fails


def _ref(revision: RevisionRef | None) -> str:
    return "none" if revision is None else revision.name


def _pair(one: str, first: RevisionRef | None, other: str, second: RevisionRef | None) -> str:
    """Two revisions by their parts; an equal name with another uid is another revision, and told so."""
    if same(first, second):
        return f"both are {_ref(first)}"
    if first is not None and second is not None and first.name == second.name:
        return f"{one} and {other} are both called {first.name}, and are not the same (uids {first.uid}, {second.uid})"
    return f"{one} {_ref(first)}, {other} {_ref(second)}"


def _percent(value: int | None) -> str:
    return "none" if value is None else str(value)


def _revisions(observation: Observation) -> str:
    return f"created {_ref(observation.created)}, ready {_ref(observation.ready)}, rolled {_ref(observation.rolled)}"


def _desired(observation: Observation) -> str:
    return f"percent {_percent(observation.desired)}"


def _words(present: str, absent: str, test: Callable[[Observation], bool]) -> Callable[[Observation], str]:
    return lambda observation: present if test(observation) else absent


def _simple(text: str, otherwise: str, test: Callable[[Observation], bool]) -> Condition:
    return Condition(text, test, _words(text, otherwise, test))


MISSING = _simple("not in the cluster", "in the cluster", lambda o: not o.present)
PERCENT_UNUSABLE = Condition(
    "the percent stands where KServe ignores it, or is not 0 to 100",
    lambda o: o.ignored_field is not None or o.invalid_percent is not None,
    lambda o: o.ignored_field or (f"percent {o.invalid_percent!r}" if o.invalid_percent else _desired(o)),
)
HALTED = Condition(
    "stopped, or auto-update disabled",
    lambda o: o.stopped or o.inert,
    lambda o: "stopped" if o.stopped else "auto-update disabled" if o.inert else "running",
)
BOTH_SPLIT = Condition(
    "Git's and the live percent are 1 to 99",
    lambda o: is_split(o.desired) and is_split(o.live),
    lambda o: f"{_percent(o.desired)} in Git, {_percent(o.live)} live",
)
HARMFUL = Condition(
    "a revision other than the baseline takes traffic and fails its analysis or is not ready",
    lambda o: o.harmful is not None and not same(o.harmful, o.rolled),
    lambda o: f"{_ref(o.harmful)} {o.harm_message}" if o.harmful else "no such revision",
)
BASELINE_GOOD = Condition(
    "the baseline is ready and not known-bad",
    lambda o: o.rolled is not None and o.baseline_ready and not o.baseline_known_bad,
    lambda o: _baseline(o),
)
BASELINE_BAD = Condition(
    "the baseline is known-bad or not ready",
    lambda o: o.baseline_known_bad or not o.baseline_ready,
    lambda o: _baseline(o),
)
OUT_OF_SYNC = Condition(
    "the live spec is not what Git says", lambda o: not o.in_sync, lambda o: o.difference or "it is what Git says"
)
BASELINE_GONE = _simple(
    "a revision that traffic is pinned to is gone (RevisionMissing)",
    "every revision with traffic exists",
    lambda o: o.routes_missing,
)
UNSETTLED = Condition("not settled", lambda o: not o.settled, lambda o: o.unsettled_because or "settled")
NO_PERCENT = Condition("no percent", lambda o: o.desired is None, _desired)
HUNDRED = Condition("percent 100", lambda o: o.desired == 100, _desired)
NO_PERCENT_OR_HUNDRED = Condition("no percent or 100", lambda o: o.desired in (None, 100), _desired)
BELOW_HUNDRED = Condition("percent below 100", lambda o: o.desired is not None and o.desired < 100, _desired)
ZERO = Condition("percent 0", lambda o: o.desired == 0, _desired)
SPLIT = Condition("percent 1 to 99", lambda o: is_split(o.desired), _desired)
CREATED_READY = Condition("created = ready", created_is_ready, lambda o: _pair("created", o.created, "ready", o.ready))
CREATED_NOT_READY = Condition("created is not ready", lambda o: not created_is_ready(o), CREATED_READY.sees)
READY_ROLLED = Condition("ready = rolled", ready_is_rolled, lambda o: _pair("ready", o.ready, "rolled", o.rolled))
READY_NOT_ROLLED = Condition("ready is not rolled", lambda o: not ready_is_rolled(o), READY_ROLLED.sees)
NOTHING_ROLLED = Condition("nothing rolled out yet", lambda o: o.rolled is None, lambda o: f"rolled {_ref(o.rolled)}")
PREVIOUS_ROLLED = Condition(
    "previous = rolled",
    lambda o: same(o.previous, o.rolled),
    lambda o: _pair("previous", o.previous, "rolled", o.rolled),
)
BASELINE_SPEC = _simple("Git's spec is the baseline's", "Git's spec is not the baseline's", lambda o: o.restored)
TAKEN_BACK = Condition(
    "zeroed or known-bad",
    lambda o: o.zeroed or o.known_bad,
    lambda o: f"model {o.model} is " + ("zeroed" if o.zeroed else "known-bad" if o.known_bad else "new"),
)
NEW_SPEC = Condition("a new spec", lambda o: not (o.zeroed or o.known_bad or o.restored), TAKEN_BACK.sees)
REGRESSED = _simple(
    "this run of percents began without a change of spec, from none or 100, and never held 0",
    "this run of percents began with a change of spec, or held 0",
    lambda o: o.regressed,
)
CANARY_FAILING = Condition(
    "the canary failed, fails, or is named by a rollback pull request",
    lambda o: o.named_by_rollback or is_failing(o),
    lambda o: (
        "named by a rollback pull request" if o.named_by_rollback else "it fails" if is_failing(o) else "it does not"
    ),
)
ANYTHING = Condition("anything else", lambda o: True, _revisions)


def _baseline(observation: Observation) -> str:
    if observation.rolled is None:
        return "no baseline"
    state = "ready" if observation.baseline_ready else "not ready"
    return f"{observation.rolled.name} is {state}" + (", known-bad" if observation.baseline_known_bad else "")
