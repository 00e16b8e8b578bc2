"""What a run tells besides its report: metrics in a file, log records, a webhook."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gitops_rollout.cli.options import PREFIX
from gitops_rollout.model.errors import RolloutError, UsageError

if TYPE_CHECKING:
    from gitops_rollout.model.plan import RunReport
    from gitops_rollout.reconcile.world import World

URL_VARIABLE = f"{PREFIX}_WEBHOOK_URL"
# Without a metrics file nobody knows when the run before this one was: shipped CronJobs run every five minutes.
WINDOW_MINUTES = 5


@dataclass(frozen=True, slots=True)
class Telling:
    """The options. `webhook` is a secret: None where nothing is to be told."""

    command: str
    metrics_file: Path | None = None
    log_format: str | None = None
    webhook: str | None = None
    webhook_window: int = WINDOW_MINUTES


def telling_options(command: str, *, webhook: bool) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Decorate a command so that its function gets `telling: Telling`; without `webhook` it tells none."""

    def decorate(function: Callable[..., int]) -> Callable[..., int]:
        @wraps(function)
        def decorated(**values: Any) -> int:
            file, window = values.pop("webhook_url_file", None), values.pop("webhook_window", WINDOW_MINUTES)
            url = _url(file) if webhook else None
            telling = Telling(command, values.pop("metrics_file"), values.pop("log_format"), url, window)
            return function(telling=telling, **values)

        wrapped: Callable[..., int] = decorated
        for option in reversed(_options(webhook)):
            wrapped = option(wrapped)
        return wrapped

    return decorate


def run_and_tell(
    telling: Telling, open_run: Callable[[], "World"], run: Callable[["World"], "RunReport"]
) -> "RunReport":
    """Open the world, run, and tell; whatever happens is told before an error goes on its way.

    A webhook that cannot be told fails nothing. A metrics file that cannot be written raises a `RolloutError`, after
    all else was done.
    """
    teller = _Teller(telling)
    try:
        world = open_run()
        teller.world = world
        report = run(world)
    except RolloutError as error:
        teller.broke_off(error)
        raise
    teller.done(report)
    return report


class _Teller:
    """One run's telling; `world` is set once it is open."""

    def __init__(self, telling: Telling) -> None:
        self.telling = telling
        self.world: World | None = None
        self._started = time.monotonic()

    def done(self, report: "RunReport") -> None:
        """Logs, the webhook, then the metrics, which count whether the webhook worked."""
        self._log(report)
        problem = self._announce(report)
        self._measure(report, webhook_failed=problem is not None)

    def broke_off(self, error: RolloutError) -> None:
        """The run raised: say so in the logs and in the metrics; the error itself is shown by whoever catches it."""
        if self.telling.log_format:
            from gitops_rollout.cli.logs import write_records
            from gitops_rollout.report.records import Record

            ended = Record("error", "run broke off", {"message": error.message, "hint": error.hint or ""})
            write_records([ended], self.telling.log_format, command=self.telling.command)
        try:
            self._measure(None, webhook_failed=False)
        except RolloutError as beside:
            _note(beside)

    def _log(self, report: "RunReport") -> None:
        if self.telling.log_format:
            from gitops_rollout.cli.logs import write_records
            from gitops_rollout.report.records import records

            write_records(records(report), self.telling.log_format, command=self.telling.command)

    def _announce(self, report: "RunReport") -> RolloutError | None:
        """Tell the webhook of what changed; the problem where that did not work."""
        if self.telling.webhook is None or self.world is None:
            return None
        from gitops_rollout.notices.webhook import post
        from gitops_rollout.report.announcement import announcement
        from gitops_rollout.report.templates import load_webhook
        from gitops_rollout.report.transitions import transitions

        found = transitions(report, self._before(report))
        if not found:
            return None
        try:
            body, content_type = announcement(report, found, load_webhook(self.world.read_base))
            post(self.telling.webhook, body, content_type)
        except RolloutError as error:
            _note(error)
            return error
        return None

    def _before(self, report: "RunReport") -> datetime:
        """The instant that the run before this one decided at, as the metrics file says, else some minutes ago."""
        from gitops_rollout.report.metrics import DECIDED, read_instant

        file = self.telling.metrics_file
        known = None if file is None else read_instant(file, DECIDED, self.telling.command)
        return known or report.now - timedelta(minutes=self.telling.webhook_window)

    def _measure(self, report: "RunReport | None", *, webhook_failed: bool) -> None:
        file = self.telling.metrics_file
        if file is None:
            return
        from gitops_rollout.report.metrics import DECIDED, LAST_SUCCESS, RunFacts, read_instant, write_metrics

        command = self.telling.command
        facts = RunFacts(
            command,
            ended=datetime.now(UTC),
            took=timedelta(seconds=time.monotonic() - self._started),
            succeeded=read_instant(file, LAST_SUCCESS, command),
            decided=report.now if report is not None else read_instant(file, DECIDED, command),
            requests=self.world.requests() if self.world is not None else {},
            webhook_failed=webhook_failed,
        )
        write_metrics(file, report, facts)


def _options(webhook: bool) -> list[Callable[..., Any]]:
    options = [
        click.option(
            "--metrics-file",
            type=click.Path(path_type=Path, dir_okay=False),
            envvar=f"{PREFIX}_METRICS_FILE",
            show_envvar=True,
            metavar="FILE",
            help="Write Prometheus metrics there, whole or not at all.",
        ),
        click.option(
            "--log-format",
            type=click.Choice(("text", "json")),
            envvar=f"{PREFIX}_LOG_FORMAT",
            show_envvar=True,
            help="Log each decision and effect on stderr. Default: no log.",
        ),
    ]
    if webhook:
        options += [
            click.option(
                "--webhook-url-file",
                type=click.Path(path_type=Path, dir_okay=False),
                envvar=f"{PREFIX}_WEBHOOK_URL_FILE",
                show_envvar=True,
                metavar="FILE",
                help=f"A file with the URL to tell of changes; or put the URL itself into {URL_VARIABLE}.",
            ),
            click.option(
                "--webhook-window",
                type=click.IntRange(min=1),
                default=WINDOW_MINUTES,
                envvar=f"{PREFIX}_WEBHOOK_WINDOW",
                show_envvar=True,
                show_default=True,
                metavar="MINUTES",
                help="How long ago the run before was, where no metrics file tells.",
            ),
        ]
    return options


def _url(file: Path | None) -> str | None:
    """The URL, from the file or the environment; never from an option, which others on the machine could read."""
    if file is None:
        return os.environ.get(URL_VARIABLE, "").strip() or None
    try:
        url = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise UsageError(f"{file}: {said}", "--webhook-url-file needs a file that holds one URL") from None
    if not url or len(url.split()) != 1:
        raise UsageError(f"{file} does not hold one URL", "--webhook-url-file needs a file that holds one URL")
    return url


def _note(error: RolloutError) -> None:
    from gitops_rollout.cli.output import note

    note(f"{error.message}{f' ({error.hint})' if error.hint else ''}")
