"""What a person asked for keeps their words, and its status lets it be merged."""

from dataclasses import replace

from gitops_rollout.core.lifecycle.opened import Opened, parse_branch
from gitops_rollout.core.lifecycle.ready import ready_status
from gitops_rollout.core.lifecycle.upkeep import upkeep
from gitops_rollout.core.lifecycle.verdicts import Update, Verdict
from gitops_rollout.core.pull_marker import body_of
from gitops_rollout.core.trailers import format_trailers, parse_trailers
from gitops_rollout.model.change import Proposal, PullRequest, PullState, Standing
from gitops_rollout.model.decision import Action, Reason
from tests.core.changes import a_change, a_decision

OLD, NEW = "b" * 40, "c" * 40


def proposal(base: str, words: str | None = None, to: int | None = None) -> Proposal:
    """A promotion by the table, or with `words` by a person."""
    change = a_change("promote" if to is None else "step", to, base)
    if words is not None:
        change = replace(change, decision=replace(change.decision, reason=Reason.REQUESTED, requested=words))
    title = f"Promote {words or 'soaked'}"
    message = f"{title}\n\n{format_trailers(change, note=words or '')}\n"
    return Proposal(change, {}, "", title, f"because of {words}", message)


def opened(made: Proposal, *, applies: bool = True, ours: bool = True) -> Opened:
    name = parse_branch(made.change.branch)
    assert name is not None
    body = body_of(made)
    pull = PullRequest(4, "", PullState.OPEN, made.change.branch, "f" * 40, "main", made.title, body)
    return Opened(pull, name, parse_trailers(made.message), made.message, ours=ours, applies=applies)


def test_the_table_leaves_a_persons_texts_alone() -> None:
    assert upkeep(opened(proposal(OLD, "urgent fix")), proposal(OLD)) == ()


def test_a_rebuild_on_a_moved_base_keeps_them() -> None:
    asked = proposal(OLD, "urgent fix")
    (effect,) = upkeep(opened(asked, applies=False), proposal(NEW))
    assert isinstance(effect, Update)
    assert effect.push
    said = parse_trailers(effect.proposal.message)
    assert (said.note, said.reason, said.base) == ("urgent fix", "requested", NEW)
    assert effect.proposal.title == asked.title
    assert effect.proposal.body.strip() == asked.body


def test_a_person_gives_one_of_the_tables_their_words() -> None:
    (effect,) = upkeep(opened(proposal(OLD)), proposal(OLD, "urgent fix"))
    assert isinstance(effect, Update)
    assert parse_trailers(effect.proposal.message).note == "urgent fix"


def test_its_status_lets_it_be_merged_while_the_table_would_rather_wait() -> None:
    asked = proposal(OLD, "urgent fix")
    held = replace(a_decision(), action=Action.HOLD, reason=Reason.SOAKING, to_percents={})
    change = asked.change
    standing = Standing(change.identity.change, change.source, change.targets, held, None)

    def status(one: Opened) -> str:
        found = ready_status(one, standing, Verdict(standing.change))
        return "" if found is None else f"{found.state} {found.description}"

    assert status(opened(asked)) == "success asked for by a person: promote"
    assert status(opened(proposal(OLD))) == "pending held: soaking"
    assert status(replace(opened(asked), stale="somebody touched it")).startswith("failure")
    assert status(opened(asked, ours=False)) == ""
