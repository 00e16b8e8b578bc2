"""Sixteen runs at the same time on one repository: at rest there is one pull request a change, and nothing was lost."""

from collections.abc import Sequence
from pathlib import Path

from tests.deaths.gate import gate
from tests.deaths.stages import GiteaStage, LocalStage, Stage, settle
from tests.deaths.story import Chapter, make_story
from tests.servers.gitea import Gitea

RUNS = 16


def race(stage: Stage, chapters: Sequence[Chapter]) -> None:
    """In each chapter sixteen runs at once; nobody has to act on what any of them says."""
    for chapter in chapters:
        stage.begin(chapter)
        runs = [stage.start(chapter, f"runner-{number}") for number in range(RUNS)]
        try:
            codes = [run.end() for run in runs]
        finally:
            for run in runs:
                run.kill()
        said = [run.said() for run in runs]
        assert codes == [0] * RUNS, "\n".join(text for text, code in zip(said, codes, strict=True) if code)
        assert not any("Traceback" in text for text in said)
        settle(stage, chapter)


def test_on_the_embedded_forge(tmp_path: Path) -> None:
    story = make_story(tmp_path / "story")
    stage = LocalStage(tmp_path / "racing", story)
    race(stage, story.chapters[:3])
    heads, pulls, refs = stage.seen()
    locks = [ref for ref in refs if "/open/" in ref]
    opened = {one["pull.json"]["branch"] for one in pulls.values() if one["pull.json"]["state"] == "open"}
    assert {branch.split("/")[3] for branch in opened} == {"stays", "breaks"}
    assert len(opened) == len(locks) == 2
    assert set(heads) == {"refs/heads/main", *(f"refs/heads/{branch}" for branch in opened)}


def test_on_a_real_gitea(gitea: Gitea, tmp_path: Path) -> None:
    story = make_story(tmp_path / "story", ["breaks"])
    with gate(gitea.url) as passing:
        stage = GiteaStage(tmp_path / "racing", story, gitea, passing, "racing")
        stage.ready()
        race(stage, story.chapters[:2])
        branches, pulls, labels = stage.seen()
    opened = [pull["branch"] for pull in pulls.values() if pull["state"] == "open"]
    assert [branch.split("/")[3] for branch in opened] == ["breaks"]
    assert set(branches) == {"main", *opened}
    assert set(labels) == {"rollout"}
    comments = {number: pull["comments"] for number, pull in pulls.items() if pull["state"] == "open"}
    assert all(len(found) == 1 for found in comments.values()), comments
