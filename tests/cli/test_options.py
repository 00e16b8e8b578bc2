"""The shared options: from the command line, from the environment, and what they refuse."""

from datetime import UTC, datetime

import click
import pytest
from click.testing import CliRunner

from gitops_rollout.cli.options import Options, examples, shared_options


def read(args: list[str], env: dict[str, str] | None = None) -> Options:
    """The options that a command gets when it is called with `args`."""
    got: list[Options] = []

    @click.command()
    @shared_options()
    def command(options: Options) -> None:
        got.append(options)

    command.main(args, standalone_mode=False) if env is None else CliRunner(env=env).invoke(
        command, args, standalone_mode=False, catch_exceptions=False
    )
    return got[0]


def test_without_anything_the_defaults_of_the_contract_hold() -> None:
    assert read([]) == Options(repo=".", base=None, config=".gitops-rollout.yaml", config_given=False, output="text")


def test_every_option_is_read() -> None:
    options = read(
        [
            "--repo",
            "/r",
            "--base",
            "trunk",
            "--config",
            "p.yaml",
            "--live",
            "prod=snapshot:a=b.json@2026-01-02T03:04:05Z",
            "--live",
            "dev=kube:",
            "--forge",
            "local",
            "--only",
            "prod/*/x",
            "--only",
            "dev/*",
            "--now",
            "2026-01-02T03:04:05+01:00",
            "--output",
            "json",
        ]
    )
    assert options == Options(
        repo="/r",
        base="trunk",
        config="p.yaml",
        config_given=True,
        live=(("prod", "snapshot:a=b.json@2026-01-02T03:04:05Z"), ("dev", "kube:")),
        forge="local",
        only=("prod/*/x", "dev/*"),
        now=datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC),
        output="json",
    )


def test_the_environment_stands_in_for_each_option_but_now() -> None:
    options = read(
        [],
        {
            "GITOPS_ROLLOUT_REPO": "/r",
            "GITOPS_ROLLOUT_BASE": "trunk",
            "GITOPS_ROLLOUT_CONFIG": "p.yaml",
            "GITOPS_ROLLOUT_LIVE": "prod=kube:a dev=kube:b",
            "GITOPS_ROLLOUT_FORGE": "gitea",
            "GITOPS_ROLLOUT_ONLY": "a/* b/*",
            "GITOPS_ROLLOUT_NOW": "2026-01-02T03:04:05Z",
            "GITOPS_ROLLOUT_OUTPUT": "markdown",
        },
    )
    assert options == Options(
        repo="/r",
        base="trunk",
        config="p.yaml",
        config_given=True,
        live=(("prod", "kube:a"), ("dev", "kube:b")),
        forge="gitea",
        only=("a/*", "b/*"),
        now=None,
        output="markdown",
    )


def test_a_path_with_a_space_in_the_environment_stands_on_its_own_line() -> None:
    options = read([], {"GITOPS_ROLLOUT_LIVE": "prod=snapshot:my live.json\ndev=snapshot:b.json\n"})
    assert options.live == (("prod", "snapshot:my live.json"), ("dev", "snapshot:b.json"))


@pytest.mark.parametrize("value", ["prod", "prod=", "=kube:", "prod=file", "prod=:x"])
def test_a_live_source_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(click.BadParameter, match="CLUSTER=SOURCE"):
        read(["--live", value])


def test_a_cluster_with_two_sources_is_refused() -> None:
    with pytest.raises(Exception, match="--live names prod more than once"):
        read(["--live", "prod=kube:a", "--live", "prod=kube:b"])


@pytest.mark.parametrize(
    "value", ["now", "2026-01-02", "2026-01-02T03:04:05", "20260102T030405Z", "2026-13-01T00:00:00Z"]
)
def test_an_instant_without_date_time_and_zone_is_refused(value: str) -> None:
    with pytest.raises(click.BadParameter, match="not an instant"):
        read(["--now", value])


def test_examples_are_kept_line_by_line() -> None:
    command = click.Command("x", epilog=examples("gitops-rollout plan --repo a", "gitops-rollout plan --repo b"))
    shown = CliRunner().invoke(command, ["--help"]).output
    assert "    gitops-rollout plan --repo a\n    gitops-rollout plan --repo b\n" in shown
