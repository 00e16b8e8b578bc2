"""GitHub's GraphQL API, for what REST does not have: beside the REST API, with the same credentials."""

from collections.abc import Mapping
from typing import Any

from gitops_rollout.forges.http import Client, Refused, Unknown

# What GitHub says, with status 200, where it gave up on the way.
_GAVE_UP = "something went wrong while executing your query"


def graphql(client: Client, query: str, variables: Mapping[str, Any], *, repeatable: bool = False) -> Mapping[str, Any]:
    """The `data` of an answer. `Refused` with GitHub's own words where it says no, `Unknown` where it gave up."""
    url = f"{client.url.removesuffix('/v3')}/graphql"
    body = {"query": query, "variables": dict(variables)}
    answer = client.write("POST", url, body, repeatable=repeatable) or {}
    errors = answer.get("errors")
    if errors:
        said = " ".join(str(errors[0].get("message", "")).split())[:300] or "an error without a message"
        if _GAVE_UP in said.lower():
            raise Unknown(f"POST {url}: {said}", "Run again: it is looked at first.")
        raise Refused(said, 422)
    data = answer.get("data")
    return data if isinstance(data, Mapping) else {}
