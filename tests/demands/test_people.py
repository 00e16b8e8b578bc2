"""What people say and do counts for more than what a program computes."""

from datetime import timedelta

from tests.deaths.story import path, service
from tests.demands.site import Site
from tests.worlds import git


def test_a_closed_pull_request_does_not_come_back(site: Site) -> None:
    """renovate config-help#392, image-updater#537: people closed pull requests that were there again a minute later.

    The naive way looks at open ones only: none is open, so it opens one.
    """
    site.reconcile()
    assert site.pulls_command("close", "1", "--reason", "not this week") == 0
    for _ in range(3):
        site.now += timedelta(hours=5)
        target = site.reconcile()["score"]
        assert (target["decision"]["action"], target["decision"]["reason"]) == ("hold", "vetoed")
        assert not site.pulls(), "the naive way would have opened one"
    site.commit({path("score"): service("score", "v3", 10)}, "Another candidate is another question")
    site.now += timedelta(days=1)
    site.reconcile()
    assert [pull["number"] for pull in site.pulls().values()] == [2]


def test_what_is_merged_and_not_yet_live_is_not_proposed_again(site: Site) -> None:
    """kargo#2845: until the cluster had caught up, the change that was merged already was proposed once more.

    The cluster of this test never catches up: its clock stands before the merge.
    """
    site.reconcile()
    assert site.pulls_command("merge", "1") == 0
    merged = git(site.place.remote, "rev-parse", "main")
    target = site.reconcile()["score"]
    assert target["decision"]["action"] == "hold"
    assert not site.pulls()
    assert git(site.place.remote, "rev-parse", "main") == merged


def test_commits_of_people_on_the_branch_are_never_overwritten(site: Site) -> None:
    """renovate#17528: a person's fix on the pull request's branch was gone after the next run, which forced its own."""
    site.reconcile()
    (ref,) = site.branches()
    site.person("fetch", "--quiet", "origin", ref)
    site.person("checkout", "--quiet", "--detach", "FETCH_HEAD")
    (site.place.person / "note.md").write_text("Please wait for me.\n")
    site.person("add", "--all")
    site.person("commit", "--quiet", "--message", "My fix")
    site.person("push", "--quiet", "origin", f"HEAD:{ref}")
    theirs = git(site.place.person, "rev-parse", "HEAD")
    site.person("checkout", "--quiet", "main")
    site.commit({path("score"): service("score", "v3", 10)}, "The ground moves, so that a new commit would be due")
    for _ in range(2):
        site.now += timedelta(days=1)
        report = site.reconcile()["score"]["pullRequest"]
        assert "commits by others" in report["message"], "hands off, and said so"
        assert site.branches()[ref] == theirs
