"""The decision table, and how decisions of components and of clusters become one."""

from gitops_rollout.core.decide.component import decide_component, deciding_row
from gitops_rollout.core.decide.document import Member, decide_document
from gitops_rollout.core.decide.rows import ROWS, Row
from gitops_rollout.core.decide.target import decide_target, rank

__all__ = ["ROWS", "Member", "Row", "decide_component", "decide_document", "decide_target", "deciding_row", "rank"]
