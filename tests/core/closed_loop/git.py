"""A base branch with one document, and commits that touch other files."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from gitops_rollout.core.marker import format_marker
from gitops_rollout.model.decision import Action, Decision
from gitops_rollout.model.history import Arrival, History, Marker
from gitops_rollout.model.targets import Component, Manifest
from tests.core.closed_loop.cluster import with_percent

PATH = "iris.yaml"


@dataclass
class Git:
    """First-parent commits, oldest first: what the document says, or None for a commit that touches other files."""

    commits: list[tuple[str, Arrival | None]] = field(default_factory=list)

    def copy(self) -> "Git":
        return Git(list(self.commits))

    @property
    def head(self) -> str:
        return self.commits[-1][0]

    @property
    def manifest(self) -> Manifest:
        found = next(arrival.manifest for _, arrival in reversed(self.commits) if arrival is not None)
        assert found is not None
        return found

    def commit(self, manifest: Manifest, now: datetime, message: str = "a person's") -> str:
        sha = self._sha()
        self.commits.append((sha, Arrival(sha, now, "somebody", message, manifest, PATH)))
        return sha

    def commit_elsewhere(self) -> None:
        self.commits.append((self._sha(), None))

    def history(self) -> History:
        return History(tuple(arrival for _, arrival in reversed(self.commits) if arrival is not None))

    def touched_since(self, old: str, new: str) -> tuple[str, ...] | None:
        order = [sha for sha, _ in self.commits]
        if old not in order or new not in order or order.index(old) > order.index(new):
            return None
        between = self.commits[order.index(old) + 1 : order.index(new) + 1]
        return tuple(PATH if arrival is not None else "README.md" for _, arrival in between)

    def _sha(self) -> str:
        return f"{len(self.commits) + 1:040x}"


def edited(manifest: Manifest, decision: Decision, *, lose_comment: bool = False) -> Manifest:
    """The document after a decision's edit: percents, and a rollback's markers beside them."""
    spec = dict(manifest.spec)
    comments = dict(manifest.comments)
    for component, percent in decision.to_percents.items():
        spec[component] = with_percent(spec[component], percent)
        comments.pop(component, None)
        comment = _comment(decision, component)
        if comment is not None and not lose_comment:
            comments[component] = comment
    return replace(manifest, spec=spec, comments=comments)


def set_by_hand(
    manifest: Manifest, component: Component, percent: int | None, *, keep_comment: bool = False
) -> Manifest:
    """The document after a person wrote another percent."""
    comments = {part: text for part, text in manifest.comments.items() if part is not component or keep_comment}
    spec: Mapping[str, object] = {**manifest.spec, component: with_percent(manifest.spec[component], percent)}
    return replace(manifest, spec=spec, comments=comments if percent is not None else {})


def _comment(decision: Decision, component: Component) -> str | None:
    model, candidate = decision.marker_models.get(component), decision.candidate.get(component)
    if decision.action is not Action.ROLLBACK or model is None or candidate is None:
        return None
    return format_marker(Marker(candidate.name, model))
