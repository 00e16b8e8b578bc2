"""Writes examples/live: what each cluster of the example shows, put together from recorded statuses.

Run it from the top of a checkout: `python examples/make_live.py`. Every service of the example is one recorded scenario
of tests/data/traces at the end of one of its steps, under another name and namespace. Nothing else is changed: not
the times, not a condition. Where a recording came to rest nothing moved any more, so the services of one cluster may
stand side by side although they were recorded one after the other.
"""

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
KINDS = ("InferenceService", "Service", "Revision")

# cluster, namespace/name: scenario, step (tests/data/traces/README.md tells what they are)
SERVICES = {
    "prod-eu": {
        "fraud/score": ("A", 2),
        "fraud/limits": ("O", 1),
        "fraud/merchants": ("C", 1),
        "search/ranking": ("E", 1),
        "search/embeddings": ("B", 1),
        "vision/defects": ("H", 6),
        "language/translation": ("D", 1),
    },
    "prod-us": {
        "fraud/score": ("G", 2),
        "search/query-intent": ("B", 3),
        "recommendations/home": ("C2", 3),
        "recommendations/news": ("C3", 2),
        "recommendations/archive": ("I", 2),
        "pricing/quotes": ("K", 4),
        "pricing/surge": ("J", 3),
        "language/translation": ("F", 1),
    },
    "staging": {
        "forecast/demand": ("M", 1),
        "forecast/returns": ("J", 1),
        "forecast/stock": ("S", 2),
    },
}
# What prod-eu shows once the promotion of its score was merged and applied.
LATER = {"prod-eu": {"fraud/score": ("A", 3)}}


def main() -> None:
    """Write one `List` for each cluster, and those that show what comes later."""
    sys.path.insert(0, str(HERE.parent))
    for cluster, services in SERVICES.items():
        write(HERE / "live" / f"{cluster}.json", services)
    for cluster, changed in LATER.items():
        write(HERE / "live" / "later" / f"{cluster}.json", {**SERVICES[cluster], **changed})


def write(path: Path, services: dict[str, tuple[str, int]]) -> None:
    """Write what `kubectl get isvc,ksvc,revisions -A --show-managed-fields -o json` would print of `services`."""
    items = [item for name, (scenario, step) in sorted(services.items()) for item in renamed(name, scenario, step)]
    items.sort(key=lambda item: (KINDS.index(item["kind"]), item["metadata"]["namespace"], item["metadata"]["name"]))
    document = {"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n")


def renamed(target: str, scenario: str, step: int) -> list[dict[str, Any]]:
    """The objects of a scenario at rest after a step; `iris` and the scenario's namespace get the target's names."""
    from tests.traces import load

    recorded = load(scenario)
    namespace, name = target.split("/")
    snapshot = recorded.resting(recorded.steps[step])
    text = json.dumps([item for item in snapshot.items if item["kind"] in KINDS])
    return json.loads(text.replace(recorded.namespace, namespace).replace("iris", name))


if __name__ == "__main__":
    main()
