"""The trailers of a proposal's commit: written from a change, read back from any message as untrusted text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gitops_rollout.model.change import Change
from gitops_rollout.model.decision import Decision, Reason
from gitops_rollout.model.observation import RevisionRef
from gitops_rollout.model.targets import Component

TARGET = "Rollout-Target"
ACTION = "Rollout-Action"
CANDIDATE = "Rollout-Candidate"
BASELINE = "Rollout-Baseline"
REASON = "Rollout-Reason"
BASE = "Rollout-Base"
NOTE = "Rollout-Note"

_TRAILER = re.compile(r"^(Rollout-(?:Target|Action|Candidate|Baseline|Reason|Base|Note)): (\S.*)$", re.MULTILINE)
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_UNFIT = re.compile(r"[^A-Za-z0-9._/:-]")
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Trailers:
    """What a commit message says of a rollout. `base` is a full commit id; revisions are as the message has them.

    `note` are the words of a person who asked for it.
    """

    targets: tuple[str, ...] = ()
    action: str | None = None
    reason: str | None = None
    base: str | None = None
    note: str | None = None
    candidates: Mapping[Component, RevisionRef] = field(default_factory=dict)
    baselines: Mapping[Component, RevisionRef] = field(default_factory=dict)

    @property
    def ours(self) -> bool:
        """Whether the message says all that a proposal's commit says."""
        return bool(self.targets and self.action and self.base)

    @property
    def requested(self) -> bool:
        """Whether a person asked for it."""
        return self.reason == Reason.REQUESTED


def trailers(change: Change, note: str = "") -> tuple[tuple[str, str], ...]:
    """Names and values of a change's trailers, in order; each value is one line of plain characters.

    `note` are the words of a person who asked for it, made harmless for a commit message already.
    """
    decision = change.decision
    lines = [(TARGET, _word(str(target))) for target in change.targets]
    lines.append((ACTION, action_word(decision)))
    lines += [(CANDIDATE, _revision(part, decision.candidate[part])) for part in sorted(decision.candidate)]
    lines += [(BASELINE, _revision(part, decision.baseline[part])) for part in sorted(decision.baseline)]
    noted = [(NOTE, _line(note))] if _line(note) else []
    return (*lines, (REASON, str(decision.reason)), *noted, (BASE, change.base_commit))


def format_trailers(change: Change, note: str = "") -> str:
    """The trailers as the last paragraph of a commit message, without a final newline."""
    return "\n".join(f"{name}: {value}" for name, value in trailers(change, note))


def parse_trailers(message: str) -> Trailers:
    """The trailers in the last paragraph of `message` that has any; values that do not fit are left out."""
    found: dict[str, list[str]] = {}
    for paragraph in reversed(re.split(r"\n\s*\n", message.replace("\r\n", "\n"))):
        for name, value in _TRAILER.findall(paragraph):
            found.setdefault(name, []).append(value.strip()[:_LONGEST])
        if found:
            break
    base = next((value for value in found.get(BASE, []) if _COMMIT.fullmatch(value)), None)
    return Trailers(
        targets=tuple(found.get(TARGET, [])),
        action=next(iter(found.get(ACTION, [])), None),
        reason=next(iter(found.get(REASON, [])), None),
        base=base,
        note=next(iter(found.get(NOTE, [])), None),
        candidates=_revisions(found.get(CANDIDATE, [])),
        baselines=_revisions(found.get(BASELINE, [])),
    )


def trailer_lines(message: str) -> str:
    """The trailer lines of a message as they stand, to be carried into the message of a merge."""
    return "\n".join(f"{name}: {value.strip()}" for name, value in _TRAILER.findall(message.replace("\r\n", "\n")))


_BESIDE = (f"{BASE}: ", "Signed-off-by: ", "Co-authored-by: ", "Co-committed-by: ")


def without_base(message: str) -> str:
    """A message without the trailers that say nothing of what is proposed: its base, and who made the commit."""
    return "\n".join(line for line in message.splitlines() if not line.startswith(_BESIDE)).strip()


def action_word(decision: Decision) -> str:
    """The action as branches and trailers name it: a step with its percent (`step-25`), the others as they are."""
    percents = [percent for percent in decision.to_percents.values() if percent is not None]
    return f"step-{min(percents)}" if decision.action == "step" and percents else str(decision.action)


def _revision(component: Component, revision: RevisionRef) -> str:
    words = [str(component), _word(revision.name)]
    words += [f"uid={_word(revision.uid)}"] if revision.uid else []
    words += [f"model={_word(revision.model)}"] if revision.model else []
    return " ".join(words)


def _revisions(values: list[str]) -> dict[Component, RevisionRef]:
    found: dict[Component, RevisionRef] = {}
    for value in values:
        part, _, rest = value.partition(" ")
        words = rest.split()
        if part not in tuple(Component) or not words:
            continue
        facts = dict(word.split("=", 1) for word in words[1:] if "=" in word)
        found[Component(part)] = RevisionRef(words[0], facts.get("uid"), facts.get("model"))
    return found


def with_base(message: str, base: str) -> str:
    """A message of ours as one that was made on another base commit."""
    return re.sub(rf"^{BASE}: .*$", f"{BASE}: {base}", message, flags=re.MULTILINE)


def _line(text: str) -> str:
    """Text as one line that is not too long; what cannot be seen becomes a space."""
    return " ".join("".join(sign if sign.isprintable() or sign == " " else " " for sign in text).split())[:_LONGEST]


def _word(text: str) -> str:
    """One word of characters that Kubernetes names, uids and digests are made of; anything else becomes `?`."""
    return _UNFIT.sub("?", text)[:_LONGEST] or "?"
