"""The embedded forge: runs killed with SIGKILL in the middle of a push, and run again."""

from pathlib import Path

import pytest

from tests.deaths.matrix import Clean, die_in_every_chapter, play
from tests.deaths.stages import LocalStage
from tests.deaths.story import make_story

# So that several workers may share the effects of the longest chapter.
SHARES = 4


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Clean:
    root = tmp_path_factory.mktemp("local")
    story = make_story(root / "story")
    return play(story, LocalStage(root / "clean", story))


@pytest.mark.parametrize("share", range(SHARES))
def test_a_death_at_any_push_changes_nothing(clean: Clean, tmp_path: Path, share: int) -> None:
    for number in clean.numbers(share, SHARES):
        die_in_every_chapter(LocalStage(tmp_path / f"{number}", clean.story), clean, number, before=False)


def test_a_death_before_anything_was_pushed_changes_nothing(clean: Clean, tmp_path: Path) -> None:
    die_in_every_chapter(LocalStage(tmp_path / "before", clean.story), clean, 0, before=True)
