"""The embedded forge: runs killed with SIGKILL in the middle of a push, and run again."""

from pathlib import Path

import pytest

from tests.deaths.matrix import Clean, die_in_every_chapter, play
from tests.deaths.stages import LocalStage
from tests.deaths.story import make_story

# The effects of the longest chapter.
EFFECTS = 4


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Clean:
    root = tmp_path_factory.mktemp("local")
    story = make_story(root / "story")
    return play(story, LocalStage(root / "clean", story))


@pytest.mark.parametrize(("number", "before"), [(0, True), *((number, False) for number in range(EFFECTS))])
def test_a_death_at_any_push_changes_nothing(clean: Clean, tmp_path: Path, number: int, before: bool) -> None:
    die_in_every_chapter(LocalStage(tmp_path, clean.story), clean, number, before=before)


def test_no_effect_is_left_out(clean: Clean) -> None:
    assert clean.longest() == EFFECTS, clean.effects
