"""Zeroed and known-bad, from the history alone."""

from gitops_rollout.core.memory import is_zeroed, known_bad, named_by_rollback, zeroed_before
from gitops_rollout.model.observation import RollbackRecord
from gitops_rollout.model.targets import Component
from tests.core.builders import PREDICTOR, V1, V2, V3, line, model_of, spec

M1, M2, M3 = (model_of(spec(uri)) for uri in (V1, V2, V3))


def marker(model: str) -> str:
    return f"rolled back: iris-predictor-00002 (model {model})"


def test_a_marker_with_todays_model_zeroes() -> None:
    assert is_zeroed(line(spec(V1), spec(V2, 10), (spec(V2, 0), marker(M2))))


def test_a_zero_without_a_marker_that_left_the_model_zeroes() -> None:
    assert is_zeroed(line(spec(V1), spec(V2, 10), spec(V2, 0)))
    assert is_zeroed(line(spec(V1), spec(V2), spec(V2, 0)))


def test_a_new_model_at_zero_is_not_zeroed() -> None:
    assert not is_zeroed(line(spec(V1), spec(V2, 0)))
    assert not is_zeroed(line(spec(V1), spec(V2, 10), spec(V2, 0), spec(V3, 0)))
    assert not is_zeroed(line(spec(V1), spec(V2, 10), (spec(V2, 0), marker(M2)), (spec(V3, 0), marker(M2))))
    assert not is_zeroed(line(spec(V1, 0)))
    assert not is_zeroed(line(spec(V1), spec(V2, 10)))


def test_a_marker_that_names_another_model_does_not_zero_todays() -> None:
    """Harm: the revision that took traffic was an older one, today's model was not ready yet."""
    assert not is_zeroed(line(spec(V1), spec(V2, 10), spec(V3, 10), (spec(V3, 0), marker(M2))))


def test_the_same_model_again_in_one_run_of_zeros_is_still_zeroed() -> None:
    assert is_zeroed(line(spec(V1), spec(V2, 10), (spec(V2, 0), marker(M2)), spec(V3, 0), spec(V2, 0)))
    assert is_zeroed(line(spec(V1), spec(V2, 10), spec(V2, 0), spec(V3, 0), spec(V2, 0)))


def test_a_lost_comment_never_turns_zeroed_into_new() -> None:
    for comments in ((marker(M2), marker(M2)), (marker(M2), ""), ("", marker(M2)), ("", "")):
        first, second = ((spec(V2, 0), comment) for comment in comments)
        assert is_zeroed(line(spec(V1), spec(V2, 10), first, second)), comments


def test_a_zero_at_the_edge_of_a_cut_history_counts_as_zeroed() -> None:
    assert is_zeroed(line(spec(V2, 0), complete=False))
    assert not is_zeroed(line(spec(V1), spec(V2, 0), complete=False))


def bad(*stated: object, records: tuple[RollbackRecord, ...] = ()) -> set[str]:
    return set(known_bad(line(*stated), PREDICTOR, records))  # type: ignore[arg-type]  # the same texts, passed on


def test_models_that_were_zeroed_before_they_ran_in_full_are_known_bad() -> None:
    assert bad(spec(V1), spec(V2, 10), spec(V2, 0)) == {M2}
    assert bad(spec(V1), spec(V2, 10), spec(V2, 0), spec(V3, 0), spec(V3, 10)) == {M2}
    assert bad(spec(V1), spec(V2), spec(V2, 0), spec(V1, 0)) == set()
    assert bad(spec(V1), spec(V2, 100), spec(V2, 0)) == set()
    assert bad(spec(V1), spec(V2, 0)) == set()


def test_models_that_a_marker_names_are_known_bad() -> None:
    assert bad(spec(V1), spec(V2), (spec(V2, 0), marker(M2)), spec(V1, 0), spec(V1)) == {M2}
    assert bad(spec(V1), spec(V2, 10), spec(V3, 10), (spec(V3, 0), marker(M2))) == {M2}


