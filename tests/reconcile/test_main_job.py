"""The main job on a repository with several rollouts: the right pull requests, once, whatever happens on the way."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from gitops_rollout.report.as_json import plan_schema
from tests.reconcile.several import DUE, PROPOSE, QUIET, Several, make_several, namespace_of
from tests.worlds import POLICY, git

PULLS, OPEN, HEADS = "refs/gitops-rollout/pulls/", "refs/gitops-rollout/open/", "refs/heads/gitops-rollout/"


@pytest.fixture
def several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Several:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return make_several(tmp_path)


def start(several: Several, command: str, *more: str) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-m", "gitops_rollout", command, *several.options, *more]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ)


def run(several: Several, command: str, *more: str, code: int = 0) -> str:
    process = start(several, command, *more)
    out, err = process.communicate(timeout=120)
    assert process.returncode == code, err
    return out


def branches(several: Several) -> dict[str, str]:
    """Open branches of ours by change."""
    found = {ref.removeprefix(HEADS): commit for ref, commit in several.place.refs(HEADS).items()}
    return {name.rpartition("/")[0]: commit for name, commit in found.items()}


def due_changes() -> set[str]:
    return {f"prod/{namespace_of(*case)}/iris" for case in DUE}


def assert_exactly_what_is_due(several: Several) -> None:
    place = several.place
    assert set(branches(several)) == due_changes()
    assert len(place.refs(HEADS)) == len(place.refs(OPEN)) == len(DUE)
    states = [json.loads(git(place.remote, "show", f"{ref}:pull.json"))["state"] for ref in place.refs(PULLS)]
    assert states.count("open") == len(DUE)


def test_exactly_the_due_pull_requests_are_opened(several: Several) -> None:
    report = json.loads(run(several, "reconcile", "--output", "json"))
    assert_exactly_what_is_due(several)
    by_name = {target["namespace"]: target for target in report["targets"]}
    for case, (action, reason, percent) in DUE.items():
        target = by_name[namespace_of(*case)]
        assert (target["decision"]["action"], target["decision"]["reason"]) == (action, reason)
        assert target["decision"]["to"] == {"predictor": percent}
        assert target["pullRequest"]["did"] == "created"
    for case, (action, reason) in QUIET.items():
        target = by_name[namespace_of(*case)]
        assert (target["decision"]["action"], target["decision"]["reason"]) == (action, reason)
        assert target["pullRequest"] is None


def test_each_is_one_commit_on_the_base_and_one_line_of_one_file(several: Several) -> None:
    run(several, "reconcile")
    remote = several.place.remote
    base = git(remote, "rev-parse", "main")
    for change, commit in branches(several).items():
        namespace = change.split("/")[1]
        assert git(remote, "rev-parse", f"{commit}^@") == base
        stat = git(remote, "diff", "--numstat", base, commit).split("\t")
        assert stat[2] == f"clusters/{namespace}.yaml"
        assert (int(stat[0]), int(stat[1])) in {(1, 1), (0, 1)}
        message = git(remote, "show", "--no-patch", "--format=%B", commit)
        assert f"Rollout-Target: {change}\n" in message
        assert message.rstrip().endswith(f"Rollout-Base: {base}")


def test_a_second_run_writes_nothing_and_says_so(several: Several) -> None:
    run(several, "reconcile")
    before = several.place.refs()
    report = json.loads(run(several, "reconcile", "--output", "json"))
    assert several.place.refs() == before
    dids = {target["pullRequest"]["did"] for target in report["targets"] if target["pullRequest"]}
    assert dids == {"found"}


def test_a_plan_is_valid_the_same_twice_and_writes_nothing(several: Several) -> None:
    before = several.place.refs()
    first, second = run(several, "plan", "--output", "json"), run(several, "plan", "--output", "json")
    assert first == second
    jsonschema.validate(json.loads(first), plan_schema())
    assert several.place.refs() == before
    assert run(several, "plan", "--detailed-exitcode", "--output", "json", code=2) == first


def test_the_callers_clone_is_bit_for_bit_as_before(several: Several) -> None:
    def fingerprint() -> dict[str, str]:
        files = sorted(path for path in several.place.clone.rglob("*") if path.is_file())
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    before = fingerprint()
    run(several, "plan")
    run(several, "reconcile")
    assert fingerprint() == before


def test_sixteen_runs_at_the_same_time_leave_one_pull_request_a_change(several: Several) -> None:
    runs = [start(several, "reconcile") for _ in range(16)]
    for process in runs:
        _, err = process.communicate(timeout=300)
        assert "Traceback" not in err
    run(several, "reconcile")
    assert_exactly_what_is_due(several)


@pytest.mark.parametrize("seed", range(4))
def test_killed_at_any_moment_and_run_again_ends_the_same(several: Several, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - moments to kill at, no secret
    for _ in range(3):
        process = start(several, "reconcile")
        time.sleep(rng.uniform(0.2, 2.5))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    run(several, "reconcile")
    assert_exactly_what_is_due(several)


def test_merged_and_not_live_yet_is_in_flight(several: Several) -> None:
    report = json.loads(run(several, "reconcile", "--output", "json"))
    (stepped,) = [target for target in report["targets"] if target["decision"]["action"] == "step"]
    merge = ["pulls", "merge", str(stepped["pullRequest"]["number"]), "--repo", str(several.place.clone)]
    subprocess.run([sys.executable, "-m", "gitops_rollout", *merge], check=True, stdout=subprocess.DEVNULL)
    again = json.loads(run(several, "reconcile", "--output", "json"))
    (waiting,) = [target for target in again["targets"] if target["target"] == stepped["target"]]
    assert (waiting["decision"]["action"], waiting["decision"]["reason"]) == ("hold", "in-flight")
    assert len(branches(several)) == len(DUE) - 1


def test_observing_proposes_nothing_and_says_what_would_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    several = make_several(tmp_path, policy="version: 1\n")
    before = several.place.refs()
    report = json.loads(run(several, "reconcile", "--output", "json"))
    assert several.place.refs() == before
    held = [target for target in report["targets"] if target["decision"]["reason"] == "observing"]
    assert len(held) == len(DUE)
    assert all(target["change"]["diff"] for target in held)
    assert all("would" in t["decision"]["message"] or "with `mode: propose`" in t["decision"]["message"] for t in held)


def test_suspended_targets_are_left_alone(several: Several) -> None:
    run(several, "reconcile")
    before = several.place.refs()
    suspend = PROPOSE + "suspend: true\n"
    several.place.commit({POLICY: suspend}, "stop", several.now)
    report = json.loads(run(several, "reconcile", "--output", "json"))
    after = several.place.refs()
    after.pop("refs/heads/main")
    before.pop("refs/heads/main")
    assert after == before
    assert report["summary"]["promote"] == report["summary"]["rollback"] == 0


def test_caps_hold_back_what_goes_forward_and_never_a_rollback(several: Several) -> None:
    several.place.commit({POLICY: PROPOSE + "limits: {open: 1}\n"}, "fewer", several.now)
    report = json.loads(run(several, "reconcile", "--output", "json"))
    opened = [t["decision"]["action"] for t in report["targets"] if t["pullRequest"]]
    assert sorted(action == "rollback" for action in opened) == [False, True]
    limited = [t for t in report["targets"] if t["decision"]["reason"] == "open-limit"]
    assert len(limited) == len(DUE) - 2
