"""The hidden line of our comment."""

from gitops_rollout.core.comment_marker import digest_of, verdict_digest, with_digest, without_digest


def test_what_is_written_is_read() -> None:
    digest = verdict_digest(["promote", {"b": 1, "a": None}])
    comment = with_digest("All is well\n", digest)
    assert digest_of(comment) == digest
    assert digest_of(comment.replace("\n", "\r\n")) == digest
    assert without_digest(comment) == "All is well"


def test_the_order_of_keys_does_not_matter_and_values_do() -> None:
    assert verdict_digest([{"a": 1, "b": 2}]) == verdict_digest([{"b": 2, "a": 1}])
    assert verdict_digest([{"a": 1}]) != verdict_digest([{"a": 2}])


def test_other_comments_hold_none() -> None:
    for text in ("", "LGTM", "<!-- gitops-rollout: {} -->", "`<!-- gitops-rollout-evidence: aaaaaaaaaaaa -->`"):
        assert digest_of(text) is None
