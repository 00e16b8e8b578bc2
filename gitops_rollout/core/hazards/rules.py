"""The hazards as a table: each rule says when it matches, how bad that is, and what would be better."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gitops_rollout.core.hazards.change import SpecChange, storage_uri
from gitops_rollout.core.percent import MODE_ANNOTATION, misplaced, without_traffic
from gitops_rollout.model.findings import Level
from gitops_rollout.model.targets import Component


@dataclass(frozen=True, slots=True)
class Hazard:
    """One finding about a change: `evidence` is the forecast; `better` the percent that would be safe to write.

    `better` is None where removing the field is the mend, and `mendable` False where no percent mends it.
    """

    code: str
    level: Level
    component: Component
    message: str
    evidence: str | None = None
    mendable: bool = False
    better: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One hazard. `mend` gives the percent to write instead (None: no field), `mendable` says whether there is one."""

    code: str
    level: Level
    title: str
    matches: Callable[[SpecChange], bool]
    says: Callable[[SpecChange], str]
    forecasts: bool = True
    mendable: bool = False
    mend: Callable[[SpecChange], int | None] = lambda change: None


def hazards(change: SpecChange) -> Iterator[Hazard]:
    """Every rule that matches, in the order of the table."""
    for rule in RULES:
        if rule.matches(change):
            yield Hazard(
                code=rule.code,
                level=rule.level,
                component=change.component,
                message=rule.says(change),
                evidence=change.evidence if rule.forecasts else None,
                mendable=rule.mendable,
                better=rule.mend(change) if rule.mendable else None,
            )


def _is_full(change: SpecChange) -> bool:
    return not change.now.stated or change.now.value == 100


def _was_full(change: SpecChange) -> bool:
    return not change.is_new and (not change.was.stated or change.was.value == 100)


def _is_split(change: SpecChange) -> bool:
    return change.now.value is not None and 1 <= change.now.value <= 99


def _was_below_100(change: SpecChange) -> bool:
    return change.was.value is not None and change.was.value < 100


def _ignored(change: SpecChange) -> str | None:
    """Where KServe does not read the percent, None where it does."""
    found = [path for path in misplaced(change.after.spec) if _concerns(path, change.component)]
    if found:
        return found[0]
    mode = without_traffic(change.live.deployment_mode if change.live else None, change.after.annotations)
    return f"spec.{change.component} in {mode} mode" if mode and change.now.stated else None


def _concerns(path: str, component: Component) -> bool:
    part = re.split(r"[.\[]", path.removeprefix("spec").removeprefix("."))[0]
    return part == component or (part not in set(Component) and component is Component.PREDICTOR)


# What a registry or a bucket lets people move under the same name.
_MOVING = re.compile(r"(?i)(^|[/:@=])(latest|main|master|head|current|stable|prod|production|dev)/?$")
_PINNED_HUB = re.compile(r"^hf://[^/]+/[^/:]+:.+$")


def _unpinned(change: SpecChange) -> bool:
    uri = storage_uri(change)
    if uri is None or not (change.is_new or change.is_other_model):
        return False
    if uri.startswith("hf://"):
        return not _PINNED_HUB.match(uri) or bool(_MOVING.search(uri))
    if uri.startswith("oci://"):
        name = uri.rpartition("/")[2]
        return "@" not in name and (":" not in name or bool(_MOVING.search(name)))
    return bool(_MOVING.search(uri))


