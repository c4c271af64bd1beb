"""Numbers and publishes the history of transfer as the service does, and answers no calls."""

import uvloop

from chassis import logs, settings
from chassis.bus import Bus
from chassis.db import Database
from chassis.relay import Relay, number_and_publish
from chassis.sequencer import Sequencer


async def _run() -> None:
    loaded = settings.load()
    logs.configure(loaded)
    async with (
        Database.open(
            loaded.database_dsn,
            pool_size=loaded.database_pool_size,
            application_name=loaded.service,
        ) as database,
        Bus.open(
            url=loaded.nats_url, monitor_urls=loaded.nats_monitor_url, name=loaded.service
        ) as bus,
    ):
        sequencer = Sequencer(database)
        relay = Relay(database, bus, sequencer, region=loaded.region, service=loaded.service)
        await number_and_publish(database, sequencer, relay)


if __name__ == "__main__":
    uvloop.run(_run())
