from gitops_rollout.core.history import is_regression, last_set, promotion_commit, ran_before, timelines, zeros
from gitops_rollout.core.percent import Percent
from gitops_rollout.model.history import History, Marker
from gitops_rollout.model.targets import Component
from tests.core.builders import V1, V2, V3, line, manifest, spec

MARKER = "rolled back: iris-predictor-00002 (model 3f9c1b2d4e5f)"


def set_by(*stated: object, complete: bool = True) -> str | None:
    found = last_set(line(*stated, complete=complete))  # type: ignore[arg-type]  # the same texts, passed on
    return None if found is None else found.commit


def test_a_version_says_percent_models_and_marker() -> None:
    told = line(spec(V1), (spec(V2, 0), MARKER))
    today, before = told.versions
    assert (today.percent, before.percent) == (Percent(value=0), Percent())
    assert today.marker == Marker("iris-predictor-00002", "3f9c1b2d4e5f")
    assert today.digest != before.digest
    assert today.digest == today.target
    assert (today.zero, today.full, before.full) == (True, False, True)


def test_hundred_is_as_good_as_no_percent_and_absence_is_not() -> None:
    told = line(None, spec(V1, 100))
    assert told.versions[0].full
    assert not told.versions[1].full
    assert told.versions[1].runs is None


def test_the_newest_version_is_todays_text() -> None:
    told = History(line_history().arrivals)
    today = manifest(spec(V3, 50))
    found = timelines(told, today)[Component.PREDICTOR]
    assert found.versions[0].percent.value == 50
    assert len(found.versions) == 2


def line_history() -> History:
    from tests.core.builders import history

    return history(spec(V1), spec(V2, 10))


def test_without_arrivals_today_is_all_there_is_and_incomplete() -> None:
    found = timelines(History(), manifest(spec(V1, 10)))[Component.PREDICTOR]
    assert len(found.versions) == 1
    assert not found.complete
    assert last_set(found) is None


def test_only_stated_components_have_a_timeline() -> None:
    stated = {**spec(V1), "transformer": {"containers": []}, "explainer": None}
    assert set(timelines(History(), manifest(stated))) == {Component.PREDICTOR, Component.TRANSFORMER}


def test_the_percent_is_set_by_the_commit_that_changed_it_or_the_model() -> None:
    assert set_by(spec(V1), spec(V2, 10), {**spec(V2, 10), "x": 1}) == "c1"
    assert set_by(spec(V1), spec(V2, 10), spec(V2, 25)) == "c2"
    assert set_by(spec(V1, 10), spec(V2, 10)) == "c1"
    assert set_by(spec(V1), spec(V1), spec(V1)) == "c0"
    assert set_by(spec(V1), spec(V1), complete=False) is None
    assert set_by(spec(V1), spec(V2), complete=False) == "c1"
    assert set_by(spec(V1), None, spec(V1)) == "c2"


def test_a_siblings_change_sets_the_percent_anew() -> None:
    one = {**spec(V2, 10), "transformer": {"containers": [{"image": "t:1"}]}}
    two = {**spec(V2, 10), "transformer": {"containers": [{"image": "t:2"}]}}
    assert set_by(one, two) == "c1"


def test_the_current_run_of_zeros() -> None:
    assert [one.commit for one in zeros(line(spec(V2, 0), spec(V2, 10), spec(V2, 0), spec(V1, 0)))] == ["c3", "c2"]
    assert zeros(line(spec(V2, 0), spec(V2, 10))) == ()
    assert zeros(line(spec(V2, 0), spec(V2))) == ()


def test_a_percent_on_what_served_everything_is_a_regression() -> None:
    assert is_regression(line(spec(V1), spec(V2), spec(V2, 10)))
    assert is_regression(line(spec(V2, 100), spec(V2, 10)))
    assert is_regression(line(spec(V2), spec(V2, 10), spec(V2, 25), spec(V3, 25)))


def test_a_canary_is_no_regression() -> None:
    assert not is_regression(line(spec(V1), spec(V2, 10)))
    assert not is_regression(line(spec(V1), spec(V2, 10), spec(V2, 25)))
    assert not is_regression(line(spec(V2), spec(V2, 0), spec(V2, 10)))  # it held 0: a rollback, taken up again
    assert not is_regression(line(spec(V2), spec(V2)))
    assert not is_regression(line(spec(V1, 10)))
    assert not is_regression(line(None, spec(V1, 10)))


def test_what_ran_before_is_the_last_thing_that_ran_in_full() -> None:
    def before(*stated: object) -> str | None:
        found = ran_before(line(*stated))  # type: ignore[arg-type]  # the same texts, passed on
        return None if found is None else found.commit

    assert before(spec(V1), spec(V2, 10), spec(V2)) == "c0"
    assert before(spec(V1), spec(V2, 10), spec(V3, 10), spec(V3)) == "c0"
    assert before(spec(V1), spec(V2), spec(V2, 100), spec(V2)) == "c0"
    assert before(spec(V1), spec(V2), spec(V3)) == "c1"
    assert before(spec(V1), spec(V1)) is None
    assert before(spec(V1), spec(V2, 10), spec(V1)) == "c0"  # a git revert: the canary never ran in full


def test_the_commit_of_a_promotion() -> None:
    assert promotion_commit(line(spec(V1), spec(V2, 10), spec(V2), {**spec(V2), "x": 1})) == "c2"
    assert promotion_commit(line(spec(V1), spec(V2, 10))) is None
    assert promotion_commit(line(spec(V1), complete=False)) is None
    assert promotion_commit(line(spec(V1))) == "c0"
