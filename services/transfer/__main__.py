"""`python -m services.transfer serve | migrate | new-epoch | dead-letters`."""

from pathlib import Path

from chassis.run import Service, main
from services.transfer.app import ENCODERS, running
from services.transfer.edge.subscriptions import HANDLERS

if __name__ == "__main__":
    main(
        Service(
            name="transfer",
            running=running,
            migrations=Path(__file__).with_name("migrations"),
            encoders=ENCODERS,
            handlers=HANDLERS,
        )
    )
