"""`gitops-rollout edit`: the manifest engine alone, on files."""

import os
import re
import stat
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gitops_rollout.cli.options import examples

if TYPE_CHECKING:
    from gitops_rollout.model.change import EditOutcome, EditResult

_KEYS = ("path", "document", "namespace", "name", "component", "outcome", "reason", "before", "after")
_COMPONENTS = ("predictor", "transformer", "explainer")


class Percent(click.ParamType[int | str]):
    """A whole number from 0 to 100, or `none`."""

    name = "N|none"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        """The number, or the word `none`."""
        if value == "none":
            return "none"
        if not re.fullmatch(r"0|[1-9][0-9]?|100", str(value)):
            self.fail(f"{value!r} is neither a whole number from 0 to 100 nor `none`", param, ctx)
        return int(value)


@click.command(
    epilog=examples(
        "gitops-rollout edit --percent 25 clusters/prod/*.yaml",
        "gitops-rollout edit --percent none --name iris --in-place clusters/prod/iris.yaml",
    )
)
@click.option("--percent", type=Percent(), required=True, help="What to write; `none` removes the field.")
@click.option("--namespace", metavar="NS", help="Only InferenceServices that state this namespace.")
@click.option("--name", metavar="NAME", help="Only InferenceServices of this name.")
@click.option("--component", type=click.Choice(_COMPONENTS), help="Default: every component that has the field.")
@click.option("--in-place", is_flag=True, help="Write the files. Without it nothing is written.")
@click.option("--output", type=click.Choice(("text", "json")), default="text", help="A unified diff, or records.")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path))
def command(
    percent: int | str,
    namespace: str | None,
    name: str | None,
    component: str | None,
    in_place: bool,
    output: str,
    files: tuple[Path, ...],
) -> int:
    """Set or remove `canaryTrafficPercent` in files: the fewest bytes, proven to be the only change, or refused.

    Exit code 1 when anything was refused.
    """
    from gitops_rollout.manifests.batch import Wanted
    from gitops_rollout.model.targets import Component

    wanted = Wanted(
        percent if isinstance(percent, int) else None, namespace, name, Component(component) if component else None
    )
    outcomes: list[Any] = []
    for path in dict.fromkeys(files):
        result, diff = _edit(path, wanted, in_place)
        outcomes += result.outcomes
        if output == "text":
            sys.stdout.buffer.write(diff.encode())  # as bytes: a diff keeps the line ends of its file
    _report(outcomes, output)
    return 1 if any(outcome.outcome == "refused" for outcome in outcomes) else 0


def _edit(path: Path, wanted: Any, in_place: bool) -> "tuple[EditResult, str]":
    from gitops_rollout.manifests.batch import edit_file, unreadable
    from gitops_rollout.manifests.diff import unified
    from gitops_rollout.model.change import EditResult

    name = os.fspath(path)
    try:
        before = path.read_bytes()
        result = edit_file(name, before, wanted)
        if in_place and result.data != before:
            _write(path, result.data)
    except OSError as error:
        return EditResult(b"", (unreadable(name, error.strerror or "it cannot be opened"),)), ""
    return result, unified(_shown(path), before, result.data)


def _shown(path: Path) -> str:
    """The path as a patch names it: relative to the current folder where it lies in it."""
    absolute = Path(os.path.normpath(Path.cwd() / path))
    if absolute.is_relative_to(Path.cwd()):
        return absolute.relative_to(Path.cwd()).as_posix()
    return absolute.as_posix().lstrip("/")


def _write(path: Path, data: bytes) -> None:
    """Replace a file as a whole, so that no reader and no crash ever sees half of it; links stay links."""
    place = path.resolve()
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), stat.S_IMODE(place.stat().st_mode))
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _report(outcomes: "Iterable[EditOutcome]", output: str) -> None:
    from gitops_rollout.cli.output import note, show_json

    for outcome in outcomes:
        if outcome.outcome == "refused":
            what = "/".join(part for part in (outcome.namespace, outcome.name, outcome.component) if part)
            note(f"{outcome.path}: {f'{what}: ' if what else ''}refused ({outcome.reason}): {outcome.message}")
    if output == "json":
        records = [{key: getattr(outcome, key) for key in _KEYS} for outcome in outcomes]
        show_json(records)
