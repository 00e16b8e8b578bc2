"""A Revision says itself what it runs; Git's history says which model that is."""

from dataclasses import replace

import pytest

from gitops_rollout.core.revisions import ran, revision_runs
from tests.core.builders import V1, V2, at, line, revision, spec

ARGS = ["--model_name=iris", "--model_dir=/mnt/models"]


def with_container(**changes: object) -> tuple[dict[str, object], ...]:
    return ({**revision(1, V1).containers[0], **changes},)


def test_what_git_states_stands_in_the_revision() -> None:
    assert revision_runs(revision(1, V1), spec(V1)["predictor"])
    assert not revision_runs(revision(1, V2), spec(V1)["predictor"])
    assert not revision_runs(revision(1, V1, source_uri=None), spec(V1)["predictor"])


@pytest.mark.parametrize(
    ("stated", "runs"),
    [
        ({"image": "kserve/sklearnserver:v0.20.0"}, True),
        ({"image": "example.com/other:1"}, False),
        ({"args": ["--model_dir=/mnt/models"]}, True),
        ({"args": ARGS}, True),
        ({"args": ["--model_dir=/mnt/models", "--model_name=iris"]}, False),
        ({"args": ["--workers=2"]}, False),
        ({"args": ["--model_name={{.Name}}"]}, True),
        ({"args": [*ARGS, "more"]}, False),
        ({"env": [{"name": "INFERENCE_SERVICE_NAME", "value": "iris"}]}, True),
        ({"env": [{"name": "INFERENCE_SERVICE_NAME", "value": "rose"}]}, False),
        ({"env": [{"name": "FAKE", "value": "1"}]}, False),
        ({"env": [{"name": "FAKE"}]}, False),
        ({"command": ["/serve"]}, False),
        ({"runtime": "anything", "protocolVersion": "v2"}, True),
    ],
)
def test_each_thing_that_git_states_is_looked_for(stated: dict[str, object], runs: bool) -> None:
    assert revision_runs(revision(1, V1), spec(V1, **stated)["predictor"]) is runs


def test_references_and_commands_are_compared() -> None:
    reference = {"secretKeyRef": {"name": "s", "key": "k"}}
    held = revision(1, V1, containers=with_container(env=[{"name": "A", "valueFrom": reference}], command=["/serve"]))
    assert revision_runs(held, spec(V1, env=[{"name": "A", "valueFrom": reference}], command=["/serve"])["predictor"])
    other = {"secretKeyRef": {"name": "s", "key": "other"}}
    assert not revision_runs(held, spec(V1, env=[{"name": "A", "valueFrom": other}])["predictor"])


def test_a_storage_path_is_looked_for_at_the_uris_end() -> None:
    stated = {"model": {"modelFormat": {"name": "sklearn"}, "storage": {"key": "minio", "path": "iris/v1"}}}
    assert revision_runs(revision(1, V1), stated)
    assert not revision_runs(revision(1, V2), stated)


def test_a_lone_custom_container_is_the_same_under_any_name() -> None:
    held = revision(1, "", containers=({"name": "kserve-container", "image": "a:1"},), source_uri=None)
    assert revision_runs(held, {"containers": [{"name": "mine", "image": "a:1"}]})
    assert not revision_runs(held, {"containers": [{"name": "mine", "image": "a:2"}]})
    two = replace(held, containers=(*held.containers, {"name": "agent", "image": "b:1"}))
    assert not revision_runs(two, {"containers": [{"name": "mine", "image": "a:1"}]})
    assert revision_runs(two, {"containers": [{"name": "agent", "image": "b:1"}, {"image": "a:1"}]})


def test_a_storage_uri_in_the_environment_may_have_become_the_annotation() -> None:
    stated = {"containers": [{"image": "a:1", "env": [{"name": "STORAGE_URI", "value": V1}]}]}
    assert revision_runs(revision(1, V1, containers=({"image": "a:1"},)), stated)
    assert not revision_runs(revision(1, V2, containers=({"image": "a:1"},)), stated)


def test_the_newest_version_that_fits_is_what_ran() -> None:
    told = line(spec(V1), spec(V2, 10), spec(V1, 0), spec(V1))
    found = ran(revision(1, V1), told.versions)
    assert found is not None
    assert found.commit == "c3"
    canary = ran(revision(2, V2), told.versions)
    assert canary is not None
    assert canary.commit == "c1"


def test_a_revision_that_git_never_stated_is_nothing_known() -> None:
    assert ran(revision(1, "s3://elsewhere"), line(spec(V1)).versions) is None
    assert ran(revision(1, V1), line(None, spec(V2)).versions) is None


def test_the_version_that_states_most_counts() -> None:
    """Git dropped a variable: the old Revision, which has it, fits both texts and runs the old one."""
    told = line(spec(V1, env=[{"name": "A", "value": "1"}]), spec(V1))
    old = revision(1, V1, 100, containers=with_container(env=[{"name": "A", "value": "1"}]))
    found = ran(old, told.versions)
    assert found is not None
    assert found.commit == "c0"
    new = ran(revision(2, V1, 100), told.versions)
    assert new is not None
    assert new.commit == "c1"


def test_time_tells_what_a_revision_does_not_show() -> None:
    """A change of the runtime alone cannot be seen in a Revision: it runs nothing that arrived after it was made."""
    told = line(spec(V1), spec(V1, runtime="new"), spec(V1, 10, runtime="new"))
    before, after = ran(revision(1, V1, 5), told.versions), ran(revision(2, V1, 15), told.versions)
    assert before is not None
    assert before.commit == "c0"
    assert after is not None
    assert after.commit == "c2"  # the newest that states the same
    assert ran(revision(3, V1, created=None), told.versions) is None


def test_a_revision_older_than_history_runs_the_oldest_that_fits() -> None:
    told = line(spec(V1), spec(V1, runtime="new"))
    found = ran(revision(1, V1, created=at(-99)), told.versions)
    assert found is not None
    assert found.commit == "c0"
