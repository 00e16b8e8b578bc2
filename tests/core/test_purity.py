"""`core` is pure: it imports the standard library and `model` alone, and touches no clock, environment or file."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import gitops_rollout.core

CORE = Path(gitops_rollout.core.__file__).parent
FILES = sorted(CORE.rglob("*.py"))
OWN = ("gitops_rollout.core", "gitops_rollout.model")
# Modules of the standard library that reach the clock, chance, the environment, files, processes or the network.
IMPURE = {"os", "sys", "time", "random", "secrets", "pathlib", "io", "logging", "subprocess", "socket", "tempfile"}
IMPURE |= {"shutil", "threading", "asyncio", "urllib", "http", "getpass", "platform", "locale"}
NOT_CALLED = {"open", "print", "input", "now", "utcnow", "today", "uuid1", "uuid4"}


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield node.module or ""


def called(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            yield function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(CORE)))
def test_a_file_of_core_is_pure(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for module in imported(tree):
        top = module.partition(".")[0]
        assert module.startswith(OWN) or (top in sys.stdlib_module_names and top not in IMPURE), module
    assert not NOT_CALLED & set(called(tree))


def test_there_is_something_to_check() -> None:
    assert len(FILES) > 20
