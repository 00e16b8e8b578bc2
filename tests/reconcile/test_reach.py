"""How far a run reads, and that nothing beyond counts as missing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gitops_rollout.model.policy import ClusterPolicy
from gitops_rollout.model.reach import Reach
from gitops_rollout.reconcile.observation.reach import reach_of

EVERYTHING = ClusterPolicy("prod")
LIMITED = ClusterPolicy("prod", namespaces=("a", "b"), labels={"team": "x"}, timeout=timedelta(seconds=5))


@pytest.mark.parametrize(
    ("only", "namespaces"),
    [
        ((), ()),
        (("prod/fraud/*",), ("fraud",)),
        (("prod/fraud/*", "*/search/x"), ("fraud", "search")),
        (("prod/fraud/*", "dev/search/x"), ("fraud",)),
        (("dev/search/x",), ()),
        (("prod/fraud/*", "prod/*/x"), ()),
        (("prod/*",), ()),
        (("prod/f?/x",), ()),
    ],
)
def test_only_narrows_to_the_namespaces_that_it_names(only: tuple[str, ...], namespaces: tuple[str, ...]) -> None:
    assert reach_of(EVERYTHING, only) == Reach(namespaces)


def test_the_policy_limits_what_only_can_ask_for() -> None:
    assert reach_of(LIMITED, ()) == Reach(("a", "b"), {"team": "x"}, 5.0)
    assert reach_of(LIMITED, ("prod/b/*", "prod/c/*")).namespaces == ("b",)
    assert reach_of(replace(LIMITED, labels={}), ("prod/c/*",)).namespaces == ("a", "b")
