"""Small manifests for tests."""

from gitops_rollout.manifests.edit import edit
from gitops_rollout.model.change import Edit, EditOutcome
from gitops_rollout.model.targets import Component

MARKER = "rolled back: score-predictor-00002 (model 3f9c1b2d4e5f)"


def service(predictor: str = "    canaryTrafficPercent: 10\n    minReplicas: 1\n", name: str = "score") -> str:
    return (
        "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\n"
        f"metadata:\n  name: {name}\nspec:\n  predictor:\n{predictor}"
    )


def edited(
    text: str, percent: int | None, comment: str | None = None, component: Component = Component.PREDICTOR
) -> tuple[str, EditOutcome]:
    """The text and the outcome of one edit of the first document."""
    result = edit(text.encode(), [Edit(0, (), component, percent, comment)], "score.yaml")
    return result.data.decode(), result.outcomes[0]
