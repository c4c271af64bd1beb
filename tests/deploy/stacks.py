"""The local stack with stand-ins for the services: real servers, real door, no domain.

`python -m tests.deploy.stacks FOLDER` keeps one up until it is told to stop.
"""

import asyncio
import sys
from pathlib import Path

from deploy.local.interruption import until_interrupted
from deploy.local.ports import free_ports
from deploy.local.stack import LocalStack

_STAND_IN = Path(__file__).with_name("stand_in_service.py")


class StandInStack(LocalStack):
    """Everything of the stack but the services."""

    def command(self, service: str, verb: str) -> list[str]:
        return [sys.executable, str(_STAND_IN), service, verb]


async def _stay_up(folder: Path) -> None:
    async with StandInStack(folder, ports=free_ports()):
        sys.stdout.write("up\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(until_interrupted(_stay_up(Path(sys.argv[1]))))
