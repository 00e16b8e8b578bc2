"""A run as Markdown, for a CI job's summary page or a comment."""

from collections.abc import Iterable, Iterator

from gitops_rollout.model.decision import CHANGING
from gitops_rollout.model.plan import RunReport, TargetReport
from gitops_rollout.report.as_json import instant
from gitops_rollout.report.counts import kind_of
from gitops_rollout.report.escape import address, block, cell_code, code, markdown
from gitops_rollout.report.words import label_of, pull_phrase, pulls_tally, rollbacks_tally, says, tally

LIMIT = 900_000  # bytes; a job summary on GitHub may hold 1 MiB
_LEFT_OUT = "\nSome of it is left out here, where it would be too long; `--output json` has all.\n"


def to_markdown(report: RunReport) -> str:
    """The report as Markdown: what needs eyes first, then what changes with its diff, then the rest, folded.

    At most `LIMIT` bytes: where it would be longer, the end is left out and that is said.
    """
    changing = [t for t in report.targets if not t.error and t.decision.action in CHANGING]
    base = f"{code(report.base_branch)} at {code(report.base_commit[:12])}"
    pulls = markdown(pulls_tally(report))
    rollbacks = markdown(rollbacks_tally(report))
    head = [
        f"### gitops-rollout: {markdown(tally(report))}",
        "",
        f"Decided at {instant(report.now)} from {base}." + (f" Of {pulls}." if pulls else ""),
        "",
        *([f"Of {rollbacks}.", ""] if rollbacks else []),
        *_section("Needs somebody", [t for t in report.targets if kind_of(t) in ("error", "alarm")]),
        *_section("Changes", changing),
    ]
    parts = [
        _folded("Diffs", _diffs(changing)),
        _folded("The rest", _section("", [t for t in report.targets if kind_of(t) in ("hold", "stable")])),
        list(_remarks(report)),
    ]
    return _fitted(head, parts)


def _section(title: str, targets: Iterable[TargetReport]) -> list[str]:
    rows = [_row(target) for target in sorted(targets, key=lambda target: target.key)]
    if not rows:
        return []
    head = [f"#### {title}", ""] if title else []
    return [*head, "| target | decision | because | pull request | |", "|---|---|---|---|---|", *rows, ""]


def _row(target: TargetReport) -> str:
    kind, _, move = label_of(target).partition(" ")
    decision = f"**{kind}** {move}".rstrip()
    pull = markdown(pull_phrase(target))
    if pull and target.pull and (target.pull.url or "").startswith(("https://", "http://")):
        pull = f"[{pull}](<{address(target.pull.url or '')}>)"
    because = cell_code(target.decision.reason)
    return f"| {cell_code(str(target.key))} | {decision} | {because} | {pull} | {markdown(says(target))} |"


def _diffs(targets: Iterable[TargetReport]) -> list[str]:
    return [block(target.change.diff, "diff") for target in targets if target.change and target.change.diff]


def _folded(title: str, lines: list[str]) -> list[str]:
    if not lines:
        return []
    return [f"<details><summary>{title}</summary>", "", *lines, "", "</details>", ""]


def _remarks(report: RunReport) -> Iterator[str]:
    for item in report.skipped:
        place = code(item.path + (f":{item.line}" if item.line else ""))
        yield f"- skipped {place} ({markdown(item.reason)}): {markdown(item.message)}"
    for note in report.notes:
        yield f"- {markdown(note)}"
    for error in report.errors:
        yield f"- **failed**: {markdown(error)}"


def _fitted(head: list[str], parts: list[list[str]]) -> str:
    """As many whole parts as fit; of the head, which may be a long table, as many lines."""
    room = LIMIT - len(_LEFT_OUT)
    kept: list[str] = []
    cut = False
    for part in [*([line] for line in head), *parts]:
        size = sum(len(line.encode("utf-8", "backslashreplace")) + 1 for line in part)
        if size <= room:
            kept += part
            room -= size
        else:
            cut = True
    return "\n".join(kept).rstrip() + "\n" + (_LEFT_OUT if cut else "")
