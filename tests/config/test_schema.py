import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from gitops_rollout.config.load import load_policy
from gitops_rollout.config.schema import policy_schema
from gitops_rollout.model.errors import PolicyError
from tests.config.test_policy import EXAMPLE

PUBLISHED = Path(__file__).parents[2] / "docs" / "schema" / "policy.json"


def test_the_published_schema_is_the_one_in_the_code() -> None:
    """Where this fails: `gitops-rollout schema policy > docs/schema/policy.json`."""
    assert json.loads(PUBLISHED.read_text()) == policy_schema()


def test_the_schema_takes_what_the_loader_takes() -> None:
    jsonschema.Draft202012Validator.check_schema(policy_schema())
    jsonschema.validate(yaml.safe_load(EXAMPLE), policy_schema())


@pytest.mark.parametrize(
    "text",
    [
        "mod: x",
        "mode: x",
        "version: 2",
        "defaults: {soak: 1}",
        "defaults: {soak: 1w}",
        "clusters: [{name: A}]",
        "rules: [{}]",
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(text: str) -> None:
    with pytest.raises(PolicyError):
        load_policy(text.encode(), "policy.yaml")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(text), policy_schema())
