"""Reads the policy file: bytes in, the model's `Policy` out, or every problem in it at once."""

from typing import Any

from pydantic import ValidationError

from gitops_rollout.config.models import (
    AnalysisSection,
    CommitsSection,
    PolicyFile,
    PullSection,
    SettingsSection,
    WindowSection,
)
from gitops_rollout.config.problems import describe
from gitops_rollout.model.commits import OURSELVES, CommitSettings, Person, SignatureFormat
from gitops_rollout.model.errors import PolicyError, TextError
from gitops_rollout.model.policy import (
    Analysis,
    ClusterPolicy,
    ForgePolicy,
    Limits,
    Policy,
    PullPolicy,
    Rule,
    Settings,
)
from gitops_rollout.text.plain import Document, load_with_lines

# Keys of the file whose name in the model is another.
RENAMED = {"suspend": "suspended"}


def load_policy(data: bytes | None, path: str) -> Policy:
    """The policy in `data`, the bytes of the file at `path`; None where there is no file gives the defaults.

    `PolicyError` names file, line and key of every problem, and what is allowed there.
    """
    if data is None:
        return Policy()
    document = _only_document(data, path)
    try:
        parsed = PolicyFile.model_validate({} if document.value is None else document.value)
    except ValidationError as error:
        problems = [f"{path}:{line}: {text}" for line, text in describe(error, document)]
        if len(problems) == 1:
            raise PolicyError(problems[0]) from error
        raise PolicyError(f"{path}: {len(problems)} problems", details=tuple(problems)) from error
    return _policy(parsed, path)


def _only_document(data: bytes, path: str) -> Document:
    try:
        documents = load_with_lines(data)
    except TextError as error:
        raise PolicyError(f"{path}: {error.message}", "the policy is one YAML document") from error
    if len(documents) > 1:
        raise PolicyError(f"{path}:{documents[1].line(())}: a second document", "the policy is one YAML document")
    return documents[0] if documents else Document(None, {})


def _policy(parsed: PolicyFile, path: str) -> Policy:
    stated = _stated(parsed.defaults)
    stated |= {key: PullPolicy(**stated[key]) for key in ("promote", "rollback") if key in stated}
    return Policy(
        path=path,
        clusters=tuple(
            ClusterPolicy(
                name=one.name,
                paths=tuple(one.paths),
                context=one.context,
                namespace=one.namespace,
                destinations=tuple(one.destinations),
                namespaces=tuple(one.namespaces),
                labels=one.labels,
                timeout=one.timeout,
            )
            for one in parsed.clusters
        ),
        forge=ForgePolicy(**parsed.forge.model_dump()),
        defaults=Settings(mode=parsed.mode, windows=_value(parsed.windows), **stated),
        rules=tuple(
            Rule(_stated(rule), rule.match.cluster or "*", rule.match.namespace or "*", rule.match.name or "*")
            for rule in parsed.rules
        ),
        limits=Limits(parsed.limits.open, parsed.limits.per_rule, parsed.limits.max_age, parsed.limits.file_size),
        commits=_commits(parsed.commits),
        ignore=tuple(parsed.ignore),
        suspended=parsed.suspend,
    )


def _commits(section: CommitsSection) -> CommitSettings:
    """Author and committer are one: nobody else has a part in these commits."""
    person = Person(section.author.name, section.author.email) if section.author else OURSELVES
    key, signature = None, SignatureFormat.OPENPGP
    if section.signing is not None:
        key, signature = section.signing.key, section.signing.format
    return CommitSettings(person, person, key, signature, section.sign_off, section.via)


def _stated(section: SettingsSection | PullSection) -> dict[str, Any]:
    """Only what a section states, by the names of the model; of `promote` and `rollback` only their stated fields."""
    keys = sorted(section.model_fields_set - {"match"})
    return {RENAMED.get(key, key): _value(getattr(section, key)) for key in keys}


def _value(value: Any) -> Any:
    """One value of the file as the model has it."""
    if isinstance(value, list):
        return tuple(_value(entry) for entry in value)
    if isinstance(value, PullSection):
        return _stated(value)
    if isinstance(value, AnalysisSection):
        return _analysis(value)
    return value.window() if isinstance(value, WindowSection) else value


def _analysis(check: AnalysisSection) -> Analysis:
    return Analysis(
        name=check.name,
        provider="prometheus",
        options=check.prometheus.model_dump(exclude_none=True),
        fail_above=check.fail.above,
        fail_below=check.fail.below,
        min_samples=check.min_samples,
        failure_limit=check.failure_limit,
    )
