"""One edit of an ordinary file, proof by both readers included: processor time, since it waits for nothing."""

import statistics
import time
from collections.abc import Iterator

from gitops_rollout.manifests.edit import edit
from gitops_rollout.model.change import Edit
from gitops_rollout.model.targets import Component
from tests.bench.figures import Figure

MOST_MILLISECONDS = 10.0
ROUNDS = 200

FILE = b"""# The fraud score of the card team
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: score
  namespace: fraud
  labels:
    team: cards
spec:
  predictor:
    canaryTrafficPercent: 10  # first step
    minReplicas: 1
    model:
      modelFormat:
        name: sklearn
      protocolVersion: v2
      storageUri: s3://models/score/v12
      resources:
        requests: {cpu: "1", memory: 2Gi}
        limits: {cpu: "2", memory: 4Gi}
      env:
        - name: WORKERS
          value: "4"
"""


def measure() -> Iterator[Figure]:
    wanted = [Edit(0, (), Component.PREDICTOR, 0, "rolled back: score-predictor-00002 (model 3f9c1b2d4e5f)")]
    times = []
    for _ in range(ROUNDS):
        started = time.process_time()
        (outcome,) = edit(FILE, wanted).outcomes
        times.append((time.process_time() - started) * 1000)
        if outcome.outcome != "edited":
            raise RuntimeError(outcome.message)
    median = statistics.median(times)
    yield Figure(
        "one edit of an ordinary file", "the limit", MOST_MILLISECONDS, median, median / MOST_MILLISECONDS, 1, "ms"
    )
