"""The JSON schema of the policy file, for editors and for `gitops-rollout schema policy`."""

from typing import Any

from gitops_rollout.config.models import PolicyFile


def policy_schema() -> dict[str, Any]:
    """The policy file's JSON schema (draft 2020-12), also published as `docs/schema/policy.json`."""
    schema = PolicyFile.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
