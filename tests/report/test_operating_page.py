"""The page on operating says what is so: its metrics, its alerts, its options and its templates."""

import json
import re
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from gitops_rollout.cli.main import group
from gitops_rollout.cli.telling import URL_VARIABLE
from gitops_rollout.model.change import Did
from gitops_rollout.report.announcement import announcement
from gitops_rollout.report.metrics import PREFIX, registry_of
from gitops_rollout.report.templates import Template
from gitops_rollout.report.transitions import transitions
from tests.report import samples
from tests.report.test_metrics import FACTS, full_report
from tests.report.test_transitions import BEFORE, with_pull
from tests.servers import catalogue
from tests.servers.fixtures import needs

PAGE = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")

METRICS = generate_latest(registry_of(full_report(), replace(FACTS, succeeded=samples.NOW))).decode()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_every_metric_and_its_labels_stand_in_the_table() -> None:
    made = {
        sample.name.removeprefix(f"{PREFIX}_"): set(sample.labels)
        for family in text_string_to_metric_families(METRICS)
        for sample in family.samples
    }
    told: dict[str, set[str]] = {}
    for names, labels in re.findall(r"^\| (`[a-z_`, ]+`) \|([`a-z, ]*)\|", PAGE, re.MULTILINE):
        for name in re.findall(r"`([a-z_]+)`", names):
            told[name] = set(re.findall(r"`([a-z]+)`", labels))
    assert {name: told.get(name) for name in made} == made


def test_prometheus_takes_the_alerts_and_they_name_metrics_that_exist(tmp_path: Path) -> None:
    promtool = needs(catalogue.PROMETHEUS) / "usr/bin/promtool"
    (alerts,) = [block for block in blocks("yaml") if "alert:" in block]
    rules = tmp_path / "rules.yaml"
    rules.write_text(yaml.safe_dump({"groups": [{"name": "rollouts", "rules": yaml.safe_load(alerts)}]}))
    done = subprocess.run([promtool, "check", "rules", rules], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name in re.findall(rf"{PREFIX}_[a-z_]+", alerts):
        assert re.search(rf"^{name}\b", METRICS, re.MULTILINE), name


def test_the_ci_examples_call_what_exists() -> None:
    examples = [block for block in blocks("yaml") if "alert:" not in block]
    assert len(examples) == 2
    for example in examples:
        written = yaml.safe_dump(yaml.safe_load(example), width=1000)
        lines = re.findall(r"gitops-rollout (?:plan|reconcile|check)[^\n]*", written)
        assert lines
        for line in lines:
            words = shlex.split(line.partition(">>")[0].strip().strip("'"))
            assert_understood(words[1:])
        for name in re.findall(r"GITOPS_ROLLOUT_[A-Z_]+(?=:)", example):
            assert name in variables() | {URL_VARIABLE, "GITOPS_ROLLOUT_FORGE_TOKEN"}, name


def test_the_commands_of_the_page_are_understood() -> None:
    lines = re.findall(r"^    (gitops-rollout [^#\n]*)", PAGE, re.MULTILINE)
    assert len(lines) == 3
    for line in lines:
        assert_understood(shlex.split(line)[1:])


@pytest.mark.parametrize("template", blocks("jinja"))
def test_the_templates_make_json(template: str) -> None:
    report = samples.report(with_pull(Did.CREATED))
    body, _ = announcement(report, transitions(report, BEFORE), Template("page", template))
    assert json.loads(body)


def assert_understood(words: list[str]) -> None:
    """Parse as click does, without running anything."""
    name, *rest = words
    command = group.get_command(click.Context(group), name)
    assert command is not None
    command.make_context(name, rest)


def variables() -> set[str]:
    found: set[Any] = set()
    for name in ("plan", "reconcile", "status"):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        found |= {option.envvar for option in command.params if isinstance(option, click.Option)}
    return {str(name) for name in found}
