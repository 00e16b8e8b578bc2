"""Edits broken and mixed manifests for a fixed time; reports inputs, refusals and failures; exit 1 on a failure."""

import random
import sys
import time
from collections import Counter
from pathlib import Path

from tests.fuzz.edits import MOST_SECONDS, attempt
from tests.fuzz.mutations import mutated
from tests.manifests.test_corpus import FOLDER, INDEX


def main(seconds: float, seed: int) -> int:
    choose = random.Random(seed)  # noqa: S311 - a sequence that can be had again, nothing secret
    seeds = [(FOLDER / entry["file"]).read_bytes() for entry in INDEX]
    counts: Counter[str] = Counter()
    failures = 0
    slowest = 0.0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = mutated(choose, seeds)
        started = time.process_time()
        try:
            word = attempt(data, choose)
        except Exception as error:  # any exception at all is a finding
            word = "FAILED"
            failures += 1
            place = Path(f"fuzz-{seed}-{failures}.bin")
            place.write_bytes(data)
            print(f"{place}: {type(error).__name__}: {str(error)[:300]}", flush=True)
        slowest = max(slowest, time.process_time() - started)
        counts[word] += 1
    total = sum(counts.values())
    print(f"{total} inputs in {seconds:g} s (seed {seed}), slowest {slowest:.2f} s of {MOST_SECONDS:g} s")
    for word, number in counts.most_common():
        print(f"{number:>8}  {word}")
    return 1 if failures or slowest > MOST_SECONDS else 0


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(main(float(arguments[0]) if arguments else 60.0, int(arguments[1]) if arguments[1:] else 1))
