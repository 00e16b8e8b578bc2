"""Every command can be asked for help, and what the documents tell people to type is what the commands take."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from gitops_rollout.cli import main
from gitops_rollout.cli.commands import COMMANDS
from gitops_rollout.cli.main import group, run
from gitops_rollout.core.decide.rows import ROWS

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
TYPED = re.compile(r"(?:^ {4,8}(?:\$ )?|^\$ |`)(gitops-rollout [a-z][^`\n|>]*)", re.MULTILINE)


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words that lead to each command that does something."""
    if not isinstance(command, click.Group):
        yield path
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from leaves(found, (*path, name))


@pytest.mark.parametrize("words", list(leaves(group)), ids=" ".join)
def test_help_has_a_sentence_and_an_example(words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(group, [*words, "--help"], prog_name="gitops-rollout")
    assert done.exit_code == 0
    assert done.output.startswith(f"Usage: gitops-rollout {' '.join(words)}")
    assert f"gitops-rollout {' '.join(words)}" in done.output.partition("Example")[2]


def test_no_command_is_left_out_of_the_list() -> None:
    modules = {
        path.stem
        for path in Path(main.__file__).parent.glob("*.py")
        if re.search(r"^def command\(", path.read_text(), re.MULTILINE)
    }
    assert modules == {entry.module for entry in COMMANDS.values()}


@pytest.mark.parametrize("name", list(COMMANDS))
def test_the_list_of_commands_says_what_the_command_says(name: str) -> None:
    command = group.get_command(click.Context(group), name)
    assert command is not None
    assert command.help
    assert COMMANDS[name].help.endswith(".")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_in_the_documents_exist_with_their_options(document: Path) -> None:
    for typed in TYPED.findall(document.read_text()):
        words = [word for word in shlex.split(typed)[1:] if word != "…"]
        command: click.Command = group
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            found = command.get_command(click.Context(command), words[0])
            assert found is not None, f"{document.name}: {typed}"
            command, words = found, words[1:]
        options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        used = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert used <= options | {"--help"}, f"{document.name}: {typed}"


def test_the_readme_has_the_rows_of_the_decision_table() -> None:
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert [(int(number), title.strip()) for number, title in rows] == [(row.number, row.title) for row in ROWS]


def test_help_of_the_whole_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-h"]) == 0
    assert [
        line.split()[0] for line in capsys.readouterr().out.partition("Commands:\n")[2].splitlines()[: len(COMMANDS)]
    ] == list(COMMANDS)


@pytest.mark.parametrize(
    "document", [*DOCUMENTS, ROOT / "CHANGELOG.md", ROOT / "deploy" / "README.md"], ids=lambda path: path.name
)
def test_links_between_the_documents_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []
