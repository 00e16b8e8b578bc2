"""Every surface that shows text from outside, filled with one text wherever such text may stand."""

import contextlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from gitops_rollout.cli.logs import write_records
from gitops_rollout.core.hazards import RULES
from gitops_rollout.core.pull_marker import mark_closed, marker_of, with_marker
from gitops_rollout.core.trailers import format_trailers
from gitops_rollout.model.change import Change, PullReport
from gitops_rollout.model.decision import Decision
from gitops_rollout.model.findings import Checked, Finding, Level
from gitops_rollout.model.live import ComponentStatus, TrafficTarget
from gitops_rollout.model.observation import Evidence, RevisionRef, Verdict
from gitops_rollout.model.plan import ComponentReport, RunReport, TargetReport
from gitops_rollout.model.targets import Skipped, TargetKey
from gitops_rollout.report.as_json import to_json_text
from gitops_rollout.report.as_markdown import to_markdown
from gitops_rollout.report.as_text import to_text
from gitops_rollout.report.checks import checks_json, checks_sarif, checks_text
from gitops_rollout.report.evidence import Seen, evidence_comment
from gitops_rollout.report.explanation import explanation_json, explanation_text
from gitops_rollout.report.records import records
from gitops_rollout.report.status import to_status
from gitops_rollout.report.templates import load_templates
from gitops_rollout.report.texts import commit_message, pull_texts
from tests.report import samples

PART = samples.PREDICTOR
TEMPLATES = load_templates()


def key(text: str) -> TargetKey:
    return TargetKey("prod", text, text)


def decision(text: str) -> Decision:
    revision = RevisionRef(text, text, text)
    return replace(
        samples.promotion(text),
        candidate={PART: revision},
        baseline={PART: revision},
        evidence=(Evidence(text, 0.2, 1.0, Verdict.PASS, text),),
    )


def component(text: str) -> ComponentReport:
    tracking = ComponentStatus(text, text, text, text)
    return replace(samples.component(), tracking=tracking, traffic=(TrafficTarget(text, True, 50, text),))


def change(text: str) -> Change:
    made = replace(samples.change(decision(text), key(text), path=f"{text}.yaml"), branch=text)
    return replace(made, identity=replace(made.identity, change=text))


def target(text: str) -> TargetReport:
    made = samples.target(decision(text), key(text))
    assert made.change is not None
    assert made.pull is not None
    return replace(
        made,
        components={PART: component(text)},
        change=replace(made.change, branch=text, diff=diff(text)),
        pull=PullReport(12, f"https://git.example/{text}", made.pull.state, made.pull.did, text),
        notes=(text,),
    )


def diff(text: str) -> str:
    return "".join(f"+{line}\n" for line in text.splitlines())


def report(text: str) -> RunReport:
    alarm = replace(target(text), decision=samples.hold(message=text, alarm=True), change=None, pull=None)
    failed = replace(target(text), error=text)
    run = samples.report(target(text), alarm, failed, skipped=(Skipped(text, 3, text, text),))
    return replace(run, base_branch=text, notes=(text,), errors=(text,))


def checked(text: str) -> list[Checked]:
    finding = Finding("straight-to-all", Level.ERROR, (text,), text, text, 3, text, diff(text), text)
    return [Checked(text, (finding,), 12), Checked(text, (replace(finding, allowed=None),))]


def title_and_body(text: str) -> tuple[str, str]:
    seen = {key(text): {PART: component(text)}}
    title, body = pull_texts(change(text), diff(text), seen, [text], TEMPLATES)
    return title, with_marker(body, marker_of(change(text)))


def message(text: str) -> str:
    return commit_message(change(text), format_trailers(change(text)), [text], TEMPLATES)


def logged(text: str, kind: str) -> str:
    with contextlib.redirect_stderr(io.StringIO()) as err:
        write_records(records(report(text)), kind, run=text)
    return err.getvalue()


TERMINAL: Mapping[str, Callable[[str], str]] = {
    "log": lambda text: to_text(report(text)),
    "terminal": lambda text: to_text(report(text), width=100),
    "status": lambda text: to_status(report(text), wide=True),
    "explanation": lambda text: explanation_text(target(text), {}),
    "checks": lambda text: checks_text(checked(text)),
}
MARKDOWN: Mapping[str, Callable[[str], str]] = {
    "summary": lambda text: to_markdown(report(text)),
    "body": lambda text: title_and_body(text)[1],
    "closed-body": lambda text: mark_closed(title_and_body(text)[1], "Not fresh."),
    "comment": lambda text: evidence_comment([Seen(target(text))], None, text, TEMPLATES),
}
COMMITS: Mapping[str, Callable[[str], str]] = {
    "title": lambda text: title_and_body(text)[0],
    "commit": message,
}
JSON: Mapping[str, Callable[[str], str]] = {
    "json": lambda text: to_json_text(report(text)),
    "explanation-json": lambda text: explanation_json(target(text), {}),
    "checks-json": lambda text: checks_json(text, text, checked(text)),
    "sarif": lambda text: checks_sarif(checked(text), {rule.code: rule.title for rule in RULES}),
}
# With the time of each record in it, so that none is kept as a case.
LOGS: Mapping[str, Callable[[str], str]] = {
    "records": lambda text: logged(text, "text"),
    "records-json": lambda text: logged(text, "json"),
}
SURFACES = {**TERMINAL, **MARKDOWN, **COMMITS, **JSON}


def strings(document: str) -> list[str]:
    """All strings of a JSON document."""
    found: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    walk(json.loads(document))
    return found