RULES: tuple[Rule, ...] = (
    Rule(
        "invalid-percent",
        Level.ERROR,
        "The percent is not a whole number from 0 to 100",
        lambda c: c.now.invalid is not None,
        lambda c: f"canaryTrafficPercent is {c.now.invalid!r}: Knative refuses it, and nothing of this change arrives",
        forecasts=False,
    ),
    Rule(
        "ignored-field",
        Level.ERROR,
        "KServe does not read the percent where it stands",
        lambda c: _ignored(c) is not None,
        lambda c: (
            f"canaryTrafficPercent at {_ignored(c)} is ignored: the whole change serves at once; "
            f"write it in spec.{c.component}, without {MODE_ANNOTATION} Standard"
        ),
        forecasts=False,
    ),
    Rule(
        "serves-canary",
        Level.ERROR,
        "The percent goes away together with the spec: everything goes to the canary first",
        lambda c: _was_below_100(c) and _is_full(c) and c.is_other_model and c.canary is not None,
        lambda c: (
            f"until the new revision is ready, 100 % goes to {c.canary}, as after a `git revert` of a canary: "
            "write the spec at canaryTrafficPercent 0 first, wait until it is ready, then remove the percent"
        ),
        mendable=True,
        mend=lambda c: 0,
    ),
    Rule(
        "zeroed-promoted",
        Level.ERROR,
        "The percent is removed while the spec that was taken back still stands",
        lambda c: c.was.value == 0 and c.zeroed and not c.is_other_target and _is_full(c),
        lambda c: (
            "this sends 100 % to the model that was taken back: write the good spec at 0 first, "
            "and remove the percent once it is ready"
        ),
        mendable=True,
        mend=lambda c: 0,
    ),
    Rule(
        "new-over-zeroed",
        Level.ERROR,
        "A new spec together with a percent above 0, over one that was taken back",
        lambda c: c.was.value == 0 and c.is_other_target and _is_split(c) and c.canary is not None,
        lambda c: (
            f"until the new revision is ready, {c.now.value} % goes to {c.canary}, which was taken back, and "
            "stays there if it never is: write the new spec at 0, and raise the percent once it is ready"
        ),
        mendable=True,
        mend=lambda c: 0,
    ),
    Rule(
        "zeroed-again",
        Level.WARNING,
        "A model that was taken back is tried again",
        lambda c: c.was.value == 0 and c.zeroed and not c.is_other_target and _is_split(c),
        lambda c: "this gives traffic to a model that was taken back; if that is meant, it counts as a new attempt",
    ),
    Rule(
        "falls-back",
        Level.ERROR,
        "A percent on a promoted service without a new spec is a rollback",
        lambda c: _was_full(c) and _is_split(c) and not c.is_other_model and not c.is_metadata_only,
        lambda c: (
            f"KServe takes this for a rollback: {100 - (c.now.value or 0)} % goes to the revision before; remove "
            "the percent, or write 0 to mean it"
        ),
        mendable=True,
    ),
    Rule(
        "is-rollback",
        Level.WARNING,
        "This is a rollback",
        lambda c: _was_full(c) and c.now.value == 0 and not c.is_other_model,
        lambda c: "this is a rollback to the revision before, in two passes of KServe",
    ),
    Rule(
        "straight-to-all",
        Level.WARNING,
        "A new model goes straight to 100 %",
        lambda c: _was_full(c) and c.is_other_model and _is_full(c),
        lambda c: "this goes straight to 100 % once it is ready: write a percent with it to make it a canary",
        mendable=True,
        mend=lambda c: c.first_step,
    ),
    Rule(
        "above-first-step",
        Level.WARNING,
        "A new model begins above the policy's first step",
        lambda c: c.is_other_model and _is_split(c) and c.first_step is not None and (c.now.value or 0) > c.first_step,
        lambda c: f"this begins at {c.now.value} %, the policy's first step is {c.first_step} %",
        mendable=True,
        mend=lambda c: c.first_step,
    ),
    Rule(
        "no-baseline",
        Level.WARNING,
        "A percent on the first revision is ignored",
        lambda c: c.is_new and c.now.value is not None and c.now.value < 100,
        lambda c: "there is nothing to split with yet: KServe ignores the percent, 100 % goes to the first revision",
        mendable=True,
    ),
    Rule(
        "metadata-revision",
        Level.WARNING,
        "A change of metadata makes a new revision",
        lambda c: c.is_metadata_only,
        lambda c: (
            "labels and annotations are copied to the revision template: this makes a new revision of the "
            "same model" + ("; it replaces the canary, and soaking begins anew" if c.was.stated else "")
        ),
    ),
    Rule(
        "unpinned-model",
        Level.NOTE,
        "The model's URI may change under the same name",
        _unpinned,
        lambda c: f"{storage_uri(c)} can be moved: a new model behind it makes no new revision, and no canary",
        forecasts=False,
    ),
)
"""Every hazard, worst first; `docs/check.md` lists them for users, kept in step by a test."""
