"""What people's own changes of a manifest would do that they may not mean; each with the forecast as its evidence."""

from gitops_rollout.core.hazards.change import SpecChange
from gitops_rollout.core.hazards.rules import RULES, Hazard, Rule, hazards

__all__ = ["RULES", "Hazard", "Rule", "SpecChange", "hazards"]
