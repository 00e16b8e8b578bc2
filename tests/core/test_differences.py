from gitops_rollout.core.differences import at, differing, leaves, left_over, without

STATED = {"storageUri": "v1", "containers": {"main": {"env": {"A": "1"}, "args": ["x"]}}}


def test_leaves_are_values_with_their_paths() -> None:
    assert dict(leaves(STATED)) == {
        ("storageUri",): "v1",
        ("containers", "main", "env", "A"): "1",
        ("containers", "main", "args"): ["x"],
    }
    assert dict(leaves({"a": {}, "b": (1,)})) == {("b",): [1]}


def test_only_what_is_stated_counts() -> None:
    held = {
        **STATED,
        "protocol": "v1",
        "containers": {"main": {"env": {"A": "1", "B": "2"}, "args": ["x"], "name": ""}},
    }
    assert differing(STATED, held) == ()
    assert differing(held, STATED) == ("containers.main.env.B", "containers.main.name", "protocol")


def test_what_differs_is_named_unless_it_is_ignored() -> None:
    held = {"storageUri": "v2", "containers": {"main": {"env": {"A": "2"}, "args": ["x"]}}}
    assert differing(STATED, held) == ("containers.main.env.A", "storageUri")
    assert differing(STATED, held, ("containers.*.env.A",)) == ("storageUri",)
    assert differing(STATED, "nonsense") == ("containers.main.args", "containers.main.env.A", "storageUri")  # type: ignore[arg-type]  # untrusted


def test_what_git_stated_once_and_the_object_still_holds_is_left_over() -> None:
    once = {**STATED, "runtime": "old", "containers": {"main": {"env": {"A": "1", "B": "2", "C": "3"}}}}
    held = {**STATED, "runtime": "old", "containers": {"main": {"env": {"A": "1", "B": "2", "C": "9"}}}}
    assert left_over(once, STATED, held) == ("containers.main.env.B",)
    assert left_over(once, STATED, held, ("*.env.B",)) == ()


def test_values_are_found_by_path() -> None:
    assert at({"a": {"b": (1,)}}, ("a", "b")) == [1]
    assert at({"a": "text"}, ("a", "b")) is None
    assert at(None, ("a",)) is None


def test_ignored_leaves_are_taken_out() -> None:
    assert without(STATED, ("containers.main.env.*",)) == {
        "storageUri": "v1",
        "containers": {"main": {"env": {}, "args": ["x"]}},
    }
    assert without(STATED, ("containers",)) == {"storageUri": "v1"}
    assert without(STATED, ()) == STATED
