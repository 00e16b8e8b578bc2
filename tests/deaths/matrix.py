"""Kills runs at each of their outside effects, and compares what the next runs make of it with a clean story.

The effects are those that runs were seen to have when nobody killed them, so what a release adds is taken in by itself.
Between two effects the outside stands still, so that dying after one and dying before the next are the same to it: each
place is tried once here, and from both sides in memory (tests/reconcile/test_crashes.py).
"""

import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.deaths.stages import MOST_RUNS, Stage, settle
from tests.deaths.story import Chapter, Story


@dataclass(frozen=True)
class Clean:
    """What nobody disturbed: for each chapter the effects in order, and what was seen when all was at rest."""

    story: Story
    effects: tuple[Sequence[str], ...]
    seen: tuple[Any, ...]

    def numbers(self, share: int, shares: int) -> range:
        """The effects of one share, counted through the chapter that has most; a later effect is taken in by itself."""
        assert all(self.effects), f"a chapter without effects shows nothing: {self.effects}"
        return range(share, max(map(len, self.effects)), shares)


def play(story: Story, stage: Stage) -> Clean:
    """The whole story without a death."""
    effects, seen = [], []
    for chapter in story.chapters:
        stage.begin(chapter)
        effects.append(tuple(settle(stage, chapter)))
        seen.append(stage.seen())
    return Clean(story, tuple(effects), tuple(seen))


def die_in_every_chapter(stage: Stage, clean: Clean, number: int, *, before: bool) -> int:
    """Die at the effect of this number in each chapter that has one; the next runs end as if nothing had happened."""
    deaths = 0
    for chapter, effects, expected in zip(clean.story.chapters, clean.effects, clean.seen, strict=True):
        stage.begin(chapter)
        if number < len(effects):
            die(stage, chapter, number, before=before)
            deaths += 1
        settle(stage, chapter)
        where = f"{chapter.name}: killed {'before' if before else 'after'} {' '.join(effects[number : number + 1])}"
        found = list(differences(expected, stage.seen()))
        assert not found, f"{where}: {found}"
    return deaths


def differences(expected: Any, seen: Any, place: str = "") -> Iterator[str]:
    """Where two of the things that people see differ."""
    if isinstance(expected, dict) and isinstance(seen, dict):
        for key in sorted(expected.keys() | seen.keys(), key=str):
            yield from differences(expected.get(key), seen.get(key), f"{place}/{key}")
    elif isinstance(expected, tuple) and isinstance(seen, tuple):
        for number, (one, other) in enumerate(zip(expected, seen, strict=True)):
            yield from differences(one, other, f"{place}/{number}")
    elif expected != seen:
        yield f"{place}: {expected!r} became {seen!r}"


def die(stage: Stage, chapter: Chapter, number: int, *, before: bool) -> None:
    """Run until a run is killed at an effect; those that have theirs before it live."""
    for _ in range(MOST_RUNS):
        code, effects = stage.run(chapter, number, before=before)
        if code == -signal.SIGKILL:
            return
        assert code == 0, stage.said()
        assert effects, "it is at rest, and nobody has died"
        number -= len(effects)
    raise AssertionError("nobody dies")
