"""GitHub's GraphQL API as the adapter uses it: commits, the merge queue, auto-merge. Unknown requests are errors."""

import base64
from dataclasses import dataclass, field
from typing import Any

from gitops_rollout.forges.github import commits as github_commits
from gitops_rollout.forges.github import queue as github_queue
from tests.forges.fakes.pulls import Pull, Pulls, RefusedError


@dataclass
class FakeGraphQL:
    """`queue`: the base branch has a merge queue. `checks` tells whether the required checks have passed."""

    pulls: Pulls
    queue: bool = False
    auto_merge: bool = True
    checks: bool = True
    queued: set[int] = field(default_factory=set)
    waiting: dict[int, str] = field(default_factory=dict)
    mutations: list[str] = field(default_factory=list)

    def answer(self, body: Any) -> tuple[int, Any]:
        known = {
            github_commits.COMMIT: self.commit,
            github_queue.LOOK: self.look,
            github_queue.ENQUEUE: self.enqueue,
            github_queue.AUTO_MERGE: self.enable,
        }
        assert body["query"] in known, f"the fake knows no {body['query']}"
        if body["query"].startswith("mutation"):
            self.mutations.append(body["query"].split("(")[0].split()[1])
        try:
            return 200, {"data": known[body["query"]](body["variables"])}
        except RefusedError as refused:
            return 200, {"data": None, "errors": [{"message": refused.message}]}

    def commit(self, variables: Any) -> Any:
        order = variables["input"]
        branch = order["branch"]["branchName"]
        assert order["branch"]["repositoryNameWithOwner"] == "acme/models"
        head = self.pulls.heads().get(branch)
        if head is None:
            raise RefusedError(422, f"A ref named {branch} does not exist")
        if head != order["expectedHeadOid"]:
            raise RefusedError(422, f"Expected branch to point to {order['expectedHeadOid']} but it points to {head}")
        files = {one["path"]: base64.b64decode(one["contents"]) for one in order["fileChanges"]["additions"]}
        message = f"{order['message']['headline']}\n\n{order['message']['body']}"
        return {"createCommitOnBranch": {"commit": {"oid": self.pulls.commit(
            branch, head, files, message, "noreply@github.com")}}}  # fmt: skip

    def look(self, variables: Any) -> Any:
        pull = self.find(variables)
        enabled = {"enabledAt": pull.created} if pull.number in self.waiting else None
        methods = ("mergeCommitAllowed", "squashMergeAllowed", "rebaseMergeAllowed")
        return {"node": {
            "isInMergeQueue": pull.number in self.queued, "isMergeQueueEnabled": self.queue,
            "headRefOid": pull.head, "autoMergeRequest": enabled,
            "repository": {"autoMergeAllowed": self.auto_merge, **dict.fromkeys(methods, True)},
        }}  # fmt: skip

    def enqueue(self, variables: Any) -> Any:
        pull = self.find(variables, head=True)
        if not self.queue or not self.checks:
            raise RefusedError(422, "Pull request is not ready to be queued")
        self.queued.add(pull.number)
        return {"enqueuePullRequest": {"mergeQueueEntry": {"position": 1, "state": "QUEUED"}}}

    def enable(self, variables: Any) -> Any:
        pull = self.find(variables, head=True)
        if not self.auto_merge:
            raise RefusedError(422, "Auto merge is not allowed for this repository")
        if self.checks:
            raise RefusedError(422, "Pull request is in clean status")
        self.waiting[pull.number] = variables["method"]
        return {"enablePullRequestAutoMerge": {"pullRequest": {"autoMergeRequest": {"enabledAt": pull.created}}}}

    def find(self, variables: Any, *, head: bool = False) -> Pull:
        pull = self.pulls.get(int(variables["pull"].removeprefix("PR_")))
        if head and variables["head"] != pull.head:
            raise RefusedError(422, "Head sha didn't match expected head oid")
        return pull
