"""`make run`: starts the suite, plays the founding case, shows the way in, stays up until Ctrl-C.

With `--once` it stops after the case and prints what happened as one line of JSON.
"""

import argparse
import asyncio
import json
import os
import sys
import time

from chassis.migrations import DatabaseNewer
from deploy.local.door import RESULT_FIELDS, StoryFailed, StoryResult
from deploy.local.environment import ROOT
from deploy.local.interruption import until_interrupted
from deploy.local.ports import PortInvalid, PortTaken
from deploy.local.process import ProcessFailed
from deploy.local.stack import AlreadyRunning, LocalStack
from deploy.local.welcome import welcome

STATE = ROOT / ".guantong"
INTERRUPTED = 130
# By default services stand ten ports apart.
WORKERS = range(1, 11)
# What a person can mend is said without a traceback.
_SAID = (AlreadyRunning, DatabaseNewer, PortInvalid, PortTaken, ProcessFailed, StoryFailed)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("--once", action="store_true", help="stop after the case")
    parser.add_argument("--no-story", action="store_true", help="start an empty suite")
    parser.add_argument(
        "--workers", type=int, choices=WORKERS, default=1, help="processes of each service"
    )
    arguments = parser.parse_args()
    os.chdir(ROOT)
    run = _run(once=arguments.once, story=not arguments.no_story, workers=arguments.workers)
    try:
        asyncio.run(until_interrupted(run))
    except asyncio.CancelledError:
        print("Stopped.")
        return INTERRUPTED if arguments.once else 0
    except _SAID as error:
        print(error, file=sys.stderr)
        return 1
    return 0


async def _run(*, once: bool, story: bool, workers: int) -> None:
    began = time.monotonic()
    print("Starting PostgreSQL, NATS, the services and the gateway ...", flush=True)
    async with LocalStack(STATE, workers=workers, report=_report) as stack:
        print(f"The suite is up after {time.monotonic() - began:.1f} s.", flush=True)
        result = None
        if story:
            # With the suite up: the story is a caller like any other, and no part of starting.
            from deploy.story.main import run_story  # noqa: PLC0415

            result = await stack.supervisor.run_unless_failed(run_story(stack.door))
        if not once:
            print(welcome(stack.door, STATE / "tokens"))
            print("Everything keeps running until Ctrl-C.", flush=True)
            await stack.supervisor.run_unless_failed(asyncio.Event().wait())
    if once and result is not None:
        print(_as_json(result), flush=True)


def _as_json(result: StoryResult) -> str:
    return json.dumps({name: getattr(result, name) for name in RESULT_FIELDS})


def _report(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
