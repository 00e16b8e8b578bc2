"""The comment that a rollback writes beside its 0: `rolled back: iris-predictor-00002 (model 3f9c1b2d4e5f)`."""

import re

from gitops_rollout.model.history import Marker

_MARKER = re.compile(r"rolled back: (?P<revision>[a-z0-9][-a-z0-9.]{0,252}) \(model (?P<model>[0-9a-f]{12})\)")


def format_marker(marker: Marker) -> str:
    """The comment's text, without `#`."""
    return f"rolled back: {marker.revision} (model {marker.model})"


def parse_marker(comment: str | None) -> Marker | None:
    """The marker that a comment holds, wherever in it; None where there is none. A comment is anybody's text."""
    found = _MARKER.search(comment or "")
    return Marker(found["revision"], found["model"]) if found else None
