"""Runs the benches named on the command line, or all, and prints one line for each figure; exit 1 past a target."""

import sys
from importlib import import_module

from tests.bench import BENCHES
from tests.bench.figures import show


def main(names: list[str]) -> int:
    unknown = sorted(set(names) - set(BENCHES))
    if unknown:
        print(f"no such bench: {', '.join(unknown)}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 64
    failed = 0
    for name in names or BENCHES:
        for figure in import_module(f"tests.bench.{name}").measure():
            print(show(figure), flush=True)
            failed += not figure.within
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
