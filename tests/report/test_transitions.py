"""What changed with a run, and the text that tells of it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from gitops_rollout.model.change import Did, PullReport, PullState
from gitops_rollout.model.errors import RolloutError
from gitops_rollout.model.plan import TargetReport
from gitops_rollout.model.targets import TargetKey
from gitops_rollout.report.announcement import JSON, PLAIN, announcement
from gitops_rollout.report.templates import Template, load_webhook
from gitops_rollout.report.transitions import transitions
from tests.report import samples

BEFORE = samples.NOW - timedelta(minutes=5)
OTHER = TargetKey("prod", "fraud", "other")


def with_pull(did: Did, key: TargetKey = samples.SCORE, **changes: object) -> TargetReport:
    pull = replace(PullReport(12, "https://git.example/pulls/12", PullState.OPEN, did), **changes)
    return replace(samples.target(samples.promotion(), key), pull=pull)


def told(*targets: TargetReport) -> list[str]:
    return [one.what for one in transitions(samples.report(*targets), BEFORE)]


@pytest.mark.parametrize("did", list(Did))
def test_what_the_run_did_is_told_and_what_it_only_found_is_not(did: Did) -> None:
    expected = [did.value] if did in (Did.CREATED, Did.SUPERSEDED, Did.CLOSED, Did.CONFLICT) else []
    assert told(with_pull(did)) == expected


def test_a_pull_request_that_serves_two_targets_is_told_once() -> None:
    (one,) = transitions(samples.report(with_pull(Did.CREATED), with_pull(Did.CREATED, OTHER)), BEFORE)
    assert one.targets == (str(samples.SCORE), str(OTHER))


def test_a_veto_is_told_by_the_run_after_it_and_by_no_other() -> None:
    inside, outside = samples.NOW - timedelta(minutes=1), BEFORE
    assert told(with_pull(Did.VETOED, ended=inside)) == ["vetoed"]
    assert told(with_pull(Did.VETOED, ended=outside)) == []
    assert told(with_pull(Did.VETOED)) == []


def test_a_merge_is_told_when_it_is_seen_on_the_base_branch() -> None:
    arrived = replace(samples.target(samples.hold()), arrived="step-25", changed=samples.NOW - timedelta(minutes=2))
    assert told(arrived) == ["merged"]
    assert told(replace(arrived, changed=BEFORE)) == []
    assert told(replace(arrived, arrived=None)) == []


def test_an_alarm_is_told_once_where_its_beginning_is_known() -> None:
    alarm = samples.target(samples.hold(alarm=True))
    assert told(alarm) == []
    assert told(replace(alarm, alarm_since=samples.NOW)) == ["alarm"]
    assert told(replace(alarm, alarm_since=BEFORE)) == []


def test_two_runs_that_follow_each_other_tell_each_change_once() -> None:
    alarm = replace(samples.target(samples.hold(alarm=True)), alarm_since=samples.NOW - timedelta(minutes=5))
    report = samples.report(alarm)
    first = replace(report, now=samples.NOW - timedelta(minutes=3))
    assert [len(transitions(first, BEFORE - timedelta(minutes=3))), len(transitions(report, first.now))] == [1, 0]


def test_the_shipped_template_makes_json_that_says_it_all() -> None:
    found = transitions(samples.report(with_pull(Did.CREATED)), BEFORE)
    body, content_type = announcement(samples.report(), found, load_webhook())
    data = json.loads(body)
    assert content_type == JSON
    assert data["text"].startswith("created: promote prod/fraud/score 50 % → none (soaked)")
    assert "https://git.example/pulls/12" in data["text"]
    assert (data["transitions"][0]["what"], data["transitions"][0]["number"]) == ("created", 12)


def test_text_from_outside_pings_nobody_and_breaks_no_json() -> None:
    hostile = samples.hold(message='x" , "y": "<!channel> @all \x1b[2J \\ <https://evil.example|here>', alarm=True)
    alarm = replace(samples.target(hostile), alarm_since=samples.NOW)
    found = transitions(samples.report(alarm), BEFORE)
    body, _ = announcement(samples.report(), found, load_webhook())
    data = json.loads(body)
    assert set(data) == {"version", "text", "branch", "commit", "now", "transitions", "more"}
    for bad in ("<!", "@all", "\x1b", "<https"):
        assert bad not in data["text"]
        assert bad not in json.dumps(data["transitions"], ensure_ascii=False)


def test_a_template_of_ones_own_may_make_plain_text_and_must_not_make_broken_json() -> None:
    found = transitions(samples.report(with_pull(Did.CREATED)), BEFORE)
    own = Template("w", "{% for one in transitions %}{{ one.what }}{% endfor %}")
    text, kind = announcement(samples.report(), found, own)
    assert (text, kind) == ("created", PLAIN)
    with pytest.raises(RolloutError, match="makes no JSON"):
        announcement(samples.report(), found, Template("w", '{"text": {{ text }} }'))


def test_many_changes_are_cut_and_that_is_said() -> None:
    targets = [with_pull(Did.CREATED, TargetKey("a", "b", str(n)), number=n) for n in range(70)]
    body, _ = announcement(samples.report(), transitions(samples.report(*targets), BEFORE), load_webhook())
    data = json.loads(body)
    assert (len(data["transitions"]), data["more"]) == (50, 20)
    assert data["text"].endswith("and 20 more")
