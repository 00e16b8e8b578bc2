"""What happened to a document, from its history and its pull requests."""

from dataclasses import replace

from gitops_rollout.core.events import Told, events_of
from gitops_rollout.core.pull_marker import mark_closed
from gitops_rollout.core.trailers import format_trailers
from gitops_rollout.model.change import PullRequest, PullState
from gitops_rollout.model.events import Event, What
from gitops_rollout.model.history import Arrival, History
from gitops_rollout.model.targets import TargetKey
from tests.core.builders import PREDICTOR, V1, V2, at, manifest, model_of, spec
from tests.core.changes import a_change

KEY = TargetKey("prod", "fraud", "score")
M1, M2 = (model_of(spec(uri)) for uri in (V1, V2))
OURS = f"Step\n\n{format_trailers(a_change('step', 25), note='it looks good')}"
NAMES = "abcdef"


def told(*arrivals: tuple[str, object], pulls: tuple[PullRequest, ...] = (), complete: bool = True) -> list[Event]:
    """The events of a document with these messages and specs, oldest first; commits are aaaa…, bbbb…, and so on."""
    made = [
        Arrival(NAMES[index] * 40, at(index), "somebody", message, manifest(stated))  # type: ignore[arg-type]  # a spec
        for index, (message, stated) in enumerate(arrivals)
    ]
    history = History(tuple(reversed(made)), complete)
    current = made[-1].manifest
    assert current is not None
    return sorted(events_of(Told((KEY,), current, history, pulls)), key=lambda event: (str(event.at), event.what))


def pull(action: str, state: PullState, **more: object) -> PullRequest:
    branch = f"gitops-rollout/prod/fraud/score/{action}-12345678"
    made = PullRequest(7, "https://forge/7", state, branch, "f" * 40, "main", "A title", "", created=at(0), ended=at(9))
    return replace(made, **more)  # type: ignore[arg-type]  # fields of a pull request


def test_peoples_own_commits_are_told_from_the_edit() -> None:
    events = told(
        ("Serve", spec(V1)),
        ("Try v2\n\nlong story", spec(V2, 10)),
        ("More", spec(V2, 50)),
        ("No", spec(V2, 0)),
        ("Yes", spec(V2)),
        ("v1 again", spec(V1)),
    )
    assert [(one.action, one.percents.get(PREDICTOR), one.model) for one in events] == [
        (None, None, (None, M1)),
        ("start", (None, 10), (M1, M2)),
        ("step-50", (10, 50), None),
        ("rollback", (50, 0), None),
        ("promote", (0, None), None),
        (None, None, (M2, M1)),
    ]
    assert {one.what for one in events} == {What.CHANGED}
    assert events[1].words == "Try v2"


def test_a_percent_that_goes_with_another_model_is_no_promotion() -> None:
    assert [one.action for one in told(("", spec(V2, 10)), ("", spec(V1)))][1] is None
    assert [one.action for one in told(("", spec(V2, 10)), ("", spec(V1, 0)))][1] is None


def test_a_merge_is_told_by_its_trailers() -> None:
    event = told(("Try", spec(V2, 10)), (OURS, spec(V2, 25)))[1]
    assert (event.what, event.action, event.reason, event.words) == (What.MERGED, "step-25", "soaked", "it looks good")
    assert event.percents == {PREDICTOR: (10, 25)}


def test_a_squash_without_trailers_is_told_by_the_pull_request_or_by_the_edit() -> None:
    stated = (("Try", spec(V2, 10)), ("Squashed (#7)", spec(V2, 25)))
    merged = pull("step-25", PullState.MERGED, merged_commit="b" * 40)
    events = told(*stated, pulls=(merged,))
    assert [(one.what, one.action, one.pull) for one in events] == [
        (What.CHANGED, "start", None),
        (What.PROPOSED, "step-25", 7),
        (What.MERGED, "step-25", 7),
    ]
    assert told(*stated)[1].action == "step-25"


def test_a_persons_revert_of_a_merge_is_a_veto() -> None:
    reverting = f"Revert\n\nThis reverts commit {'b' * 40}."
    events = told(("Try", spec(V2, 10)), (OURS, spec(V2, 25)), (reverting, spec(V2, 10)))
    assert (events[2].what, events[2].words) == (What.VETOED, "Revert")
    assert told(("Try", spec(V2, 10)), ("More", spec(V2, 25)), (reverting, spec(V2, 10)))[2].what is What.CHANGED


def test_closes_by_a_person_by_us_and_by_a_deleted_branch() -> None:
    def ends(**more: object) -> tuple[What, str]:
        event = told(("Try", spec(V2, 10)), pulls=(pull("promote", PullState.CLOSED, **more),))[-1]
        return event.what, event.words

    assert ends() == (What.VETOED, "closed by a person")
    assert ends(why="not today") == (What.VETOED, "not today")
    assert ends(branch_deleted=True) == (What.CLOSED, "its branch was deleted")
    assert ends(closed_by_us=True) == (What.CLOSED, "closed by gitops-rollout")
    assert ends(body=mark_closed("text", "Not fresh: abc")) == (What.CLOSED, "Not fresh: abc")


def test_what_a_cut_history_hides_is_not_made_up() -> None:
    (event,) = told(("Try", spec(V2, 10)), complete=False)
    assert (event.percents, event.model) == ({}, None)


def test_a_merge_that_has_not_arrived_is_told_by_the_forge() -> None:
    merged = pull("promote", PullState.MERGED, merged_commit="e" * 40)
    events = told(("Try", spec(V2, 10)), pulls=(merged,))
    assert [(one.what, one.at) for one in events if one.pull] == [(What.PROPOSED, at(0)), (What.MERGED, at(9))]
