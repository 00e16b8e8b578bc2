"""What every forge does alike: the same tests run against each. A subclass says how to set one up."""

from dataclasses import replace
from typing import Protocol

from gitops_rollout.core.comment_marker import with_digest
from gitops_rollout.core.protection import can_merge_unattended, is_binding
from gitops_rollout.core.pull_marker import format_marker, marker_of
from gitops_rollout.core.trailers import format_trailers
from gitops_rollout.model.change import Did, Draft, PullRequest, PullState
from gitops_rollout.model.doors import Forge
from gitops_rollout.model.protection import Answer
from gitops_rollout.model.remarks import CommitStatus, Remark, StatusState
from tests.core.changes import a_change

HELD = CommitStatus(StatusState.PENDING, "held: soaking")
DUE = CommitStatus(StatusState.SUCCESS, "due: promote (soaked)")
CONTRARY = CommitStatus(StatusState.FAILURE, "not-fresh")
A_DIGEST, ANOTHER = "a" * 12, "b" * 12


class Bench(Protocol):
    """One forge with a repository behind it, and the hands of a person."""

    def forge(self) -> Forge:
        """A fresh adapter, as another run has it."""

    def base(self) -> str:
        """The commit of the base branch `main`."""

    def commit_on_base(self, path: str, data: bytes) -> str:
        """A person pushes a file to the base branch; returns the commit."""

    def propose(self, path: str, data: bytes, message: str) -> str:
        """Make our commit on the base, in the private store; returns its id."""

    def person_commits(self, branch: str) -> str:
        """A person pushes a commit to a branch; returns its id."""

    def person_closes(self, number: int) -> None:
        """A person closes a pull request."""

    def person_reopens(self, number: int) -> None:
        """A person reopens a pull request."""

    def person_deletes(self, branch: str) -> None:
        """A person deletes a branch."""

    def branches(self) -> dict[str, str]:
        """Branches of the remote by name."""

    def file(self, branch: str, path: str) -> bytes | None:
        """A file at the tip of a branch."""


