"""Labels, reviewers and assignees on GitHub, which are added to a pull request once it is open."""

from collections.abc import Mapping
from typing import Any

from gitops_rollout.forges.http import Client
from gitops_rollout.model.change import Draft
from gitops_rollout.model.errors import ForgeError

DECORATED = frozenset({"labeled", "assigned", "review_requested"})
"""The events that adding them leaves behind, also when a person takes them off again."""


def decorate(client: Client, repo: str, number: int, draft: Draft) -> None:
    """Reviewers, assignees, and labels at last, so that these tell that all was tried; the first refusal is raised."""
    people = [name for name in draft.reviewers if "/" not in name]
    teams = [name.partition("/")[2] for name in draft.reviewers if "/" in name]
    issue = f"{repo}/issues/{number}"
    requests = [
        (bool(draft.reviewers), f"{repo}/pulls/{number}/requested_reviewers",
         {"reviewers": people, "team_reviewers": teams}),
        (bool(draft.assignees), f"{issue}/assignees", {"assignees": list(draft.assignees)}),
        (bool(draft.labels), f"{issue}/labels", {"labels": list(draft.labels)}),
    ]  # fmt: skip
    refused: list[ForgeError] = []
    for wanted, path, body in requests:
        if wanted:
            try:
                client.write("POST", path, body, repeatable=True)
            except ForgeError as error:
                refused.append(error)
    if refused:
        raise refused[0]


def people_of(raw: Mapping[str, Any], key: str, name: str) -> tuple[str, ...]:
    """The names in one of the lists of a pull request."""
    return tuple(str(one[name]) for one in raw.get(key) or ())
