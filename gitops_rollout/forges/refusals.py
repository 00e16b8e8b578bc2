"""Says why a remote did not take a branch, and what to do about it."""

from gitops_rollout.model.doors import PushRefusal, PushResult

_SAID = {
    PushRefusal.MOVED: "was pushed to by others meanwhile, and is looked at again by the next run",
    PushRefusal.PROTECTED: "is protected on the forge: let these credentials push to gitops-rollout/**",
    PushRefusal.HOOK_DECLINED: "was declined by a hook of the remote: let it pass, or ask for an exception",
    PushRefusal.CHECKED_OUT: "is checked out at the remote: make that a bare repository",
    PushRefusal.LOCKED: "is locked at the remote: somebody else is writing to it, or a lock file was left behind",
    PushRefusal.REJECTED: "was refused by the remote",
}


def not_pushed(branch: str, result: PushResult) -> str:
    """One sentence, with the remote's own words."""
    said = _SAID.get(result.refusal, "could not be pushed") if result.refusal is not None else "could not be pushed"
    return f"the branch {branch} {said}" + (f" ({result.reason})" if result.reason else "")
