"""Suggests a policy file for a repository: commented, fitted to what stands in it, and observing only."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gitops_rollout.manifests.targets import resolve
from gitops_rollout.manifests.tree import Blobs, scan_tree
from gitops_rollout.model.policy import Policy
from gitops_rollout.model.targets import Origin, Resolved
from gitops_rollout.reconcile.setup.clusters import Guess, guess_clusters

# Hosts by the words in them; a company's own server mostly carries its forge's name.
FORGES = (("github", "github"), ("gitlab", "gitlab"), ("gitea", "gitea"), ("forgejo", "gitea"), ("codeberg", "gitea"))
MOST_PATHS = 5


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The text of a policy file, and one line for each thing that was found on the way."""

    text: str
    found: tuple[str, ...]


def suggest_policy(repository: Blobs, commit: str, origin: Origin, forges: Sequence[str]) -> Suggestion:
    """A policy file for the repository at a commit. `forges` are the kinds of forge that this release speaks to."""
    from gitops_rollout.config.load import load_policy

    scan = scan_tree(repository, commit, Policy())
    guesses, rest = guess_clusters(scan)
    kind = forge_of(origin.url)
    text = policy_text(guesses, kind, kind in forges)
    policy = load_policy(text.encode(), "the suggestion")
    resolved = resolve(scan, replace(policy, path=None), default_cluster="default", origin=origin)
    found = [
        f"{len(scan.manifests)} InferenceServices in {len({one.source.path for one in scan.manifests})} files",
        *_clusters(guesses, resolved),
        *(
            [f"no cluster is known for {_some(rest)}: add a cluster with these paths, or add them to ignore"]
            if rest
            else []
        ),
        *(f"{one.source.path}:{one.source.line}: {one.reason}: {one.message}" for one in resolved.unresolved),
        *(f"{one.key}: stated twice, in {one.first.path} and {one.second.path}" for one in resolved.duplicates),
        *_skipped(resolved),
        f"forge: {kind or 'not known from the URL'}, from the remote {origin.url}",
    ]
    return Suggestion(text, tuple(found))


def forge_of(url: str) -> str | None:
    """The kind of forge behind a remote's URL; a path is plain Git, so the embedded forge; None: not known."""
    if url.startswith("file://") or not re.match(r"[a-z+]+://|[^/]+:", url):
        return "local"
    host = re.sub(r"^[a-z+]+://", "", url).rpartition("@")[2].partition("/")[0].partition(":")[0].lower()
    return next((kind for word, kind in FORGES if word in host), None)


def policy_text(guesses: Sequence[Guess], forge: str | None, spoken: bool) -> str:
    """The policy file. `spoken` says whether this release speaks to that forge."""
    clusters = "".join(_cluster(guess) for guess in guesses)
    if not clusters:
        clusters = '#  - {name: prod, context: prod, paths: ["clusters/prod/**"]}\n'
    heading = "clusters:" if guesses else "clusters: []"
    if forge is not None and spoken:
        forges = f"forge: {{kind: {forge}}}{' ' * 12}# owner and repository are read from the remote's URL\n"
    else:
        forges = (
            f"# forge: {{kind: {forge or 'github'}}}{' ' * 10}# not in this release; until then pull requests are kept "
            "in Git itself\n"
        )
    return HEAD + f"{heading}\n{clusters}\n{forges}" + TAIL


def _cluster(guess: Guess) -> str:
    lines = [f"  # found by: {_comment(sign)}\n" for sign in guess.found]
    lines.append(f"  - name: {guess.name}\n")
    if guess.paths and not guess.by_engine:
        lines.append(f"    paths: {json.dumps(guess.paths)}\n")
    if guess.destinations:
        lines.append(f"    destinations: {json.dumps(guess.destinations)}\n")
    lines.append("    # context: the name of its kubeconfig context, to be read without --live\n")
    return "".join(lines)


def _comment(text: str) -> str:
    """Untrusted text, made one line of printable characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:200]


def _clusters(guesses: Sequence[Guess], resolved: Resolved) -> list[str]:
    counts = Counter(target.key.cluster for target in resolved.targets)
    return [f"cluster {one.name}: {counts[one.name]} targets, found by {_some(one.found)}" for one in guesses]


def _unknown(paths: Sequence[str]) -> list[str]:
    return [f"no cluster is known for {_some(paths)}: add a cluster with them, or `ignore` them"] if paths else []


def _skipped(resolved: Resolved) -> list[str]:
    counts = Counter(skip.reason for skip in resolved.skipped if skip.reason != "no-cluster")
    return [f"passed over: {count} {reason} (see `gitops-rollout plan`)" for reason, count in sorted(counts.items())]


def _some(words: Sequence[str]) -> str:
    shown = ", ".join(words[:MOST_PATHS])
    return f"{shown} and {len(words) - MOST_PATHS} more" if len(words) > MOST_PATHS else shown


HEAD = """\
# The policy of gitops-rollout: what it may propose, for which InferenceServices, and how.
# It is read at the base commit. `gitops-rollout schema policy` prints its JSON schema; `gitops-rollout plan
# --try-config FILE` tries a change before it is committed. All keys but `version` may be left out.
version: 1

# observe decides and reports, and opens nothing. Watch a few rollouts with `plan`, then write propose,
# here for all targets or under `rules` for some.
mode: observe

# Which files go to which cluster: by `paths`, or by the destinations of Argo CD and Flux objects in this repository.
"""

TAIL = """\

defaults:
  steps: [10, 25, 50]      # percents on the way; above the last one the canary is promoted
  soak: 30m                # how long each step is watched
  deadline: 1h             # a canary that is not ready by then is rolled back
  bake: 1h                 # how long after a promotion a failing analysis still rolls back
  promote: {merge: manual, labels: [rollout, promote]}
  rollback: {merge: manual, labels: [rollout, rollback], budget: 30m}
  # Without an analysis a canary is judged by its readiness alone, and no promotion is merged by itself.
  # analysis:
  #   - name: error-rate
  #     prometheus:
  #       url: http://prometheus.monitoring:9090
  #       query: 'sum(rate(revision_request_count{revision_name="{{ revision }}", response_code_class="5xx"}[5m]))'
  #     fail: {above: 0.01}
  #     min-samples: 200

# From top to bottom; a later rule wins, and states only what it changes.
rules: []
#  - match: {namespace: fraud, name: "score-*"}
#    mode: propose
#    steps: [1, 5, 25]
#  - match: {cluster: staging}
#    soak: 5m

limits: {open: 20, max-age: 15m}

# commits:
#   author: {name: Rollouts, email: rollouts@example.org}
#   signing: {key: /etc/gitops-rollout/signing.pub, format: ssh}
#   sign-off: true

# When forward changes may be made; a deny wins, and rollbacks pass all windows.
# windows:
#   - {allow: "Mon-Fri 09:00-16:00", timezone: Europe/Berlin}
"""
