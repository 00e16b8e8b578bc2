"""Every request of an adapter goes wrong once, in every way: nothing is doubled, nothing lost, nobody else stopped."""

from dataclasses import replace
from pathlib import Path

import pytest

from gitops_rollout.forges.http import Unknown
from gitops_rollout.model.change import Did, Draft
from tests.forges.contract import ForgeContract
from tests.forges.hosted_bench import Faults, GitHubBench, GitLabBench, HostedBench

KINDS = ("limit", "unseen", "lost", "late")


@pytest.fixture(params=[GitHubBench, GitLabBench], ids=["github", "gitlab"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> HostedBench:
    made: HostedBench = request.param(tmp_path)
    return made


def drafts(bench: HostedBench, case: str) -> list[Draft]:
    contract = ForgeContract()
    return [contract.draft(bench, f"{case}-{name}") for name in ("a", "b")]


def open_ones(bench: HostedBench, wanted: list[Draft]) -> dict[str, int]:
    """How many pull requests each branch has, whatever became of them."""
    branches = [pull.branch for pull in bench.pulls.pulls.values()]
    return {draft.branch: branches.count(draft.branch) for draft in wanted}


@pytest.mark.parametrize("kind", KINDS)
def test_publishing_survives_a_fault_at_every_request(kind: str, bench: HostedBench) -> None:
    bench.faults = Faults()
    bench.forge().publish(drafts(bench, "calm"))
    requests = bench.faults.asked
    assert requests >= 3
    for at in range(requests):
        wanted = drafts(bench, f"{kind}-{at}")
        bench.faults = Faults(kind, at)
        reports = bench.forge().publish(wanted)
        failed = [report for report in reports if report.did is Did.CONFLICT]
        assert len(failed) <= 1, f"request {at} took others along: {failed}"
        assert all(report.message for report in failed)
        if kind == "limit":
            assert [report.did for report in reports] == [Did.CREATED] * 2
            assert bench.waits[-1] == 7
        if kind in ("lost", "late"):
            assert not failed, f"request {at} was done, and was told as failed: {failed}"
        bench.faults = Faults()
        again = bench.forge().publish(wanted)
        assert all(report.did in (Did.CREATED, Did.FOUND) for report in again), again
        assert open_ones(bench, wanted) == {draft.branch: 1 for draft in wanted}


@pytest.mark.parametrize("kind", KINDS)
def test_closing_and_editing_survive_a_fault_at_every_request(kind: str, bench: HostedBench) -> None:
    def work(name: str, faults: Faults) -> int:
        draft = ForgeContract().draft(bench, name)
        bench.faults = Faults()
        number = bench.forge().publish([draft])[0].number
        assert number is not None
        pull = bench.forge().pull(number)
        assert pull is not None
        forge, bench.faults = bench.forge(), faults
        forge.update(pull, replace(draft, title="Another title"))
        forge.close(pull, "no longer due")
        asked, bench.faults = bench.faults.asked, Faults()
        ended = bench.forge().pull(number)
        assert ended is not None
        assert (ended.title, ended.closed_by_us) == ("Another title", True)
        return asked

    for at in range(work(f"calm-{kind}", Faults())):
        work(f"{kind}-{at}", Faults(kind, at))


@pytest.mark.parametrize("kind", ["unseen", "lost", "late"])
def test_a_merge_without_an_answer_is_looked_for(kind: str, bench: HostedBench) -> None:
    """Merged all the same it is told as that; else as unknown, which is no refusal."""
    pull = ForgeContract().opened(bench)
    forge = bench.forge()
    bench.faults = Faults()
    forge.pull(pull.number)
    before = bench.faults.asked
    bench.faults = Faults(kind, before)
    onto = bench.base()
    if kind == "unseen":
        with pytest.raises(Unknown):
            forge.merge(pull, onto)
    else:
        assert forge.merge(pull, onto).did is Did.MERGED
        assert pull.branch not in bench.branches()
    assert (bench.base() == onto) is (kind == "unseen")
