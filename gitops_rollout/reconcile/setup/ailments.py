"""The single checks of `doctor`: each gives its findings, with what to do about them."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from gitops_rollout.cluster.sources import open_source
from gitops_rollout.core.protection import can_merge_unattended, is_binding
from gitops_rollout.manifests.targets import resolve
from gitops_rollout.manifests.tree import scan_tree
from gitops_rollout.model.checkup import Finding, Level
from gitops_rollout.model.commits import Via
from gitops_rollout.model.doors import Examined
from gitops_rollout.model.live import LiveView
from gitops_rollout.model.policy import ClusterPolicy, Merge, Mode, Policy
from gitops_rollout.model.protection import Answer, Protection
from gitops_rollout.model.remarks import READY
from gitops_rollout.model.targets import Origin
from gitops_rollout.reconcile.engines.checkup import engine_findings
from gitops_rollout.reconcile.observation.live import MOST_AT_ONCE, read_all
from gitops_rollout.reconcile.observation.reach import reach_of
from gitops_rollout.reconcile.open import Request, sources_of, with_clusters
from gitops_rollout.repository import GitRepository
from gitops_rollout.repository.health import OLDEST, git_version


def git() -> list[Finding]:
    """The version of git."""
    version = git_version()
    shown = ".".join(map(str, version))
    if version < OLDEST:
        hint = f"install Git {'.'.join(map(str, OLDEST))} or later"
        return [Finding("git", Level.ERROR, f"Git {shown} is too old", hint)]
    return [Finding("git", Level.OK, f"Git {shown}")]


def policy(read: Policy, notes: Sequence[str]) -> list[Finding]:
    """What the policy lets happen; `notes` are what was said when it was read."""
    if read.path is None:
        return [Finding("policy", Level.WARN, note) for note in notes]
    found = [
        Finding("policy", Level.OK, f"{read.path}: valid; clusters: {len(read.clusters)}, rules: {len(read.rules)}")
    ]
    enrolled = read.defaults.mode is Mode.PROPOSE or any(
        rule.changes.get("mode") is Mode.PROPOSE for rule in read.rules
    )
    if read.suspended:
        found.append(Finding("policy", Level.WARN, "suspend: true: nothing is proposed", "remove it to go on"))
    elif not enrolled:
        hint = "write `mode: propose` for all targets or under `rules` when you have watched a few rollouts"
        found.append(Finding("policy", Level.WARN, "mode: observe: nothing is proposed", hint))
    merging = read.defaults.promote.merge
    if merging is not Merge.MANUAL and not read.defaults.analysis:
        hint = "configure `analysis`, or merge by hand"
        message = f"promote.merge: {merging} without an analysis: nothing is merged by itself"
        found.append(Finding("policy", Level.WARN, message, hint))
    return found


def targets(repository: GitRepository, branch: str, commit: str, read: Policy) -> list[Finding]:
    """What stands in Git, and what of it cannot be rolled out."""
    default = read.clusters[0].name if read.clusters else "default"
    scan = scan_tree(repository, commit, read)
    resolved = resolve(scan, read, default_cluster=default, origin=Origin(repository.remote.shown, branch))
    hint = "remove one, or let `clusters[].paths` send them to different clusters"
    found = [
        Finding("targets", Level.ERROR, f"{one.key}: stated in {one.first.path} and {one.second.path}", hint)
        for one in resolved.duplicates
    ]
    reasons = Counter([one.reason for one in resolved.unresolved] + [one.reason for one in resolved.skipped])
    found += [
        Finding("targets", Level.WARN, f"{count} held or passed over: {reason}", "`gitops-rollout plan` names each")
        for reason, count in sorted(reasons.items())
    ]
    level = Level.OK if resolved.targets else Level.WARN
    return [Finding("targets", level, f"{len(resolved.targets)} InferenceServices to roll out"), *found]


def live(read: Policy, request: Request) -> list[Finding]:
    """Every live source: whether it answers, how old it is, what it does not show."""
    clusters = with_clusters(read, request.live)
    sources = sources_of(clusters, request)
    views, _ = read_all(sources, request.now if request.replayed else None)
    found = []
    for cluster in clusters.clusters:
        if cluster.name in views:
            found += _view(views[cluster.name], read, request)
        else:
            hint = f"name its `context` in the policy, or give --live {cluster.name}=…"
            found.append(Finding("live", Level.WARN, f"{cluster.name}: nothing shows what it runs", hint))
    return found


def clusters(read: Policy, request: Request) -> list[Finding]:
    """Every live source that is a cluster, looked into: those of `--live`, and the contexts of the policy."""
    given = dict(request.live)
    known = {one.name: one for one in read.clusters} or {name: ClusterPolicy(name) for name in given}
    stated = {name: given.get(name) or (one.context and f"kube:{one.context}") for name, one in known.items()}
    sources = [open_source(name, source, reach_of(known[name], ())) for name, source in stated.items() if source]
    asked = [source for source in sources if isinstance(source, Examined)]
    if not asked:
        hint = "give --live CLUSTER=kube:CONTEXT, or name `context` in the policy's clusters"
        return [Finding("cluster", Level.WARN, "no live source is a cluster: there is nothing to look into", hint)]
    with ThreadPoolExecutor(max_workers=min(len(asked), MOST_AT_ONCE)) as pool:
        return [finding for found in pool.map(lambda one: one.examine(), asked) for finding in found]


def _view(view: LiveView, read: Policy, request: Request) -> list[Finding]:
    if view.unreachable:
        return [Finding("live", Level.ERROR, f"{view.cluster}: {view.unreachable}")]
    found = [Finding("live", Level.WARN, f"{view.cluster}: {note}") for note in view.notes]
    age = request.now - view.seen_at if view.seen_at else None
    if age is not None and age > read.limits.max_age:
        minutes, most = int(age.total_seconds() // 60), int(read.limits.max_age.total_seconds() // 60)
        hint = "take a new snapshot, or raise `limits.max-age`"
        found.append(Finding("live", Level.WARN, f"{view.cluster}: {minutes} minutes old, more than {most}", hint))
    message = f"{view.cluster}: {len(view.services)} InferenceServices seen"
    return [Finding("live", Level.OK, message), *found, *engine_findings(view, request.now)]


def forge(repository: GitRepository, read: Policy, branch: str, commit: str, request: Request) -> list[Finding]:
    """Where pull requests live: whether it answers, and whether the remote takes branches of ours."""
    from gitops_rollout.forges import open_forge

    opened = open_forge(
        request.forge, repository, read.forge, branch, request.now, repository.remote.shown, via=read.commits.via
    )
    if opened is None:
        message = f"it cannot be told from the remote's URL ({repository.remote.shown}) which forge it belongs to"
        return [Finding("forge", Level.ERROR, message, "say which with --forge, or `forge: {kind: …}` in the policy")]
    found = [Finding("forge", Level.OK, f"{opened.kind}: {len(opened.open_pulls())} pull requests of ours are open")]
    refusal = repository.push_refusal(commit)
    if refusal is None:
        found.append(Finding("forge", Level.OK, "the remote takes pushes (a dry run; nothing was pushed)"))
    else:
        hint = "`plan` works without; for `reconcile`, give git credentials that may push branches"
        found.append(Finding("forge", Level.ERROR, f"the remote takes no pushes: {refusal}", hint))
    return found + merging(opened.protection(), read, branch)


def merging(rules: Protection, read: Policy, branch: str) -> list[Finding]:
    """Whether our status is binding on the base branch, and whether a rollback could be merged unattended."""
    answer, why = is_binding(rules)
    hint = f"require the check {READY} on {branch}, and up to date branches or a merge queue (docs/pull-requests.md)"
    if answer is Answer.UNKNOWN:
        hint = "run `doctor` once with a token that may read the rules of the branch"
    level = Level.OK if answer is Answer.YES else Level.WARN
    message = f"is {READY} binding on {branch}: {answer}: {why}"
    found = [Finding("merging", level, message, None if answer is Answer.YES else hint)]
    signing = read.commits.signing_key is not None or read.commits.via is Via.API
    how = read.defaults.rollback.merge
    answer, why = can_merge_unattended(rules, signing=signing, queueing=how is not Merge.AUTO)
    message = f"could a rollback be merged unattended: {answer}: {why}"
    wanted = how is not Merge.MANUAL
    if answer is not Answer.YES and wanted:
        hint = "let these credentials pass what blocks, or write `rollback: {merge: manual}` and merge by hand"
        return [*found, Finding("merging", Level.WARN, message, hint)]
    return [*found, Finding("merging", Level.OK, message if wanted else f"{message} (the policy leaves it to people)")]


def templates(repository: GitRepository, commit: str) -> list[Finding]:
    """The repository's own templates, where it has any."""
    from gitops_rollout.report.templates import FOLDER, load_templates
    from gitops_rollout.templating.render import check_syntax

    loaded = load_templates(lambda path: repository.read_file(commit, path))
    names = []
    for template in (loaded.pull_request, loaded.commit_message, loaded.evidence):
        check_syntax(template.text, template.name)
        names.append(template.name)
    own = [name for name in names if name.startswith(FOLDER)]
    return [Finding("templates", Level.OK, f"its own: {', '.join(own)}" if own else "those that come with the program")]
