"""What a run tells besides its report: metrics, log records and a webhook, on a real repository and a real server."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gitops_rollout.cli.main import run
from tests.notices.receiver import Receiver, receiving
from tests.reconcile.several import DUE, Several, make_several, namespace_of
from tests.worlds import POLICY


@pytest.fixture
def several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Several:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return make_several(tmp_path)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


def sample(path: Path, name: str) -> float:
    families = text_string_to_metric_families(path.read_text())
    (found,) = [s for family in families for s in family.samples if s.name == f"gitops_rollout_{name}"]
    return found.value


def test_a_run_tells_what_it_did_once_and_shows_the_url_nowhere(
    several: Several,
    receiver: Receiver,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    metrics = tmp_path / "run.prom"
    monkeypatch.setenv("GITOPS_ROLLOUT_WEBHOOK_URL", receiver.url)
    options = [*several.options, "--metrics-file", str(metrics), "--log-format", "json"]

    assert run(["reconcile", *options, "--output", "json"]) == 0
    shown = capsys.readouterr()
    report = json.loads(shown.out)
    (first,) = receiver.told
    made = {one["targets"][0] for one in first["transitions"] if one["what"] == "created"}
    assert made == {f"prod/{namespace_of(*case)}/iris" for case in DUE}

    records = [json.loads(line) for line in shown.err.splitlines()]
    decided = {one["target"]: one["action"] for one in records if one["event"] == "decided"}
    assert decided == {target["target"]: target["decision"]["action"] for target in report["targets"]}
    assert sum(one["event"] == "pull request" and one["did"] == "created" for one in records) == len(DUE)
    assert records[-1]["event"] == "run ended"
    assert all({"level", "timestamp", "command"} <= one.keys() for one in records)

    assert sample(metrics, "run_failed") == 0
    assert sample(metrics, "last_decided_timestamp_seconds") == several.now.timestamp()

    assert run(["reconcile", *options]) == 0
    shown_again = capsys.readouterr()
    assert len(receiver.got) == 1  # it found everything as it was left: nothing to tell
    everything = shown.out + shown.err + shown_again.out + shown_again.err + metrics.read_text()
    assert "s3cr3t" not in everything
    assert "127.0.0.1" not in everything


def test_a_webhook_that_is_refused_fails_no_run_and_is_counted(
    several: Several, receiver: Receiver, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    receiver.answers = [404]
    url, metrics = tmp_path / "url", tmp_path / "run.prom"
    url.write_text(f"{receiver.url}\n")
    options = [*several.options, "--webhook-url-file", str(url), "--metrics-file", str(metrics)]
    assert run(["reconcile", *options]) == 0
    assert "the webhook answered 404" in capsys.readouterr().err
    assert (sample(metrics, "webhook_failed"), sample(metrics, "run_failed")) == (1, 0)


def test_a_template_of_the_repository_words_what_is_told(
    several: Several, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = '{"content": "{{ transitions | length }} changes on {{ branch }}"}\n'
    several.place.commit({".gitops-rollout/templates/webhook.json.j2": template}, "our words", several.now)
    monkeypatch.setenv("GITOPS_ROLLOUT_WEBHOOK_URL", receiver.url)
    assert run(["reconcile", *several.options]) == 0
    # The commit of the template touched no target; the recorded ones lie further back than the window.
    assert receiver.told == [{"content": f"{len(DUE)} changes on main"}]


def test_a_run_that_breaks_off_keeps_the_last_success_and_says_why(
    several: Several, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    metrics = tmp_path / "run.prom"
    options = [*several.options, "--metrics-file", str(metrics)]
    assert run(["plan", *options]) == 0
    succeeded = sample(metrics, "last_success_timestamp_seconds")
    several.place.commit({POLICY: "version: 1\nmode: propos\n"}, "a slip", several.now + timedelta(minutes=1))
    capsys.readouterr()
    assert run(["plan", *options, "--log-format", "json"]) == 1
    record, last = capsys.readouterr().err.splitlines()
    assert json.loads(record)["event"] == "run broke off"
    assert "propos" in last
    assert sample(metrics, "run_failed") == 1
    assert sample(metrics, "last_success_timestamp_seconds") == succeeded


def test_without_being_asked_nothing_is_logged(several: Several, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", *several.options]) == 0
    assert capsys.readouterr().err == ""


def test_text_records_are_one_line_each_and_have_no_colour_in_a_pipe(
    several: Several, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["plan", *several.options, "--log-format", "text"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert len([line for line in lines if "decided" in line]) == 9
    assert not any("\x1b" in line for line in lines)


@pytest.mark.parametrize(("content", "said"), [(None, "No such file"), ("", "one URL"), ("a b", "one URL")])
def test_a_url_file_that_holds_none_is_wrong_usage(
    tmp_path: Path, content: str | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "url"
    if content is not None:
        file.write_text(content)
    assert run(["reconcile", "--live", "prod=simulated:", "--webhook-url-file", str(file)]) == 64
    assert said in capsys.readouterr().err


def test_a_metrics_file_that_cannot_be_written_fails_the_run_after_all_is_done(
    several: Several, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options: list[Any] = [*several.options, "--metrics-file", str(tmp_path / "missing" / "run.prom")]
    assert run(["reconcile", *options]) == 1
    assert "run.prom" in capsys.readouterr().err
    assert several.place.refs("refs/heads/gitops-rollout/")
