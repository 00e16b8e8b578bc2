"""A real Gitea: runs killed with SIGKILL at their pushes and their requests, and run again."""

from pathlib import Path

import pytest

from tests.deaths.gate import gate
from tests.deaths.matrix import Clean, die_in_every_chapter, play
from tests.deaths.stages import GiteaStage
from tests.deaths.story import make_story
from tests.servers.gitea import Gitea

# The effects of the longest chapter.
EFFECTS = 5


@pytest.fixture(scope="module")
def clean(gitea: Gitea, tmp_path_factory: pytest.TempPathFactory) -> Clean:
    root = tmp_path_factory.mktemp("gitea")
    story = make_story(root / "story", ["breaks"])
    with gate(gitea.url) as passing:
        stage = GiteaStage(root / "clean", story, gitea, passing, "clean")
        stage.ready()
        return play(story, stage)


@pytest.mark.parametrize(("number", "before"), [(0, True), *((number, False) for number in range(EFFECTS))])
def test_a_death_at_any_request_changes_nothing(
    gitea: Gitea, clean: Clean, tmp_path: Path, number: int, before: bool
) -> None:
    with gate(gitea.url) as passing:
        stage = GiteaStage(tmp_path / "world", clean.story, gitea, passing, f"dies-{number}-{before}".lower())
        stage.ready()
        die_in_every_chapter(stage, clean, number, before=before)


def test_no_effect_is_left_out(clean: Clean) -> None:
    assert clean.longest() == EFFECTS, clean.effects
