from datetime import timedelta

from gitops_rollout.core.assess.sync import component_patterns, difference, percent_owner, sync_overdue
from gitops_rollout.model.live import FieldOwner
from gitops_rollout.model.policy import Settings
from gitops_rollout.model.targets import Component
from tests.core.builders import PREDICTOR, V1, V2, at, line, spec

FILLED_IN = {"name": "", "resources": {"requests": {"cpu": "1"}}, "protocolVersion": "v1", "runtime": "kserve-sklearn"}


def differs(stated: object, live: dict[str, object], *older: object, ignored: tuple[str, ...] = ()) -> str | None:
    return difference(PREDICTOR, line(*older, stated), live, ignored)  # type: ignore[arg-type]  # texts, passed on


def test_what_kserve_fills_in_is_no_difference() -> None:
    assert differs(spec(V1, 10), spec(V1, 10, **FILLED_IN)) is None
    old_style = {"predictor": {"sklearn": {"storageUri": V1}, "canaryTrafficPercent": 10}}
    assert differs(old_style, spec(V1, 10, **FILLED_IN)) is None
    assert differs(spec(V1), {**spec(V1), "transformer": {}}) is None


def test_the_percent_counts_also_where_git_states_none() -> None:
    assert differs(spec(V1), spec(V1, 30)) == "predictor.canaryTrafficPercent is 30 in the cluster and absent in Git"
    assert differs(spec(V1, 0), spec(V1)) == "predictor.canaryTrafficPercent is absent in the cluster and 0 in Git"
    assert "'ten'" in str(differs(spec(V1, 10), spec(V1, "ten")))
    assert "'ten' in the cluster and absent" in str(differs(spec(V1), spec(V1, "ten")))
    assert differs(spec(V1), spec(V1, 30), ignored=("predictor.*", "*")) is not None


def test_what_runs_counts() -> None:
    assert "predictor.storageUri" in str(differs(spec(V2), spec(V1)))
    assert "(and 1 more)" in str(differs(spec(V2, image="a:1"), spec(V1)))
    env = [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}]
    assert differs(spec(V1, env=env), spec(V1, env=env[::-1])) is None
    assert "env.B" in str(differs(spec(V1, env=env), spec(V1, env=env[1:])))


def test_what_git_no_longer_states_must_be_gone() -> None:
    env = [{"name": "A", "value": "1"}]
    assert "is still live" in str(differs(spec(V1), spec(V1, env=env), spec(V1, env=env)))
    assert differs(spec(V1), spec(V1, env=env)) is None  # somebody else's: Git never stated it
    assert differs(spec(V1), spec(V1, protocolVersion="v1"), spec(V1, protocolVersion="v1")) is None


def test_the_policy_ignores_paths_of_a_component() -> None:
    env = [{"name": "A", "value": "1"}]
    path = "predictor.containers.kserve-container.env.A"
    assert differs(spec(V1, env=env), spec(V1), ignored=(path,)) is None
    assert differs(spec(V1, env=env), spec(V1), ignored=("*.containers.*.env.*",)) is None
    assert differs(spec(V1, env=env), spec(V1), ignored=("transformer.*",)) is not None
    assert component_patterns(PREDICTOR, ("predictor.a", "*.b", "transformer.c", "d")) == ("a", "b")


def test_a_component_that_is_not_live_is_a_difference() -> None:
    for held in ({}, {"predictor": None}, {"predictor": "text"}):
        assert differs(spec(V1), held) == "the live predictor is absent"


def test_the_deadline_counts_from_gits_newest_text() -> None:
    settings = Settings(deadline=timedelta(minutes=60))
    told = line(spec(V1), spec(V1, 10))
    assert not sync_overdue(told, settings, at(70))
    assert sync_overdue(told, settings, at(70.1))
    assert not sync_overdue(told, settings, at(-100))


def test_the_percents_owner_is_named() -> None:
    owners = (
        FieldOwner(PREDICTOR, "kubectl-patch", "Update"),
        FieldOwner(PREDICTOR, "argocd-controller", "Apply"),
        FieldOwner(Component.TRANSFORMER, "helm", "Update"),
    )
    assert percent_owner(owners, PREDICTOR) == "argocd-controller, kubectl-patch"
    assert percent_owner((), PREDICTOR) == "nobody"
    assert percent_owner(None, PREDICTOR) is None
