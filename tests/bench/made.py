"""A made repository for benches: 50,000 files, 10,000 of them InferenceServices, about 83 MB, the same every time."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

FILES = 50_000
EVERY = 5
CHANGED = 100
CACHE = Path(__file__).resolve().parents[2] / ".cache" / "bench"
_VERSION = 2

_WHO = "bench <bench@example.com> 1700000000 +0000"


def repository() -> Path:
    """A bare repository with the branches `main` and `changed` (100 files differ); made once, into a cache."""
    place = CACHE / f"scan-{_VERSION}.git"
    if not (place / "made").exists():
        subprocess.run(["git", "init", "-q", "--bare", "--initial-branch=main", str(place)], check=True)
        subprocess.run(["git", "-C", str(place), "fast-import", "--quiet", "--force"], input=_stream(), check=True)
        subprocess.run(["git", "-C", str(place), "repack", "-adq"], check=True)
        (place / "made").touch()
    return place


def _stream() -> bytes:
    parts = [f"commit refs/heads/main\nmark :1\ncommitter {_WHO}\ndata 4\nmade\n".encode()]
    parts += [_file(path, text) for path, text in _files()]
    parts.append(f"commit refs/heads/changed\ncommitter {_WHO}\ndata 7\nchanged\nfrom :1\n".encode())
    for number in range(0, CHANGED * EVERY, EVERY):
        parts.append(_file(_path(number), _service(number).replace("Percent: 10", "Percent: 25")))
    return b"".join(parts)


def _file(path: str, text: str) -> bytes:
    data = text.encode()
    return b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data)


def _files() -> Iterator[tuple[str, str]]:
    for number in range(FILES):
        yield _path(number), _other(number) if number % EVERY else _service(number)


def _path(number: int) -> str:
    return f"clusters/c{number % 7}/team-{number % 97}/app-{number // 97}/object-{number}.yaml"


def _service(number: int) -> str:
    env = "".join(f'        - name: SETTING_{i}\n          value: "{(number * 31 + i) % 9973}"\n' for i in range(8))
    return (
        f"# InferenceService of team {number % 97}\napiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\n"
        f"metadata:\n  name: model-{number}\n  namespace: team-{number % 97}\n  labels:\n    team: team-{number % 97}\n"
        f"    tier: gold\n  annotations:\n    serving.kserve.io/deploymentMode: Knative\nspec:\n  predictor:\n"
        f"    canaryTrafficPercent: 10  # first step\n    minReplicas: 1\n    maxReplicas: 4\n"
        "    serviceAccountName: s3\n"
        f"    model:\n      modelFormat:\n        name: sklearn\n      protocolVersion: v2\n"
        f"      runtime: kserve-sklearnserver\n      storageUri: s3://models/model-{number}/v{number % 13}\n"
        f'      env:\n{env}      resources:\n        requests: {{cpu: "1", memory: 2Gi}}\n'
        f'        limits: {{cpu: "2", memory: 4Gi}}\n'
    )


def _other(number: int) -> str:
    lines = "".join(f"    key-{i}: value-{(number * 17 + i * 7919) % 1000003}-{'x' * (i % 23)}\n" for i in range(42))
    return (
        f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: object-{number}\n  namespace: team-{number % 97}\n"
        f"data:\n  settings: |\n{lines}"
    )
