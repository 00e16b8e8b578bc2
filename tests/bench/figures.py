"""What a bench measures, and how: rounds of floor and subject in turn, and the median of their ratios."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measurement. `floor` and `taken` are in `unit`; `ratio` is the median over rounds, `most` what is allowed."""

    name: str
    floor_name: str
    floor: float
    taken: float
    ratio: float
    most: float
    unit: str = "s"

    @property
    def within(self) -> bool:
        return self.ratio <= self.most


def compare(
    name: str,
    floor_name: str,
    floor: Callable[[], object],
    subject: Callable[[], object],
    most: float,
    rounds: int = 5,
) -> Figure:
    """Time both in turn, so that a noisy machine disturbs both alike."""
    floors, takens = [], []
    for _ in range(rounds):
        floors.append(_timed(floor))
        takens.append(_timed(subject))
    ratios = [taken / base for taken, base in zip(takens, floors, strict=True)]
    return Figure(
        name, floor_name, statistics.median(floors), statistics.median(takens), statistics.median(ratios), most
    )


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def show(figure: Figure) -> str:
    """One line of the table."""
    verdict = "ok" if figure.within else "TOO MUCH"
    return (
        f"{figure.name:<44} {figure.taken:>9.3f} {figure.unit:<3} {figure.floor:>9.3f} {figure.unit:<3}"
        f" {figure.ratio:>7.2f}x  <= {figure.most:g}x  {verdict:<8}  floor: {figure.floor_name}"
    )
