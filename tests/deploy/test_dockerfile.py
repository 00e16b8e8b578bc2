"""What the image is made of is in the repository, and it does not run as root."""

import tomllib

from tests.deploy.rendered import DEPLOY

ROOT = DEPLOY.parent


def instructions(name: str) -> list[list[str]]:
    """The words of each instruction of a kind, in order."""
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    return [line.split()[1:] for line in text.splitlines() if line.split()[:1] == [name]]


def test_all_that_is_copied_is_there() -> None:
    copied = [source for words in instructions("COPY") if not words[0].startswith("--from") for source in words[:-1]]
    assert len(copied) > 5
    assert [source for source in copied if not (ROOT / source).exists()] == []


def test_the_project_builds_from_what_is_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    build = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    copied = {source for words in instructions("COPY") for source in words[:-1]}
    assert {*build["only-include"], project["project"]["readme"], *project["project"]["license-files"]} <= copied


def test_it_runs_the_tool_and_not_as_root() -> None:
    (user,) = instructions("USER")[-1]
    assert user.split(":")[0].isdigit()
    assert int(user.split(":")[0]) > 0
    assert instructions("ENTRYPOINT") == [['["gitops-rollout"]']]
