"""The embedded forge: the contract of all forges, and what is its own."""

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from gitops_rollout.forges.local.forge import LocalForge
from gitops_rollout.model.change import Did
from gitops_rollout.model.errors import ForgeError
from tests.forges.contract import Bench, ForgeContract
from tests.forges.git_bench import GitBench
from tests.forges.memory import EPOCH, MemoryStore

MAIN = "refs/heads/main"


@dataclass
class MemoryBench:
    """The embedded forge over a remote in memory."""

    store: MemoryStore = field(default_factory=MemoryStore)

    def __post_init__(self) -> None:
        files = {f"clusters/prod/{name}.yaml": b"percent: 10\n" for name in ("score", "score-b", "a", "b", "c")}
        self.store.refs[MAIN] = self.store.make({**files, "README": b"hello"}, "first", [], by="person")

    def forge(self, who: str = "gitops-rollout") -> LocalForge:
        return LocalForge(self.store, EPOCH + timedelta(hours=1), who)

    def base(self) -> str:
        return self.store.refs[MAIN]

    def commit_on_base(self, path: str, data: bytes) -> str:
        return self._push(MAIN, path, data)

    def propose(self, path: str, data: bytes, message: str) -> str:
        base = self.base()
        return self.store.make({**self.store.trees[base], path: data}, message, [base])

    def person_commits(self, branch: str) -> str:
        return self._push(f"refs/heads/{branch}", "theirs", b"theirs")

    def person_closes(self, number: int) -> None:
        forge = self.forge("person")
        pull = forge.pull(number)
        assert pull is not None
        assert forge.close(pull, "no", by_us=False, keep_branch=True).did is Did.CLOSED

    def person_reopens(self, number: int) -> None:
        forge = self.forge("person")
        pull = forge.pull(number)
        assert pull is not None
        assert forge.reopen(pull).did is Did.UPDATED

    def person_deletes(self, branch: str) -> None:
        del self.store.refs[f"refs/heads/{branch}"]

    def branches(self) -> dict[str, str]:
        return {ref.removeprefix("refs/heads/"): value for ref, value in self.store.read_refs("refs/heads/").items()}

    def file(self, branch: str, path: str) -> bytes | None:
        return self.store.trees[self.store.refs[f"refs/heads/{branch}"]].get(path)

    def _push(self, ref: str, path: str, data: bytes) -> str:
        tip = self.store.refs[ref]
        commit = self.store.make({**self.store.trees[tip], path: data}, "by a person", [tip], by="person")
        self.store.refs[ref] = commit
        return commit


class TestInMemory(ForgeContract):
    @pytest.fixture
    def bench(self) -> Bench:
        return MemoryBench()


class TestInGit(ForgeContract):
    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        return GitBench(tmp_path)


def test_a_number_that_somebody_took_becomes_the_next() -> None:
    bench, contract = MemoryBench(), ForgeContract()
    draft, theirs = contract.draft(bench, "a"), contract.draft(bench, "b")
    bench.store.before_push.append(lambda: bench.forge().publish([theirs]))
    report = bench.forge().publish([draft])[0]
    assert (report.did, report.number) == (Did.CREATED, 2)


def test_the_same_proposal_by_somebody_quicker_is_found() -> None:
    bench, contract = MemoryBench(), ForgeContract()
    draft = contract.draft(bench)
    bench.store.before_push.append(lambda: bench.forge().publish([draft]))
    report = bench.forge().publish([draft])[0]
    assert (report.did, report.number) == (Did.FOUND, 1)
    assert len(bench.forge().open_pulls()) == 1


def test_the_refs_are_those_that_scripts_know() -> None:
    bench = MemoryBench()
    pull = ForgeContract().opened(bench)
    assert "refs/gitops-rollout/pulls/1" in bench.store.refs
    assert f"refs/gitops-rollout/open/{pull.branch[-8:]}" in bench.store.refs
    written = json.loads(bench.store.read_files(bench.store.refs["refs/gitops-rollout/pulls/1"])["pull.json"])
    assert (written["number"], written["state"], written["branch"]) == (1, "open", pull.branch)
    bench.forge().close(pull, "done")
    assert not bench.store.read_refs("refs/gitops-rollout/open/")
    assert [event.what for event in bench.forge().events(1)] == ["opened", "closed"]


def test_closing_survives_somebody_who_writes_at_the_same_moment() -> None:
    bench = MemoryBench()
    pull = ForgeContract().opened(bench)
    draft = replace(ForgeContract().draft(bench), title="Another")
    bench.store.before_push.append(lambda: bench.forge().update(pull, draft))
    assert bench.forge().close(pull, "done").did is Did.CLOSED
    ended = bench.forge().pull(pull.number)
    assert ended is not None
    assert ended.title == "Another"


def test_what_cannot_be_read_is_named() -> None:
    bench = MemoryBench()
    broken = bench.store.make({"pull.json": b"{"}, "broken", [])
    bench.store.refs["refs/gitops-rollout/open/0123abcd"] = broken
    with pytest.raises(ForgeError, match="refs/gitops-rollout/open/0123abcd"):
        bench.forge().open_pulls()


def test_changing_a_pull_request_that_does_not_exist_is_an_error() -> None:
    bench = MemoryBench()
    pull = ForgeContract().opened(bench)
    with pytest.raises(ForgeError, match="#7"):
        bench.forge().close(replace(pull, number=7), "gone")