def test_a_person_who_sets_a_percent_clears_a_model() -> None:
    taken = (spec(V1), spec(V2, 10), (spec(V2, 0), marker(M2)))
    assert bad(*taken, spec(V2, 10)) == set()
    assert bad(*taken, (spec(V2, 10), marker(M2))) == set()  # the comment may linger on the line
    assert bad(*taken, (spec(V2, 100), marker(M2))) == set()
    assert bad(*taken, spec(V3, 10)) == {M2}
    assert bad(*taken, spec(V2)) == {M2}  # removing the field sets no percent
    assert bad(*taken, spec(V1)) == {M2}


def test_a_marker_that_lingers_through_a_run_of_zeros_names_a_model_once() -> None:
    taken = (spec(V1), spec(V2, 10), (spec(V2, 0), marker(M2)))
    assert bad(*taken, spec(V2, 10), (spec(V2, 0), marker(M2))) == {M2}
    assert bad(*taken, (spec(V3, 0), marker(M2)), spec(V3, 10)) == {M2}


def test_markers_of_other_models_add_up() -> None:
    assert bad(spec(V1), spec(V2, 10), (spec(V2, 0), marker(M2)), (spec(V3, 0), marker(M3))) == {M2, M3}


def test_rollback_pull_requests_name_models() -> None:
    open_one = RollbackRecord(7, M2)
    assert bad(spec(V1), spec(V2, 10), records=(open_one,)) == {M2}
    assert bad(spec(V1), spec(V2, 10), records=(RollbackRecord(7, M2, vetoed=True),)) == set()
    told = line(spec(V1), spec(V2, 10))
    assert named_by_rollback(told, PREDICTOR, (open_one,)) == {M2}
    other = RollbackRecord(8, M2, component=Component.TRANSFORMER)
    assert named_by_rollback(told, PREDICTOR, (other,)) == set()
    assert named_by_rollback(told, Component.TRANSFORMER, (other,)) == {M2}


def test_a_commit_above_a_pull_requests_base_that_raises_its_model_clears_it() -> None:
    def named(touched: str | None, *stated: object) -> set[str]:
        record = RollbackRecord(7, M2, touched=touched)
        return set(named_by_rollback(line(*stated), PREDICTOR, (record,)))  # type: ignore[arg-type]  # passed on

    raised = (spec(V1), spec(V2, 10), spec(V2, 25))
    assert named("c1", *raised) == set()
    assert named("c2", *raised) == {M2}
    assert named("c0", *raised) == set()
    assert named("unknown", *raised) == {M2}
    assert named(None, *raised) == {M2}
    assert named("c1", spec(V1), spec(V2, 10), {**spec(V2, 10), "x": 1}) == {M2}
    assert named("c1", spec(V1), spec(V2, 10), spec(V3, 10)) == {M2}


def test_zeroed_before_holds_what_ran_in_full_too_until_it_is_raised() -> None:
    def zeroed(*stated: object) -> set[str]:
        return set(zeroed_before(line(*stated)))  # type: ignore[arg-type]  # the same texts, passed on

    assert zeroed(spec(V1), spec(V2), spec(V2, 0), spec(V3, 10)) == {M2}
    assert zeroed(spec(V1), spec(V2), spec(V2, 0), spec(V2)) == set()
    assert zeroed(spec(V1), spec(V2), spec(V2, 0), spec(V2, 10)) == set()
    assert zeroed(spec(V1), spec(V2, 10), (spec(V2, 0), marker(M2)), spec(V3, 10)) == {M2}


def test_a_veto_takes_back_what_earlier_pull_requests_named_and_not_what_later_ones_name() -> None:
    told = line(spec(V1), spec(V2, 10))
    closed_by_us, vetoed = RollbackRecord(7, M2), RollbackRecord(8, M2, vetoed=True)
    assert named_by_rollback(told, PREDICTOR, (closed_by_us, vetoed)) == set()
    assert named_by_rollback(told, PREDICTOR, (vetoed, closed_by_us)) == set()
    assert named_by_rollback(told, PREDICTOR, (vetoed, RollbackRecord(9, M2))) == {M2}
    assert named_by_rollback(told, PREDICTOR, (vetoed, RollbackRecord(7, M3))) == {M3}
    other = RollbackRecord(8, M2, vetoed=True, component=Component.TRANSFORMER)
    assert named_by_rollback(told, PREDICTOR, (closed_by_us, other)) == {M2}
