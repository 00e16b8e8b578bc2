"""Speed and memory as ratios against a floor that is measured in the same run: `python -m tests.bench [NAME…]`.

A bench is a module of this package with `measure() -> Iterator[Figure]`; add its name to `BENCHES`.
"""

BENCHES = ("help", "track", "scan", "edit", "listing", "git")
