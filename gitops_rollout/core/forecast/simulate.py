"""The passes of both controllers after a change, in turn, until nothing moves any more."""

from dataclasses import dataclass, replace
from enum import StrEnum

from gitops_rollout.core.forecast import knative, kserve
from gitops_rollout.core.forecast.world import Outcome, Spec, World

LIMIT = 40  # the longest story known takes 14 passes


class Controller(StrEnum):
    """Who made a pass."""

    KSERVE = "KServe"
    KNATIVE = "Knative"


@dataclass(frozen=True, slots=True)
class Pass:
    """One reconcile that changed something, and the world after it."""

    by: Controller
    world: World


def simulate(world: World, spec: Spec, outcome: Outcome) -> tuple[Pass, ...]:
    """Every pass that changes something after `spec` was applied, in order; empty where nothing moves.

    `outcome` is what becomes of the newest revision, be it a new one or one that is still pending. It comes to rest
    in at most `LIMIT` passes: tracking moves on only when traffic reaches 100 %, and falls back at most once.
    """
    passes: list[Pass] = []
    now, idle, turn = replace(world, spec=spec), 0, 0
    while idle < 2 and len(passes) < LIMIT:
        by = Controller.KSERVE if turn % 2 == 0 else Controller.KNATIVE
        after = kserve.reconcile(now) if by is Controller.KSERVE else knative.reconcile(now, outcome)
        idle = idle + 1 if after == now else 0
        if after != now:
            passes.append(Pass(by, after))
        now, turn = after, turn + 1
    return tuple(passes)


def settle(world: World, spec: Spec, outcome: Outcome) -> World:
    """Where it comes to rest."""
    passes = simulate(world, spec, outcome)
    return passes[-1].world if passes else replace(world, spec=spec)
