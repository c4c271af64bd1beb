"""`python -m bench [NAME] [--check]`: runs all benchmarks, or one, and prints a line for each.

With `--check` the exit status says whether every bound was met. No timed test runs them.
"""

import argparse
import sys
from collections.abc import Callable, Mapping

from bench import command, gateway, import_roster, memory, propagation, reads, relay
from bench.outcome import Outcome, note

BENCHMARKS: Mapping[str, Callable[[], Outcome]] = {
    "command": command.measure,
    "gateway": gateway.measure,
    "import_roster": import_roster.measure,
    "lookup": reads.lookup,
    "memory": memory.measure,
    "roster_page": reads.roster_page,
    "timeline": reads.timeline,
    "relay": relay.measure,
    "propagation": propagation.measure,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", nargs="?", choices=list(BENCHMARKS), help="one of them; else all")
    parser.add_argument("--check", action="store_true", help="fail when a bound is missed")
    arguments = parser.parse_args()
    names = [arguments.name] if arguments.name else list(BENCHMARKS)
    missed = [bound for name in names for bound in _run(name).bounds if not bound.is_met]
    for bound in missed:
        note(f"missed: {bound}")
    return 1 if arguments.check and missed else 0


def _run(name: str) -> Outcome:
    note(f"{name}:")
    outcome = BENCHMARKS[name]()
    for detail in outcome.details:
        print(detail, flush=True)
    print(outcome, flush=True)
    return outcome


if __name__ == "__main__":
    sys.exit(main())
