"""Everything that is built, the quickest first: each part stands alone."""

from pathlib import Path

from tests.servers.parts import HERE, DebianPackage, GoProgram, ModuleFiles, NodePackages, Part, place_of

KSERVE = "github.com/kserve/kserve"
KNATIVE = "knative.dev/serving"

CRDS = ModuleFiles(
    "crds",
    HERE / "go" / "crds.lock",
    (
        (KSERVE, "config/crd/full/serving.kserve.io_inferenceservices.yaml"),
        (KNATIVE, "config/core/300-resources/configuration.yaml"),
        (KNATIVE, "config/core/300-resources/revision.yaml"),
        (KNATIVE, "config/core/300-resources/route.yaml"),
        (KNATIVE, "config/core/300-resources/service.yaml"),
        ("github.com/argoproj/argo-cd/v3", "manifests/crds/application-crd.yaml"),
        ("github.com/argoproj/argo-cd/v3", "manifests/crds/appproject-crd.yaml"),
        ("github.com/fluxcd/source-controller", "config/crd/bases/source.toolkit.fluxcd.io_gitrepositories.yaml"),
        ("github.com/fluxcd/kustomize-controller", "config/crd/bases/kustomize.toolkit.fluxcd.io_*.yaml"),
    ),
)
PROMETHEUS = DebianPackage("prometheus", "prometheus")
GITHUB = NodePackages("github", drop=("node_modules/@octokit/openapi/generated/*.deref.json",))
ETCD = GoProgram("etcd", "3.6.5", "go.etcd.io/etcd/server/v3")
GITEA = GoProgram(
    "gitea",
    "1.26.0",
    "code.gitea.io/gitea",
    tags="sqlite,sqlite_unlock_notify",
    flags="-s -w -X main.Version=1.26.0",
    beside=("templates", "options", "public"),
)
KUBE = "k8s.io/component-base/version."
KUBE_APISERVER = GoProgram(
    "kube-apiserver",
    "1.34.3",
    "k8s.io/kubernetes/cmd/kube-apiserver",
    flags=f"-s -w -X {KUBE}gitVersion=v1.34.3 -X {KUBE}gitMajor=1 -X {KUBE}gitMinor=34",
)
CHARTS = "helm.sh/helm/v3/pkg/chartutil.k8sVersion"  # what charts are told without a cluster
HELM = GoProgram(
    "helm",
    "3.19.5",
    "helm.sh/helm/v3/cmd/helm",
    flags=f"-s -w -X helm.sh/helm/v3/internal/version.version=v3.19.5 -X {CHARTS}Major=1 -X {CHARTS}Minor=34",
)
KUSTOMIZE = GoProgram("kustomize", "5.8.1", "sigs.k8s.io/kustomize/kustomize/v5")

PARTS: tuple[Part, ...] = (CRDS, PROMETHEUS, GITHUB, KUSTOMIZE, ETCD, GITEA, KUBE_APISERVER, HELM)


def built(part: Part) -> Path | None:
    """The folder of a part that was built, None where it was not."""
    place = place_of(part)
    return place if place.is_dir() else None


def program(part: GoProgram) -> Path | None:
    """The program itself, None where it was not built."""
    place = built(part)
    return place / part.name if place else None
