"""A real Gitea: runs killed with SIGKILL at their pushes and their requests, and run again."""

from pathlib import Path

import pytest

from tests.deaths.gate import gate
from tests.deaths.matrix import Clean, die_in_every_chapter, play
from tests.deaths.stages import GiteaStage
from tests.deaths.story import make_story
from tests.servers.gitea import Gitea

# So that several workers may share the effects of the longest chapter.
SHARES = 5


@pytest.fixture(scope="module")
def clean(gitea: Gitea, tmp_path_factory: pytest.TempPathFactory) -> Clean:
    root = tmp_path_factory.mktemp("gitea")
    story = make_story(root / "story", ["breaks"])
    with gate(gitea.url) as passing:
        stage = GiteaStage(root / "clean", story, gitea, passing, "clean")
        stage.ready()
        return play(story, stage)


@pytest.mark.parametrize("share", range(SHARES))
def test_a_death_at_any_request_changes_nothing(gitea: Gitea, clean: Clean, tmp_path: Path, share: int) -> None:
    for number in clean.numbers(share, SHARES):
        dies(gitea, clean, tmp_path / f"{number}", number, before=False)


def test_a_death_before_anything_was_changed_changes_nothing(gitea: Gitea, clean: Clean, tmp_path: Path) -> None:
    dies(gitea, clean, tmp_path / "before", 0, before=True)


def dies(gitea: Gitea, clean: Clean, folder: Path, number: int, *, before: bool) -> None:
    with gate(gitea.url) as passing:
        stage = GiteaStage(folder, clean.story, gitea, passing, f"dies-{folder.name}")
        stage.ready()
        die_in_every_chapter(stage, clean, number, before=before)
