"""The options that commands share, as one frozen value, and the examples that each `--help` ends with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

import click

from gitops_rollout.model.errors import UsageError

PREFIX = "GITOPS_ROLLOUT"
DEFAULT_CONFIG = ".gitops-rollout.yaml"
FORGES = ("local", "github", "gitlab", "gitea")
OUTPUTS = ("text", "json", "markdown")


@dataclass(frozen=True, slots=True)
class Options:
    """The shared options, checked.

    `live` maps cluster names to sources as they were given (`snapshot:FILE[@RFC3339]`, `kube:CONTEXT`, `simulated:`).
    `config` is a path in the base commit; `config_given` is False where it is only the default,
    which may be absent. `now` has a time zone.
    """

    repo: str = "."
    base: str | None = None
    config: str = DEFAULT_CONFIG
    config_given: bool = False
    live: tuple[tuple[str, str], ...] = ()
    forge: str | None = None
    only: tuple[str, ...] = ()
    now: datetime | None = None
    output: str = "text"


class LiveSourceOption(click.ParamType[tuple[str, str]]):
    """`CLUSTER=SOURCE`; in the environment several stand on lines of their own, or between spaces on one line."""

    name = "CLUSTER=SOURCE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """The two halves of `value`."""
        if isinstance(value, tuple):
            return value
        cluster, separator, source = value.partition("=")
        kind, colon, _ = source.partition(":")
        if not (separator and cluster and colon and kind):
            self.fail(f"{value!r} is not CLUSTER=SOURCE, such as prod=snapshot:live.json", param, ctx)
        return cluster, source

    def split_envvar_value(self, rv: str) -> list[str]:
        """The values in an environment variable; a path with a space needs a line of its own."""
        lines = [line.strip() for line in rv.splitlines() if line.strip()]
        return lines if len(lines) > 1 else rv.split()


class Instant(click.ParamType[datetime]):
    """An RFC 3339 instant: date, time and zone."""

    name = "RFC3339"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """`value` as a datetime with its zone."""
        if isinstance(value, datetime):
            return value
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None or value[10:11] not in ("T", "t", " "):
            self.fail(f"{value!r} is not an instant such as 2026-01-31T09:30:00Z", param, ctx)
        return instant


def shared_options(
    *, outputs: tuple[str, ...] = OUTPUTS, live: bool = True, forge: bool = True, only: bool = True
) -> Callable[[Callable[..., int | None]], Callable[..., int | None]]:
    """Decorate a command so that its function gets `options: Options` besides its own arguments.

    `outputs` are the kinds of `--output` that the command can make, the first is the default. `live`, `forge` and
    `only` are False for commands that have no use for them. `--now` comes with `live`.
    """
    chosen = [
        _option("--repo", metavar="PATH|URL", default=".", help="A clone, or a remote: a URL or a bare repository."),
        _option("--base", metavar="BRANCH", help="The base branch; default: the remote's own default branch."),
        _option("--config", metavar="PATH", help=f"The policy file in the base commit; default {DEFAULT_CONFIG}."),
    ]
    if live:
        chosen += [
            _option(
                "--live",
                type=LiveSourceOption(),
                multiple=True,
                help="Where a cluster is seen: CLUSTER=snapshot:FILE[@TIME], =kube:CONTEXT or =simulated:. Repeatable.",
            ),
            click.option("--now", type=Instant(), help="The instant to decide at, so that a decision can be replayed."),
        ]
    if forge:
        chosen.append(_option("--forge", type=click.Choice(FORGES), help="Default: read from the remote's URL and CI."))
    if only:
        chosen.append(
            _option("--only", metavar="PATTERN", multiple=True, help="cluster/namespace/name with *. Repeatable.")
        )
    chosen.append(_option("--output", type=click.Choice(outputs), default=outputs[0], help="What goes to stdout."))

    def decorate(function: Callable[..., int | None]) -> Callable[..., int | None]:
        @wraps(function)
        def command(**values: Any) -> int | None:
            shared = {name: values.pop(name) for name in Options.__dataclass_fields__ if name in values}
            return function(options=_checked(shared), **values)

        decorated: Callable[..., int | None] = command
        for option in reversed(chosen):
            decorated = option(decorated)
        return decorated

    return decorate


def examples(*lines: str) -> str:
    """The end of a command's `--help`: `epilog=examples("gitops-rollout plan …")`; lines are kept as they are."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def _option(name: str, **settings: Any) -> Callable[..., Any]:
    variable = f"{PREFIX}_{name.removeprefix('--').upper()}"
    return click.option(name, envvar=variable, show_envvar=True, **settings)


def _checked(values: dict[str, Any]) -> Options:
    config = values.pop("config", None)
    live: tuple[tuple[str, str], ...] = values.get("live", ())
    names = [cluster for cluster, _ in live]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"--live names {', '.join(twice)} more than once", "give each cluster one source")
    return Options(config=config or DEFAULT_CONFIG, config_given=config is not None, **values)
