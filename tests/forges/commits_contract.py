"""Commits that a forge makes through its API: the same tests for every forge that can."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from gitops_rollout.core.same_commit import same_commit
from gitops_rollout.core.trailers import format_trailers
from gitops_rollout.forges.api_commits import SCRATCH, Maker, NewCommit
from gitops_rollout.forges.hosted import HostedForge
from gitops_rollout.forges.http import Refused, Unknown
from gitops_rollout.model.change import Did
from gitops_rollout.model.doors import CommitRequest, RefUpdate
from gitops_rollout.model.errors import ForgeError
from gitops_rollout.repository.repository import GitRepository
from tests.core.changes import a_change
from tests.forges.contract import Bench, ForgeContract


class CommitsBench(Bench, Protocol):
    """A bench whose forge can commit."""

    def repository(self) -> GitRepository:
        """Our private store, opened anew."""

    def forge_that_commits(self, wrap: Callable[[Maker], Maker] = ...) -> HostedForge:
        """An adapter that has the forge make the commits; `wrap` stands between it and the forge."""


@dataclass
class Between:
    """Stands between the adapter and the forge: `before` and `after` may raise, or do what others do meanwhile."""

    maker: Maker
    before: Callable[[NewCommit], None] = lambda commit: None
    after: Callable[[NewCommit], None] = lambda commit: None

    @property
    def makes_branch(self) -> bool:
        return self.maker.makes_branch

    def committers(self) -> frozenset[str]:
        return self.maker.committers()

    def commit(self, commit: NewCommit) -> None:
        self.before(commit)
        self.maker.commit(commit)
        self.after(commit)


def lose_the_answer(commit: NewCommit) -> None:
    raise Unknown("the connection was cut")


class Killed(BaseException):
    """The run dies here."""


def die(commit: NewCommit) -> None:
    raise Killed


class CommitsContract:
    """The tests. `bench` is a fixture of the subclass."""

    def requests(self, bench: CommitsBench, *names: str) -> list[CommitRequest]:
        base = bench.base()
        found = []
        for name in names or ("score",):
            change = a_change("promote", to=None, base=base, name=name)
            message = f"Promote prod/fraud/{name}\n\nWhy it is due.\n\n{format_trailers(change)}\n"
            found.append(CommitRequest(base, {f"clusters/prod/{name}.yaml": b"percent: none\r\n# \xc3\xa9"}, message))
        return found

    def made(self, bench: CommitsBench, requests: Sequence[CommitRequest]) -> Sequence[str]:
        repository = bench.repository()
        repository.base_commit("main")
        return repository.commit(requests)

    def scratch(self, bench: CommitsBench) -> dict[str, str]:
        return {name: head for name, head in bench.branches().items() if f"refs/heads/{name}".startswith(SCRATCH)}

    def check(self, bench: CommitsBench, made: Sequence[str], remade: Sequence[str | ForgeError]) -> None:
        infos = bench.repository().read_commits([*made, *[str(one) for one in remade]])
        committers = bench.forge_that_commits().committers()
        for ours, theirs in zip(made, remade, strict=True):
            assert isinstance(theirs, str), theirs
            assert same_commit(infos[ours], infos[theirs])
            assert infos[theirs].committer in committers
        assert not self.scratch(bench)

    def test_the_forge_commits_the_same_on_the_same_base(self, bench: CommitsBench) -> None:
        requests = self.requests(bench, "score", "a", "new")
        made = self.made(bench, requests)
        bench.commit_on_base("README", b"moved on meanwhile")
        self.check(bench, made, bench.forge_that_commits().remake(made, requests))

    def test_several_files_go_into_one_commit(self, bench: CommitsBench) -> None:
        (request,) = self.requests(bench)
        request = replace(request, files={**request.files, "clusters/prod/a b/new.yaml": b"new\n", "README": b""})
        made = self.made(bench, [request])
        self.check(bench, made, bench.forge_that_commits().remake(made, [request]))

    def test_a_commit_whose_answer_was_lost_is_found(self, bench: CommitsBench) -> None:
        requests = self.requests(bench)
        made = self.made(bench, requests)
        asked: list[NewCommit] = []

        def lost(commit: NewCommit) -> None:
            asked.append(commit)
            lose_the_answer(commit)

        self.check(
            bench, made, bench.forge_that_commits(lambda maker: Between(maker, after=lost)).remake(made, requests)
        )
        assert len(asked) == 1

    def test_a_request_that_was_lost_is_sent_again(self, bench: CommitsBench) -> None:
        requests = self.requests(bench)
        made = self.made(bench, requests)
        faults = [lose_the_answer]

        def lost(commit: NewCommit) -> None:
            if faults:
                faults.pop()(commit)

        forge = bench.forge_that_commits(lambda maker: Between(maker, before=lost))
        self.check(bench, made, forge.remake(made, requests))

    def test_what_a_run_that_died_left_is_used(self, bench: CommitsBench) -> None:
        """Killed with the branch made and no commit on it, then with the commit made and not fetched."""
        requests = self.requests(bench)
        made = self.made(bench, requests)
        for where in ("before", "after"):
            try:
                forge = bench.forge_that_commits(lambda maker, where=where: Between(maker, **{where: die}))
                self.leave(forge, made, requests)
            except Killed:
                pass
        left = set(self.scratch(bench).values())
        remade = bench.forge_that_commits().remake(made, requests)
        assert set(remade) == left
        self.check(bench, made, remade)

    def leave(self, forge: HostedForge, made: Sequence[str], requests: Sequence[CommitRequest]) -> None:
        """Die without the cleaning that an exception would still do: a killed process does none."""
        commits = forge._commits
        assert commits is not None
        commits._clean = lambda tasks: None  # type: ignore[method-assign]  # the process is gone
        commits.remake(made, requests)

    def test_branches_of_dead_runs_on_older_bases_are_removed(self, bench: CommitsBench) -> None:
        repository = bench.repository()
        _, base = repository.base_commit("main")
        repository.push([[RefUpdate(f"{SCRATCH}0123456789abcdef", base, None)]])
        bench.commit_on_base("README", b"moved")
        requests = self.requests(bench)
        made = self.made(bench, requests)
        self.check(bench, made, bench.forge_that_commits().remake(made, requests))

    def test_two_runs_at_once_both_get_it(self, bench: CommitsBench) -> None:
        requests = self.requests(bench)
        made = self.made(bench, requests)
        others: list[Sequence[str | ForgeError]] = []

        def meanwhile(commit: NewCommit) -> None:
            if not others:
                others.append(bench.forge_that_commits().remake(made, requests))

        ours = bench.forge_that_commits(lambda maker: Between(maker, before=meanwhile)).remake(made, requests)
        self.check(bench, made, ours)
        self.check(bench, made, others[0])

    def test_one_that_is_refused_stops_no_other(self, bench: CommitsBench) -> None:
        requests = self.requests(bench, "a", "b", "c")
        made = self.made(bench, requests)

        def refuse(commit: NewCommit) -> None:
            if commit.files[0].path.endswith("/b.yaml"):
                raise Refused("this file is none of yours", 403)

        forge = bench.forge_that_commits(lambda maker: Between(maker, before=refuse))
        remade = forge.remake(made, requests)
        assert isinstance(remade[1], ForgeError)
        assert "none of yours" in remade[1].message
        self.check(bench, [made[0], made[2]], [remade[0], remade[2]])

    def test_a_commit_that_is_not_what_was_asked_for_is_not_taken(self, bench: CommitsBench) -> None:
        requests = self.requests(bench)
        made = self.made(bench, requests)

        def other(maker: Maker) -> Maker:
            class Other(Between):
                def commit(self, commit: NewCommit) -> None:
                    super().commit(replace(commit, files=[replace(one, data=b"changed") for one in commit.files]))

            return Other(maker)

        (result,) = bench.forge_that_commits(other).remake(made, requests)
        assert isinstance(result, ForgeError)
        assert not self.scratch(bench)

    def test_published_twice_by_two_runs_it_is_one_pull_request(self, bench: CommitsBench) -> None:
        """Each run has a commit of its own, made at another moment: the same change all the same."""
        draft = ForgeContract().draft(bench)
        repository = bench.repository()
        message = repository.read_commits([draft.commit])[draft.commit].message
        request = CommitRequest(bench.base(), {"clusters/prod/score.yaml": b"percent: None\n"}, message)
        reports = []
        for _ in range(2):
            forge = bench.forge_that_commits()
            (commit,) = forge.remake([draft.commit], [request])
            assert isinstance(commit, str), commit
            reports += forge.publish([replace(draft, commit=commit)])
        assert [report.did for report in reports] == [Did.CREATED, Did.FOUND]
        assert len(bench.forge().open_pulls()) == 1
