"""Every policy that the documents show is one that can be read."""

import re
from pathlib import Path

import pytest

from gitops_rollout.config.load import load_policy
from gitops_rollout.data import data_path

ROOT = Path(__file__).parent.parent.parent
SHOWN = [
    (f"{document.name}, block {number}", block)
    for document in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    for number, block in enumerate(re.findall(r"^```yaml\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL))
    if block.startswith("version: 1\n")
]


@pytest.mark.parametrize(("name", "text"), SHOWN, ids=[name for name, _ in SHOWN])
def test_a_policy_in_the_documents_can_be_read(name: str, text: str) -> None:
    assert load_policy(text.encode(), name).clusters


def test_the_example_has_a_policy_for_its_three_clusters() -> None:
    path = data_path("examples") / "repo" / ".gitops-rollout.yaml"
    policy = load_policy(path.read_bytes(), path.name)
    assert [cluster.name for cluster in policy.clusters] == ["prod-eu", "prod-us", "staging"]
