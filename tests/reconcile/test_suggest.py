"""Policies that are suggested fit the repository, load, and enrol nothing."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from gitops_rollout.config.load import load_policy
from gitops_rollout.manifests.targets import resolve
from gitops_rollout.manifests.tree import scan_tree
from gitops_rollout.model.doors import TreeEntry
from gitops_rollout.model.policy import Mode, Policy
from gitops_rollout.model.targets import Origin
from gitops_rollout.reconcile.setup.clusters import cluster_name, guess_clusters
from gitops_rollout.reconcile.setup.suggest import Suggestion, forge_of, suggest_policy

ORIGIN = Origin("https://git.example/ml/models.git", "main")
EXAMPLE = Path(__file__).parents[2] / "examples" / "repo"


class Tree:
    """A tree of files, as a repository shows it."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = files

    def entries(self, commit: str) -> Iterable[TreeEntry]:
        return [TreeEntry(path, "100644", path, len(text)) for path, text in sorted(self.files.items())]

    def read_blobs(self, oids: Iterable[str], most: int | None = None) -> Iterable[tuple[str, bytes]]:
        return [(oid, self.files[oid].encode()) for oid in oids]


def service(name: str = "iris") -> str:
    return f"""\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {{name: {name}, namespace: ml}}
spec: {{predictor: {{model: {{modelFormat: {{name: sklearn}}, storageUri: s3://models/iris/v1}}}}}}
"""


def application(name: str, path: str, destination: str) -> str:
    return f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: {name}, namespace: argocd}}
spec:
  source: {{repoURL: "{ORIGIN.url}", targetRevision: main, path: {path}}}
  destination: {destination}
"""


def flux(path: str, extra: str = "") -> str:
    return f"""\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: models, namespace: flux-system}}
spec: {{sourceRef: {{kind: GitRepository, name: models}}, path: {path}{extra}}}
"""


def suggest(files: dict[str, str]) -> tuple[Suggestion, Policy, list[str]]:
    tree = Tree(files)
    suggestion = suggest_policy(tree, "head", ORIGIN, ("local",))
    policy = load_policy(suggestion.text.encode(), "policy.yaml")
    found = resolve(scan_tree(tree, "head", policy), policy, default_cluster="none", origin=ORIGIN)
    return suggestion, policy, [str(target.key) for target in found.targets]


def test_the_example_gets_the_clusters_that_its_own_policy_names() -> None:
    files = {str(path.relative_to(EXAMPLE)): path.read_text() for path in EXAMPLE.rglob("*.yaml")}
    own = load_policy(files.pop(".gitops-rollout.yaml").encode(), "own")
    tree = Tree(files)
    _, policy, targets = suggest(files)
    expected = resolve(scan_tree(tree, "head", own), own, default_cluster="none", origin=ORIGIN).targets
    assert targets == [str(target.key) for target in expected]
    assert policy.defaults.mode is Mode.OBSERVE


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"model.yaml": service()}, ["default/ml/iris"]),
        ({"models/model.yaml": service()}, ["default/ml/iris"]),
        (
            {"clusters/Prod_EU/a.yaml": service(), "clusters/staging/b.yaml": service()},
            ["prod-eu/ml/iris", "staging/ml/iris"],
        ),
        (
            {"apps/iris/overlays/prod/a.yaml": service(), "apps/iris/overlays/test/a.yaml": service()},
            ["prod/ml/iris", "test/ml/iris"],
        ),
        (
            {
                "a.yaml": application("a", "models", "{name: east}"),
                "b.yaml": application("b", "models", "{server: 'https://west.example:6443'}"),
                "models/m.yaml": service(),
            },
            ["east/ml/iris", "west-example/ml/iris"],
        ),
        (
            {
                "clusters/one/flux.yaml": flux("./apps"),
                "clusters/two/flux.yaml": flux("./apps", ", kubeConfig: {secretRef: {name: remote-kubeconfig}}"),
                "apps/m.yaml": service(),
            },
            ["one/ml/iris", "remote/ml/iris"],
        ),
        (
            {
                "hub.yaml": application("a", "models", "{server: 'https://kubernetes.default.svc'}"),
                "models/m.yaml": service(),
            },
            ["hub/ml/iris"],
        ),
        (
            {
                "base/kustomization.yaml": "resources: [m.yaml]",
                "base/m.yaml": service(),
                "overlays/prod/kustomization.yaml": "resources: [../../base]",
                "overlays/test/kustomization.yaml": "resources: [../../base]",
            },
            ["prod/ml/iris", "test/ml/iris"],
        ),
        ({}, []),
    ],
    ids=["one file", "one folder", "clusters", "overlays", "Argo CD", "Flux", "own cluster", "kustomize", "nothing"],
)
def test_clusters_are_found_where_repositories_name_them(files: dict[str, str], expected: list[str]) -> None:
    _, _, targets = suggest(files)
    assert targets == expected


def test_what_no_cluster_is_known_for_is_said() -> None:
    suggestion, _, targets = suggest({"clusters/prod/a.yaml": service(), "attic/old.yaml": service("old")})
    assert targets == ["prod/ml/iris"]
    assert any("no cluster is known for attic/old.yaml" in line for line in suggestion.found)


def test_hostile_names_stay_comments_and_valid_names() -> None:
    name = '"a\\nclusters: []\\u2028mode: propose"'
    files = {"a.yaml": application(name, "models", "{name: '../../ x: [y'}"), "models/m.yaml": service()}
    _, policy, _ = suggest(files)
    assert policy.defaults.mode is Mode.OBSERVE
    assert [cluster.name for cluster in policy.clusters] == ["x-y"]
    assert cluster_name("-" * 100) == "default"
    assert len(cluster_name("a" * 100)) == 63


def test_a_cluster_that_engines_decide_alone_has_no_paths() -> None:
    files = {"a.yaml": application("a", "models", "{name: east}"), "models/m.yaml": service()}
    (guess,), rest = guess_clusters(scan_tree(Tree(files), "head", Policy()))
    assert (guess.name, guess.by_engine, guess.destinations, rest) == ("east", True, ["east"], [])


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://github.com/a/b.git", "github"),
        ("git@github.example.com:a/b.git", "github"),
        ("ssh://git@gitlab.com:22/a/b", "gitlab"),
        ("https://user@codeberg.org/a/b", "gitea"),
        ("https://git.example.com/github/b", None),
        ("/srv/git/models.git", "local"),
        ("file:///srv/git/models.git", "local"),
    ],
)
def test_the_forge_is_read_from_the_host(url: str, kind: str | None) -> None:
    assert forge_of(url) == kind
