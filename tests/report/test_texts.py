"""Titles, bodies and commit messages of pull requests."""

import re
from dataclasses import replace

import pytest

from gitops_rollout.model.errors import RolloutError
from gitops_rollout.model.targets import TargetKey
from gitops_rollout.report.templates import Templates, load_templates
from gitops_rollout.report.texts import commit_message, pull_texts, title_of
from tests.report import samples

SEEN = {samples.SCORE: {samples.PREDICTOR: samples.component()}}
FORECAST = ["All traffic goes to score-predictor-00002."]
OURS = load_templates()
TRAILERS = "Rollout-Target: prod/fraud/score\nRollout-Base: " + "a" * 40


def overriding(**files: str) -> Templates:
    return load_templates(lambda path: files.get(path.rpartition("/")[2].split(".")[0], "").encode() or None)


def test_a_body_has_what_and_why_revisions_traffic_outcome_veto_and_diff() -> None:
    title, body = pull_texts(samples.change(samples.promotion()), samples.DIFF, SEEN, FORECAST, OURS)
    assert title == "Promote prod/fraud/score: 50 % → all traffic"
    for part in (
        "soaked for 30m at 50 %",
        "| predictor | 50 % → none | `score-predictor-00002`, model `3f9c1b2d4e5f` | `score-predictor-00001`",
        "| error-rate | 0\\.01 | **pass** |",
        "| `prod/fraud/score` | predictor | `score-predictor-00001`, prev | 50 |",
        "- All traffic goes to score-predictor-00002.",
        "```diff\n--- a/clusters/prod/score.yaml",
        "Close this pull request.",
    ):
        assert part in body


def test_an_edit_further_up_in_the_file_leaves_the_body_as_it_is() -> None:
    change = samples.change(samples.promotion())
    moved = samples.DIFF.replace("@@ -6,3 +6,2 @@", "@@ -46,3 +46,2 @@")
    assert moved != samples.DIFF
    assert pull_texts(change, samples.DIFF, SEEN, [], OURS) == pull_texts(change, moved, SEEN, [], OURS)


def test_a_body_holds_no_measured_value() -> None:
    _, body = pull_texts(samples.change(samples.promotion()), samples.DIFF, SEEN, FORECAST, OURS)
    assert "0.002" not in body.replace("\\", "")


@pytest.mark.parametrize(
    ("decision", "title"),
    [
        (samples.promotion(), "Promote prod/fraud/score: 50 % → all traffic"),
        (samples.rollback(), "Roll back prod/fraud/score: 10 % → 0 %"),
    ],
)
def test_a_title_reads_by_itself(decision, title: str) -> None:
    assert title_of(samples.change(decision)) == title


def test_a_change_of_several_clusters_names_them_all() -> None:
    keys = [TargetKey(f"prod-{number}", "fraud", "score") for number in range(30)]
    title, body = pull_texts(samples.change(samples.promotion(), *keys), samples.DIFF, {}, FORECAST, OURS)
    assert title == "Promote fraud/score in 30 places: 50 % → all traffic"
    assert "feeds 30 targets" in body
    assert "- `prod-0/fraud/score`" in body
    assert "- and 10 more" in body


def test_names_and_messages_from_outside_stay_text() -> None:
    key = TargetKey("prod", "fraud", "@everyone")
    decision = samples.promotion("</details>\n/merge\n@team <!-- gitops-rollout: {} --> closes #1 | x")
    change = samples.change(decision, key, path="a`b|c.yaml")
    title, body = pull_texts(change, samples.DIFF + "+```\n", SEEN, ["@team"], OURS)
    for text in (title, body):
        assert not re.search(r"@[a-z]", re.sub(r"`[^`\n]*`", "", text))
        assert "#1" not in text
    assert "<!--" not in body
    assert "</details>" not in body
    assert not re.search(r"^/", body, re.MULTILINE)


def test_a_long_message_is_cut() -> None:
    title, body = pull_texts(
        samples.change(samples.promotion("x" * 100_000), TargetKey("c", "n", "y" * 400)), samples.DIFF, {}, [], OURS
    )
    assert len(title) <= 200
    assert len(body) < 10_000


def test_a_commit_message_ends_with_its_trailers() -> None:
    message = commit_message(samples.change(samples.promotion()), TRAILERS, FORECAST, OURS)
    subject, blank, *_ = message.split("\n")
    assert subject == "Promote prod/fraud/score: 50 % → all traffic"
    assert blank == ""
    assert message.endswith(f"\n\n{TRAILERS}\n")
    assert "predictor: 50 % → none\n  candidate score-predictor-00002\n  baseline score-predictor-00001\n" in message


def test_a_message_from_outside_adds_no_trailer_and_no_line() -> None:
    decision = samples.promotion("fine\n\nRollout-Base: " + "b" * 40 + "\n[skip ci]")
    message = commit_message(samples.change(decision), TRAILERS, [], OURS)
    assert re.findall(r"^Rollout-Base: (.)", message, re.MULTILINE) == ["a"]
    assert "[skip ci]" not in message


def test_the_same_change_gives_the_same_texts() -> None:
    change = samples.change(samples.rollback())
    assert pull_texts(change, samples.DIFF, SEEN, FORECAST, OURS) == pull_texts(
        replace(change), samples.DIFF, dict(SEEN), list(FORECAST), load_templates()
    )


def test_a_repository_overrides_the_body() -> None:
    templates = overriding(pull_request="Please look at {{ targets[0] | code }}: {{ message }}\n")
    _, body = pull_texts(samples.change(samples.promotion("x <b>")), samples.DIFF, SEEN, FORECAST, templates)
    assert body == "Please look at `prod/fraud/score`: x &lt;b&gt;\n"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("one\n{{ nonsense }}", 2, "'nonsense' is undefined"),
        ("one\ntwo\n{% if %}", 3, "Expected an expression"),
        ("{{ message.__class__.__mro__ }}", 1, "unsafe"),
        ("{% include 'x' %}", 1, "no loader"),
        ("\n{{ 1 / 0 }}", 2, "division by zero"),
        ("{{ targets[0] + 1 }}", 1, "concatenate"),
        ("{{ range(10000000) | list }}", 1, "Range too big"),
    ],
)
def test_a_bad_template_is_named_with_its_line(text: str, line: int, says: str) -> None:
    templates = overriding(pull_request=text)
    with pytest.raises(RolloutError, match=says) as raised:
        pull_texts(samples.change(samples.promotion()), samples.DIFF, SEEN, FORECAST, templates)
    assert raised.value.message.startswith(f".gitops-rollout/templates/pull_request.md.j2:{line}: ")


def test_a_template_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(RolloutError, match="not UTF-8 at byte 2"):
        load_templates(lambda path: b"ab\xff")
