"""One look at both sides: the targets at the base commit with their histories, and what every cluster shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from gitops_rollout.manifests.scan import scan_file
from gitops_rollout.manifests.targets import resolve
from gitops_rollout.manifests.tree import scan_tree
from gitops_rollout.model.doors import Follower
from gitops_rollout.model.history import History
from gitops_rollout.model.live import LiveView
from gitops_rollout.model.targets import Manifest, Resolved, Source, Target, TargetKey
from gitops_rollout.reconcile.observation.builds import Builds
from gitops_rollout.reconcile.observation.built_history import built_histories
from gitops_rollout.reconcile.observation.history import document_history
from gitops_rollout.reconcile.observation.live import read_all
from gitops_rollout.reconcile.world import World


@dataclass(frozen=True, slots=True)
class Seen:
    """What a run saw. `resolved` holds only what `--only` asks for; `stated` every key that the base states."""

    resolved: Resolved
    stated: frozenset[TargetKey]
    views: Mapping[str, LiveView]
    histories: Mapping[Source, History] = field(default_factory=dict)
    errors: tuple[str, ...] = ()
    builds: Builds | None = None
    own: Mapping[TargetKey, History] = field(default_factory=dict)

    def history(self, target: Target) -> History:
        """The history of a target: of its document, or of what was rendered for it alone."""
        document = self.histories.get(target.manifest.source, History(complete=False))
        return self.own.get(target.key, document)

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets to decide, sorted by key."""
        return self.resolved.targets


def observe(world: World) -> Seen:
    """Read the base commit and every live source."""
    seen = stated(world)
    world.progress(f"reading {len(world.sources)} live source(s)")
    for source in world.sources:
        if isinstance(source, Follower):
            source.follow([(one, _past(one, seen.own, seen.histories)) for one in seen.targets], world.now)
    views, errors = read_all(world.sources, None if not world.replayed else world.now)
    return replace(seen, views=views, errors=errors)


def stated(world: World) -> Seen:
    """Read the base commit alone: targets and their histories."""
    world.progress(f"reading {world.base_branch} at {world.base_commit[:12]}")
    scan = scan_tree(world.repository, world.base_commit, world.policy, cache=world.cache)
    default = world.policy.clusters[0].name if world.policy.clusters else "default"
    builds = Builds(world.repository, world.base_commit, scan)
    everything = resolve(scan, world.policy, default_cluster=default, origin=world.origin)
    if everything.builds:
        world.progress(f"rendering {len(everything.builds)} kustomization(s)")
        rendered = builds.results(everything.builds)
        everything = resolve(scan, world.policy, default_cluster=default, origin=world.origin, rendered=rendered)
    keys = frozenset(target.key for target in everything.targets)
    keys |= frozenset(one.key for one in everything.duplicates)
    keys |= frozenset(one.key for one in everything.unresolved)
    resolved = _only(everything, world.only)
    world.progress(f"reading the history of {len(resolved.targets)} target(s)")
    past = dict(histories(world, [one for one in resolved.targets if one.manifest.built is None]))
    own = {target.key: history for target, history in built_histories(builds, resolved.targets)}
    for target in resolved.targets:
        if target.key in own:
            past.setdefault(target.manifest.source, own[target.key])
    return Seen(resolved, keys, {}, past, (), builds, own)


def histories(world: World, targets: Sequence[Target]) -> Mapping[Source, History]:
    """The history of each document that the targets stand in."""
    sources = {target.manifest.source: target.manifest for target in targets}
    paths = sorted({source.path for source in sources})
    files = world.repository.histories(world.base_commit, paths)
    known: dict[tuple[str, bytes], Sequence[Manifest]] = {}

    def read(path: str, data: bytes) -> Sequence[Manifest]:
        key = (path, data)
        if key not in known:
            known[key] = scan_file(path, data, limit=world.policy.limits.file_size).manifests
        return known[key]

    return {
        source: document_history(files[source.path], manifest, read)
        for source, manifest in sources.items()
        if source.path in files
    }


def _past(target: Target, own: Mapping[TargetKey, History], past: Mapping[Source, History]) -> History:
    return own.get(target.key) or past.get(target.manifest.source, History())


def _only(resolved: Resolved, patterns: Sequence[str]) -> Resolved:
    if not patterns:
        return resolved

    def asked(key: TargetKey) -> bool:
        return any(fnmatchcase(str(key), pattern) for pattern in patterns)

    # A document is decided as one: whoever asks for one of its targets gets those that it also serves.
    sources = {one.manifest.source for one in resolved.targets if asked(one.key)}
    return replace(
        resolved,
        targets=tuple(one for one in resolved.targets if one.manifest.source in sources),
        duplicates=tuple(one for one in resolved.duplicates if asked(one.key)),
        unresolved=tuple(one for one in resolved.unresolved if asked(one.key)),
    )
