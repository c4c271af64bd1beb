"""Removes the state of the local stack and of test sessions, wherever it had to stand."""

from deploy.local.environment import ROOT
from deploy.local.reach import RECORD, remove

STATE = ROOT / ".guantong"


def main() -> None:
    for record in list(STATE.rglob(RECORD)):
        remove(record.parent)
    remove(STATE)


if __name__ == "__main__":
    main()
