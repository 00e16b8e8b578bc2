from decimal import Decimal

import pytest

from gitops_rollout.core.quantity import parse, times, total, words, write


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", "1"),
        (2, "2"),
        ("500m", "0.5"),
        ("0.5", "0.5"),
        (".5", "0.5"),
        ("2Gi", "2147483648"),
        ("1k", "1000"),
        ("1e3", "1000"),
        ("1E", "1000000000000000000"),
        ("100n", "0.0000001"),
    ],
)
def test_a_quantity_is_a_number(text: object, number: str) -> None:
    assert parse(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "a", "1 Gi", "1GiB", "--1", None, [], {}, "9" * 50, "1e9999", "\u0661"])
def test_what_is_no_quantity_is_none(text: object) -> None:
    assert parse(text) is None


@pytest.mark.parametrize("text", ["1", "0.5", "2Gi", "1500Mi", "3", "1.5"])
def test_a_quantity_is_written_in_its_shortest_form(text: str) -> None:
    number = parse(text)
    assert number is not None
    assert write(number) == text


def test_requests_add_up_over_containers_and_pods() -> None:
    sum_of_two = total([{"cpu": "1", "memory": "1536Mi", "nvidia.com/gpu": 1}, {"cpu": "250m", "memory": "512Mi"}])
    assert sum_of_two == {"cpu": "1.25", "memory": "2Gi", "nvidia.com/gpu": "1"}
    assert times(sum_of_two, 2) == {"cpu": "2.5", "memory": "4Gi", "nvidia.com/gpu": "2"}
    assert words(sum_of_two) == "cpu 1.25, memory 2Gi, nvidia.com/gpu 1"
    assert total([{"cpu": "0", "memory": "lots"}]) == {}


def test_a_count_that_nobody_can_have_is_multiplied_all_the_same() -> None:
    assert times({"cpu": "500m"}, 3) == {"cpu": "1.5"}
    assert times({"nvidia.com/gpu": "1", "memory": "1Gi"}, 2**31) == {"memory": "2Ei", "nvidia.com/gpu": "2Gi"}
    assert times({"cpu": "1"}, 0) == {}
