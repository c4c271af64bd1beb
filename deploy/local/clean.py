"""Removes the state of the local stack and of test sessions, wherever it had to stand.

Not while the stack runs: its databases would go from under it. It needs the standard library
alone, for it also cleans up after an installation that did not end.
"""

import fcntl
import sys
from pathlib import Path

from deploy.local.reach import RECORD, remove

STATE = Path(__file__).resolve().parents[2] / ".guantong"


def main(state: Path = STATE) -> int:
    if _is_in_use(state):
        print(f"The suite runs from {state}. Stop it first (Ctrl-C).", file=sys.stderr)
        return 1
    for record in list(state.rglob(RECORD)):
        remove(record.parent)
    remove(state)
    return 0


def _is_in_use(state: Path) -> bool:
    """Say whether a launcher holds the folder's lock."""
    try:
        with (state / "lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


if __name__ == "__main__":
    sys.exit(main())
