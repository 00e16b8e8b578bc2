"""`python -m tests.servers build|list [NAME...]`: build what is missing, or say what is there."""

import argparse
import sys
import time
from collections.abc import Sequence

from tests.servers.cache import made_whole, only_one
from tests.servers.catalogue import PARTS, built
from tests.servers.parts import CannotBuildError, Part, place_of


def main() -> int:
    """Return 0 when all that was asked for is there, 1 when anything could not be had."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=__doc__)
    parser.add_argument("verb", choices=("build", "list"))
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(part.name for part in PARTS))
    asked = parser.parse_args()
    known = {part.name: part for part in PARTS}
    if unknown := set(asked.names) - set(known):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    parts = [known[name] for name in asked.names] or PARTS
    if asked.verb == "list":
        for part in parts:
            print(f"{part.name} {part.version}: {built(part) or 'not built'}")
        return 0
    return build(parts)


def build(parts: Sequence[Part]) -> int:
    """Build what is missing of `parts`; 1 when anything could not be had."""
    failed = [part.name for part in parts if not ensure(part)]
    if failed:
        print(f"servers: not built: {', '.join(failed)}; tests that need them are skipped", flush=True)
    return 1 if failed else 0


def ensure(part: Part) -> bool:
    """Build a part unless it is there; say what came of it."""
    label = f"servers: {part.name} {part.version}"
    with only_one(part.name):
        if built(part):
            print(f"{label}: there", flush=True)
            return True
        print(f"{label}: building ...", flush=True)
        began = time.monotonic()
        try:
            with made_whole(place_of(part)) as place:
                part.build(place)
        except (CannotBuildError, OSError) as error:
            print(f"{label}: could not be built: {error}", flush=True)
            return False
        print(f"{label}: built in {time.monotonic() - began:.0f} s", flush=True)
        return True


if __name__ == "__main__":
    sys.exit(main())
