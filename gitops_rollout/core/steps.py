"""The percents on the way from a canary to a promotion."""

from collections.abc import Sequence


def first_step(steps: Sequence[int]) -> int | None:
    """The smallest step; None where there is none between 1 and 99."""
    return next_step(steps, 0)


def next_step(steps: Sequence[int], current: int) -> int | None:
    """The smallest step above the current percent; None above the last: then a canary is promoted."""
    return min((step for step in steps if current < step < 100), default=None)
