"""Whether a pull request still stands on the ground that it was decided on. Commits are compared, not content."""

from collections.abc import Callable, Collection, Iterable

TouchedSince = Callable[[str, str], Iterable[str] | None]


def staleness(
    rollout_base: str | None,
    base: str,
    touched: str | None,
    paths: Collection[str],
    touched_since: TouchedSince,
) -> str | None:
    """Why a pull request made on `rollout_base` is not fresh on `base`, None where it is.

    It is fresh when no first-parent commit of the base since `rollout_base` touched its target. `touched` is the last
    commit that did, None where that is unknown: then any commit that touched its `paths` counts.
    `touched_since(old, new)` gives the paths touched on first parents after `old` up to `new`, None where `old` is no
    ancestor of `new`. What cannot be told is not fresh.
    """
    if rollout_base is None:
        return "its commit does not say which base it was made on"
    if rollout_base == base:
        return None
    since = touched_since(rollout_base, base)
    if since is None:
        return f"the base branch no longer holds {rollout_base[:12]}, which it was made on"
    if not set(paths) & set(since):
        return None
    if touched is None:
        return f"its file was changed on the base branch after {rollout_base[:12]}"
    if touched == rollout_base or touched_since(touched, rollout_base) is not None:
        return None
    return f"{touched[:12]} touched its target after {rollout_base[:12]}, which it was made on"