class ForgeContract:
    """The tests. `bench` is a fixture of the subclass."""

    def draft(self, bench: Bench, name: str = "score", action: str = "promote", to: int | None = None) -> Draft:
        change = a_change(action, to=to, base=bench.base(), name=name)
        message = f"Promote prod/fraud/{name}\n\n{format_trailers(change)}\n"
        commit = bench.propose(f"clusters/prod/{name}.yaml", f"percent: {to}\n".encode(), message)
        body = f"Why\n\n{format_marker(marker_of(change))}\n"
        title = f"Promote {name}"
        return Draft(change.identity.change, change.branch, commit, "main", title, body, labels=("rollout",))

    def opened(self, bench: Bench, name: str = "score") -> PullRequest:
        forge = bench.forge()
        report = forge.publish([self.draft(bench, name)])[0]
        assert report.did is Did.CREATED, report
        assert report.number is not None
        pull = forge.pull(report.number)
        assert pull is not None
        return pull

    def test_nothing_is_open_at_first(self, bench: Bench) -> None:
        assert list(bench.forge().open_pulls()) == []
        assert list(bench.forge().ended_pulls("gitops-rollout/prod/fraud/score")) == []
        assert bench.forge().pull(999) is None

    def test_what_is_published_is_open_with_all_that_was_said(self, bench: Bench) -> None:
        draft = self.draft(bench)
        report = bench.forge().publish([draft])[0]
        assert (report.did, report.state) == (Did.CREATED, PullState.OPEN)
        (pull,) = bench.forge().open_pulls()
        assert (pull.number, pull.branch, pull.head) == (report.number, draft.branch, draft.commit)
        assert (pull.title, pull.body.strip()) == (draft.title, draft.body.strip())
        assert (pull.labels, pull.base_branch) == (("rollout",), "main")
        assert bench.branches()[draft.branch] == draft.commit

    def test_publishing_again_finds_it(self, bench: Bench) -> None:
        draft = self.draft(bench)
        first = bench.forge().publish([draft])[0]
        second = bench.forge().publish([draft])[0]
        assert (second.did, second.number) == (Did.FOUND, first.number)
        assert len(bench.forge().open_pulls()) == 1

    def test_many_at_once_get_numbers_of_their_own(self, bench: Bench) -> None:
        drafts = [self.draft(bench, name) for name in ("a", "b", "c")]
        reports = bench.forge().publish(drafts)
        assert [report.did for report in reports] == [Did.CREATED] * 3
        assert len({report.number for report in reports}) == 3
        assert {pull.branch for pull in bench.forge().open_pulls()} == {draft.branch for draft in drafts}

    def test_a_branch_left_by_a_run_that_died_is_used(self, bench: Bench) -> None:
        """Killed after the push and before the pull request: the same bytes are there already."""
        pull = self.opened(bench)
        bench.forge().close(pull, "gone", keep_branch=True)
        assert pull.branch in bench.branches()
        assert bench.forge().publish([self.draft(bench)])[0].did is Did.CREATED

    def test_commits_by_others_on_the_branch_are_never_overwritten(self, bench: Bench) -> None:
        pull = self.opened(bench)
        theirs = bench.person_commits(pull.branch)
        assert bench.forge().pull(pull.number).head == theirs
        moved = replace(self.draft(bench), commit=bench.propose("other", b"1", "other"))
        assert bench.forge().update(pull, moved).did is Did.CONFLICT
        bench.forge().close(pull, "closed")
        assert bench.branches()[pull.branch] == theirs
        assert bench.forge().publish([moved])[0].did is Did.CONFLICT
        assert bench.branches()[pull.branch] == theirs

    def test_our_close_is_marked_and_takes_the_branch_along(self, bench: Bench) -> None:
        pull = self.opened(bench)
        assert bench.forge().close(pull, "no longer due").did is Did.CLOSED
        assert not bench.forge().open_pulls()
        assert pull.branch not in bench.branches()
        (ended,) = bench.forge().ended_pulls("gitops-rollout/prod/fraud/score")
        assert (ended.number, ended.state, ended.closed_by_us) == (pull.number, PullState.CLOSED, True)
        assert ended.ended is not None

    def test_closing_twice_does_nothing(self, bench: Bench) -> None:
        pull = self.opened(bench)
        bench.forge().close(pull, "once")
        assert bench.forge().close(pull, "twice").did is Did.NONE
        assert len(bench.forge().ended_pulls("gitops-rollout/prod/fraud/score")) == 1

    def test_a_persons_close_is_theirs(self, bench: Bench) -> None:
        pull = self.opened(bench)
        bench.person_closes(pull.number)
        (ended,) = bench.forge().ended_pulls("gitops-rollout/prod/fraud/score")
        assert (ended.state, ended.closed_by_us, ended.branch_deleted) == (PullState.CLOSED, False, False)

    def test_reopening_makes_it_open_again(self, bench: Bench) -> None:
        pull = self.opened(bench)
        bench.person_closes(pull.number)
        bench.person_reopens(pull.number)
        assert [open_pull.number for open_pull in bench.forge().open_pulls()] == [pull.number]
        assert not bench.forge().ended_pulls("gitops-rollout/prod/fraud/score")

    def test_a_deleted_branch_is_told_apart_from_a_close(self, bench: Bench) -> None:
        pull = self.opened(bench)
        bench.person_deletes(pull.branch)
        forge = bench.forge()
        seen = [*forge.open_pulls(), *forge.ended_pulls("gitops-rollout/prod/fraud/score")]
        assert [(p.number, p.branch_deleted, p.closed_by_us) for p in seen] == [(pull.number, True, False)]

    def test_ended_ones_are_those_of_the_change_newest_first(self, bench: Bench) -> None:
        first = self.opened(bench)
        bench.forge().close(first, "one")
        other = self.opened(bench, "score-b")
        bench.forge().close(other, "other")
        second = self.opened(bench)
        bench.forge().close(second, "two")
        forge = bench.forge()
        assert [p.number for p in forge.ended_pulls("gitops-rollout/prod/fraud/score")] == [second.number, first.number]

    def test_an_update_moves_branch_and_texts(self, bench: Bench) -> None:
        pull = self.opened(bench)
        bench.commit_on_base("README", b"moved")
        draft = replace(self.draft(bench), title="Another title")
        assert draft.commit != pull.head
        assert bench.forge().update(pull, draft).did is Did.UPDATED
        (now,) = bench.forge().open_pulls()
        assert (now.number, now.title, now.head) == (pull.number, "Another title", draft.commit)
        assert bench.branches()[pull.branch] == draft.commit

    def test_a_merge_brings_the_change_to_the_base(self, bench: Bench) -> None:
        pull = self.opened(bench)
        onto = bench.base()
        report = bench.forge().merge(pull, onto)
        assert (report.did, report.state) == (Did.MERGED, PullState.MERGED), report
        assert bench.file("main", "clusters/prod/score.yaml") == b"percent: None\n"
        assert pull.branch not in bench.branches()
        (ended,) = bench.forge().ended_pulls("gitops-rollout/prod/fraud/score")
        assert (ended.state, ended.merged_commit) == (PullState.MERGED, bench.base())

    def test_a_merge_keeps_what_happened_elsewhere(self, bench: Bench) -> None:
        pull = self.opened(bench)
        onto = bench.commit_on_base("README", b"moved")
        assert bench.forge().merge(pull, onto).did is Did.MERGED
        assert bench.file("main", "README") == b"moved"
        assert bench.file("main", "clusters/prod/score.yaml") == b"percent: None\n"

    def test_a_merge_onto_a_base_that_has_moved_is_refused(self, bench: Bench) -> None:
        """It was judged fresh on a base that is no longer there: observe again first."""
        pull = self.opened(bench)
        onto = bench.base()
        moved = bench.commit_on_base("clusters/prod/score.yaml", b"model: new\n")
        report = bench.forge().merge(pull, onto)
        assert report.did is Did.CONFLICT
        assert report.message
        assert bench.base() == moved

    def test_a_merge_that_no_longer_applies_is_refused(self, bench: Bench) -> None:
        pull = self.opened(bench)
        onto = bench.commit_on_base("clusters/prod/score.yaml", b"model: new\n")
        report = bench.forge().merge(pull, onto)
        assert report.did is Did.CONFLICT
        assert "no longer applies" in report.message
        assert bench.base() == onto

    def test_a_merge_of_a_head_that_was_not_looked_at_is_refused(self, bench: Bench) -> None:
        pull = self.opened(bench)
        bench.person_commits(pull.branch)
        onto = bench.base()
        assert bench.forge().merge(pull, onto).did is Did.CONFLICT
        assert bench.base() == onto

    def test_what_is_merged_cannot_be_closed_or_merged_again(self, bench: Bench) -> None:
        pull = self.opened(bench)
        bench.forge().merge(pull, bench.base())
        base = bench.base()
        assert bench.forge().close(pull, "late").did is Did.NONE
        assert bench.forge().merge(pull, base).did in (Did.NONE, Did.CONFLICT)
        assert bench.base() == base

    def remarked(self, bench: Bench, pull: PullRequest, comment: str | None, status: CommitStatus | None) -> bool:
        """Whether a remark wrote anything."""
        (done,) = bench.forge().remark([Remark(pull, comment, status)])
        assert done.problem is None, done.problem
        return done.wrote

    def test_nothing_is_said_at_first(self, bench: Bench) -> None:
        pull = self.opened(bench)
        said = bench.forge().remarks_on(pull)
        assert (said.comment, said.status) == (None, None)

    def test_our_comment_is_one_and_is_edited_when_its_verdict_changes(self, bench: Bench) -> None:
        pull = self.opened(bench)
        assert self.remarked(bench, pull, with_digest("0.01 of 0.05", A_DIGEST), None)
        assert not self.remarked(bench, pull, with_digest("0.02 of 0.05", A_DIGEST), None)
        said = bench.forge().remarks_on(pull).comment
        assert said is not None
        assert said.strip() == with_digest("0.01 of 0.05", A_DIGEST).strip()
        assert self.remarked(bench, pull, with_digest("0.07 of 0.05", ANOTHER), None)
        said = bench.forge().remarks_on(pull).comment
        assert said is not None
        assert said.startswith("0.07 of 0.05")
        assert not self.remarked(bench, pull, with_digest("0.07 of 0.05", ANOTHER), None)

    def test_a_status_is_written_where_it_differs(self, bench: Bench) -> None:
        pull = self.opened(bench)
        for status in (HELD, DUE, HELD, CONTRARY):
            assert self.remarked(bench, pull, None, status), status
            assert not self.remarked(bench, pull, None, status), status
            assert bench.forge().remarks_on(pull).status == status

    def test_a_status_is_of_the_head_that_it_was_said_of(self, bench: Bench) -> None:
        pull = self.opened(bench)
        assert self.remarked(bench, pull, None, DUE)
        bench.person_commits(pull.branch)
        moved = bench.forge().pull(pull.number)
        assert moved is not None
        assert bench.forge().remarks_on(moved).status is None

    def test_remarks_on_many_are_each_their_own(self, bench: Bench) -> None:
        pulls = [self.opened(bench, name) for name in ("a", "b")]
        remarks = [Remark(pull, with_digest(pull.title, A_DIGEST), DUE) for pull in pulls]
        assert [done.wrote for done in bench.forge().remark(remarks)] == [True, True]
        assert [done.wrote for done in bench.forge().remark(remarks)] == [False, False]
        for pull in pulls:
            assert (bench.forge().remarks_on(pull).comment or "").startswith(pull.title)

    def test_remarks_stay_with_what_is_updated_and_merged(self, bench: Bench) -> None:
        pull = self.opened(bench)
        assert self.remarked(bench, pull, with_digest("Now", A_DIGEST), DUE)
        bench.forge().update(pull, replace(self.draft(bench), title="Another title"))
        now = bench.forge().pull(pull.number)
        assert now is not None
        assert not self.remarked(bench, now, with_digest("Now", A_DIGEST), DUE)
        assert bench.forge().merge(now, bench.base()).did is Did.MERGED

    def test_a_branch_without_rules_may_be_merged_into_by_nobodys_leave(self, bench: Bench) -> None:
        rules = bench.forge().protection()
        assert can_merge_unattended(rules, signing=False)[0] is Answer.YES
        assert is_binding(rules)[0] is (Answer.YES if bench.forge().kind == "local" else Answer.NO)

    def test_a_draft_stays_one_when_its_words_change(self, bench: Bench) -> None:
        draft = replace(self.draft(bench), draft=True)
        bench.forge().publish([draft])
        (pull,) = bench.forge().open_pulls()
        assert (pull.title, pull.draft) == (draft.title, True)
        assert bench.forge().update(pull, replace(draft, title="Another title")).did is Did.UPDATED
        (pull,) = bench.forge().open_pulls()
        assert (pull.title, pull.draft) == ("Another title", True)
        bench.forge().close(pull, "gone")
        (ended,) = bench.forge().ended_pulls("gitops-rollout/prod/fraud/score")
        assert (ended.title, ended.draft, ended.closed_by_us) == ("Another title", True, True)
