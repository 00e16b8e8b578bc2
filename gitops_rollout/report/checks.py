"""What `check` found: text for people, JSON for scripts, SARIF for code scanning."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gitops_rollout import __version__
from gitops_rollout.model.findings import Checked, Finding
from gitops_rollout.report.escape import address, json_text, log_line, sarif_text

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def checks_text(checked: Sequence[Checked]) -> str:
    """One paragraph a finding: what, where, the forecast, and the line to write instead."""
    return "".join(f"{line}\n" for one in checked for finding in one.findings for line in _lines(one, finding))


def checks_json(base_branch: str, base_commit: str, checked: Sequence[Checked]) -> str:
    """All findings as indented JSON text."""
    found = {
        "version": 1,
        "base": {"branch": base_branch, "commit": base_commit},
        "ok": all(one.ok for one in checked),
        "checked": [
            {"head": one.head, "pull": one.pull, "ok": one.ok, "findings": [_plain(f) for f in one.findings]}
            for one in checked
        ],
    }
    return json_text(found) + "\n"


def checks_sarif(checked: Sequence[Checked], titles: Mapping[str, str]) -> str:
    """The findings with a level as SARIF 2.1.0 (OASIS); `titles` says what each code means."""
    results = [finding for one in checked for finding in one.findings if finding.level is not None]
    rules = sorted({finding.code for finding in results})
    driver = {
        "name": "gitops-rollout",
        "version": __version__,
        "rules": [{"id": code, "shortDescription": {"text": titles.get(code, code)}} for code in rules],
    }
    run = {"tool": {"driver": driver}, "results": [_result(finding) for finding in results]}
    return json_text({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def _lines(one: Checked, finding: Finding) -> Iterator[str]:
    level = "ok" if finding.level is None else finding.level.value
    name = f"#{one.pull}" if one.pull else one.head[:12]
    where = f"{finding.path}:{finding.line}: " if finding.path else ""
    what = f"{', '.join(finding.targets)}: " if finding.targets else ""
    silenced = f" [allowed by {finding.allowed}]" if finding.allowed else ""
    yield log_line(f"{name}  {level} {finding.code}{silenced}: {where}{what}{finding.message}")
    if finding.evidence:
        yield f"    {log_line(finding.evidence)}"
    for line in (finding.patch or "").splitlines():
        yield f"    {log_line(line)}"


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "level": finding.level and finding.level.value,
        "ok": finding.ok,
        "targets": list(finding.targets),
        "message": finding.message,
        "path": finding.path,
        "line": finding.line,
        "evidence": finding.evidence,
        "patch": finding.patch,
        "allowed": finding.allowed,
    }


def _result(finding: Finding) -> dict[str, Any]:
    text = " ".join(part for part in (finding.message, finding.evidence) if part)
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": finding.level and finding.level.value,
        "message": {"text": sarif_text(f"{', '.join(finding.targets)}: {text}" if finding.targets else text)},
    }
    if finding.path:
        region = {"startLine": finding.line or 1}
        place = {"artifactLocation": {"uri": address(finding.path)}, "region": region}
        result["locations"] = [{"physicalLocation": place}]
    if finding.allowed:
        result["suppressions"] = [{"kind": "external", "justification": finding.allowed}]
    return result
