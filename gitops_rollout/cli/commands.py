"""The table of commands: which module holds each, and its one line of help. Nothing is imported for it."""

from typing import NamedTuple


class Entry(NamedTuple):
    """A module of `gitops_rollout.cli` that has a click `command`, and what the list of commands says of it."""

    module: str
    help: str


COMMANDS: dict[str, Entry] = {
    "demo": Entry("demo", "Show the whole job on an example repository, in seconds."),
    "init": Entry("init", "Print a commented policy file fitted to this repository."),
    "doctor": Entry("doctor", "Check git, remote, policy, live sources and forge."),
    "plan": Entry("plan", "Decide, and show what would be done. Writes nothing."),
    "reconcile": Entry("reconcile", "Decide, and open, update and close pull requests."),
    "promote": Entry("promote", "Promote one canary because a person says so, by pull request."),
    "rollback": Entry("rollback", "Roll back one canary because a person says so, by pull request."),
    "retry": Entry("retry", "Try a model again that was rolled back, by pull request."),
    "status": Entry("status", "Show where each rollout stands."),
    "explain": Entry("explain", "Show why one target was decided as it was."),
    "history": Entry("history", "Show what was proposed, merged and vetoed, and why."),
    "check": Entry("check", "Judge the manifests, or a pull request before its merge."),
    "snapshot": Entry("snapshot", "Print what a cluster shows, as a file to decide from later."),
    "pulls": Entry("pulls", "List, show, merge and close pull requests."),
    "edit": Entry("edit", "Set or remove canary percents in files, and nothing else."),
    "kserve": Entry("kserve", "Track revisions and split traffic as KServe does."),
    "schema": Entry("schema", "Print the JSON schemas of the policy file and of outputs."),
}
