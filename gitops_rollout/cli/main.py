"""The entry point: finds the command by name, and turns whatever happens into one line and an exit code."""

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from gitops_rollout import __version__
from gitops_rollout.cli.commands import COMMANDS
from gitops_rollout.model.errors import RolloutError

WRONG_USAGE = 64
INTERRUPTED = 130
WIDEST = 110


class LazyGroup(click.Group):
    """Imports a command's module only when that command runs; its one line of help stands in `COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands, in the order in which people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"gitops_rollout.cli.{COMMANDS[cmd_name].module}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, so that `--help` imports none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: gitops-rollout plan --live prod=snapshot:live.json",
)
@click.version_option(__version__, prog_name="gitops-rollout")
def group() -> None:
    """Promote and roll back KServe canaries by pull request.

    Reads what Git wants and what the clusters do, decides, and writes the decision back to Git as the smallest
    possible change. It never writes to a cluster.
    """


def run(args: Sequence[str] | None = None) -> int:
    """Run the command line (`args` default to the process's own) and return its exit code; never raises."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # text that this terminal cannot show is escaped, not a crash
            stream.reconfigure(errors="backslashreplace")
    code = _guarded(args)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = _reader_gone()
    if args is None:
        gc.freeze()  # the process ends here; what is frozen is not searched for cycles on the way out
    return code


def _guarded(args: Sequence[str] | None) -> int:
    try:
        result: Any = group.main(
            args,
            prog_name="gitops-rollout",
            standalone_mode=False,
            terminal_width=_width(),
            color=False if os.environ.get("NO_COLOR") else None,  # None: colour on a terminal only
        )
    except RolloutError as error:
        _say(error)
        return error.exit_code
    except click.UsageError as error:
        error.show()
        return WRONG_USAGE
    except click.ClickException as error:
        error.show()
        return 1
    except (click.Abort, KeyboardInterrupt):
        click.echo("gitops-rollout: interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        return _reader_gone()
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 1
    except Exception as error:  # a bug of ours: the reader gets one line, the details go to a file
        from gitops_rollout.cli.errors import report_bug

        return report_bug(error)
    return result if isinstance(result, int) else 0


def _width() -> int:
    """Columns for help texts. click would ask `shutil`, whose import takes a third of a bare interpreter's start."""
    try:
        columns = int(os.environ.get("COLUMNS") or os.get_terminal_size().columns)
    except (ValueError, OSError):
        columns = WIDEST
    return max(50, min(columns, WIDEST) - 2)


def _say(error: RolloutError) -> None:
    from gitops_rollout.report.escape import log_line

    hint = f" ({log_line(error.hint)})" if error.hint else ""
    click.echo(f"gitops-rollout: {log_line(error.message)}{hint}", err=True)
    for detail in error.details:
        click.echo(f"  {log_line(detail)}", err=True)


def _reader_gone() -> int:
    """Whoever read our output stopped (`| head`): leave quietly, also when Python flushes at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
