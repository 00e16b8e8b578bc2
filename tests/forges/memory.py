"""A remote repository in memory, as strict as git about leases: for tests that are quick."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gitops_rollout.model.doors import CommitInfo, CommitRequest, PushResult, RefUpdate

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class MemoryStore:
    """Refs and commits. `before_push` runs before each push: tests let somebody else be quicker there."""

    refs: dict[str, str] = field(default_factory=dict)
    trees: dict[str, dict[str, bytes]] = field(default_factory=dict)
    infos: dict[str, CommitInfo] = field(default_factory=dict)
    before_push: list[object] = field(default_factory=list)

    def read_refs(self, prefix: str) -> Mapping[str, str]:
        assert prefix.startswith("refs/")
        assert prefix.endswith("/")
        return {ref: value for ref, value in self.refs.items() if ref.startswith(prefix)}

    def read_files(self, commit: str) -> Mapping[str, bytes]:
        return dict(self.trees[commit])

    def write_files(self, files: Mapping[str, bytes], message: str, parents: Sequence[str], when: datetime) -> str:
        return self.make(files, message, parents, when)

    def make(
        self, files: Mapping[str, bytes], message: str, parents: Sequence[str], when: datetime = EPOCH, by: str = "us"
    ) -> str:
        text = repr((sorted(files.items()), message, tuple(parents), when, by))
        commit = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        self.trees[commit] = dict(files)
        self.infos[commit] = CommitInfo(commit, tuple(parents), by, message, when)
        return commit

    def read_commits(self, ids: Sequence[str]) -> Mapping[str, CommitInfo]:
        return {commit: self.infos[commit] for commit in ids if commit in self.infos}

    def push(self, groups: Sequence[Sequence[RefUpdate]]) -> Sequence[PushResult]:
        while self.before_push:
            act = self.before_push.pop(0)
            assert callable(act)
            act()
        return [self._move(group) for group in groups]

    def _move(self, group: Sequence[RefUpdate]) -> PushResult:
        named = [update.ref for update in group]
        assert len(set(named)) == len(named), f"git refuses a ref that is named twice: {named}"
        for update in group:
            if self.refs.get(update.ref) != update.expected:
                return PushResult(False, f"{update.ref}: stale info")
            assert update.new is None or update.new in self.trees, f"{update.new} is not here"
            assert update.new is not None or update.expected is not None, f"{update.ref}: deletes what is not there"
        for update in group:
            if update.new is None:
                del self.refs[update.ref]
            else:
                self.refs[update.ref] = update.new
        return PushResult(True)

    def merge(self, base: str, head: str, message: str, when: datetime) -> str | None:
        """A merge by whole files: what `head` changed since its parent, where `base` still has it as it was."""
        before, after, here = self.trees[self.infos[head].parents[0]], self.trees[head], self.trees[base]
        changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
        if any(here.get(path) != before.get(path) for path in changed):
            return None
        files = {path: data for path, data in here.items() if path not in changed}
        files.update({path: after[path] for path in changed if path in after})
        return self.make(files, message, [base, head], when)


@dataclass
class MemoryRepository(MemoryStore):
    """The same as a whole repository with a base branch `main`, as far as pull requests need one."""

    def base_commit(self, branch: str | None) -> tuple[str, str]:
        return branch or "main", self.refs[f"refs/heads/{branch or 'main'}"]

    def read_file(self, commit: str, path: str) -> bytes | None:
        return self.trees[commit].get(path)

    def commit(self, requests: Sequence[CommitRequest]) -> Sequence[str]:
        return [
            self.make({**self.trees[one.base], **one.files}, one.message, [one.base], self.infos[one.base].committed)
            for one in requests
        ]

    def touched_since(self, old: str, new: str) -> Sequence[str] | None:
        touched: set[str] = set()
        while new != old:
            parents = self.infos[new].parents
            if not parents:
                return None
            before, after = self.trees[parents[0]], self.trees[new]
            touched.update(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
            new = parents[0]
        return sorted(touched)
