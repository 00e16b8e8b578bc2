"""The effects that a run may have on a forge, as values, and the verdict that holds those of one change."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from gitops_rollout.model.change import Did, Proposal, PullRequest
from gitops_rollout.model.decision import Action, Reason


class Why(StrEnum):
    """Why a pull request of ours is closed by us."""

    NOT_FRESH = "not-fresh"
    CONTRARY = "contrary"
    SUPERSEDED = "superseded"
    DUPLICATE = "duplicate"
    TARGET_GONE = "target-gone"
    BRANCH_DELETED = "branch-deleted"


@dataclass(frozen=True, slots=True)
class Close:
    """Close a pull request, saying why in a comment; its branch stays where others have committed or still need it."""

    pull: PullRequest
    why: Why
    comment: str
    keep_branch: bool = False


def superseded(close: Close, number: int) -> Close:
    """The same, with a link to the pull request that takes its place."""
    return replace(close, comment=f"{close.comment} Superseded by #{number}.")


@dataclass(frozen=True, slots=True)
class Open:
    """Push the branch of a proposal and open its pull request.

    `supersedes` are closed afterwards, with a link to the new one. Before a rollback opens, the others of its change
    are closed: they are effects of their own then.
    """

    proposal: Proposal
    supersedes: tuple[Close, ...] = ()


@dataclass(frozen=True, slots=True)
class Update:
    """Give an open pull request the proposal's texts, and its branch the proposal's commit where `push` is True."""

    pull: PullRequest
    proposal: Proposal
    push: bool


@dataclass(frozen=True, slots=True)
class Unmark:
    """Take back the mark of our own close from one that stays open, so that a person's close counts as theirs."""

    pull: PullRequest


@dataclass(frozen=True, slots=True)
class Merge:
    """Merge an open pull request that the policy lets us merge."""

    pull: PullRequest
    proposal: Proposal


Effect = Close | Open | Update | Unmark | Merge


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done about one change's pull requests.

    `pull` is the one that stands for it (None while there is none); `did` is what the report says when every effect
    succeeds. `action` and `reason` are set where they replace the decision's own: `vetoed`, `in-flight`,
    `open-limit`, or a rollback that is not withdrawn.
    """

    change: str
    effects: tuple[Effect, ...] = ()
    pull: PullRequest | None = None
    did: Did = Did.NONE
    action: Action | None = None
    reason: Reason | None = None
    message: str = ""


Verdicts = Mapping[str, Verdict]
