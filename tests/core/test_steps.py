import pytest

from gitops_rollout.core.steps import first_step, next_step


@pytest.mark.parametrize(
    ("current", "expected"), [(0, 10), (9, 10), (10, 25), (24, 25), (25, 50), (50, None), (99, None)]
)
def test_the_next_step_is_the_smallest_above(current: int, expected: int | None) -> None:
    assert next_step((50, 10, 25, 100), current) == expected


def test_the_first_step() -> None:
    assert first_step((25, 10)) == 10
    assert first_step(()) is None
    assert first_step((0, 100, -5)) is None
