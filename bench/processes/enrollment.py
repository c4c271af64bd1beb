"""The enrollment service as in production, but for what works in the background.

As `bench.processes.ours`, which is the transfer service.
"""

import asyncio

import uvloop

from chassis import logs, settings
from chassis.foundation import founded, key_store
from chassis.rpc import serving
from services.enrollment.app import CONTRACT, servicers


async def _serve() -> None:
    loaded = settings.load()
    logs.configure(loaded)
    async with (
        founded(loaded, CONTRACT) as base,
        key_store(loaded) as keys,
        serving(base, CONTRACT, servicers(base, keys)),
    ):
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_serve())
