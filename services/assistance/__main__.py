"""`python -m services.assistance serve | migrate | new-epoch | dead-letters`."""

from pathlib import Path

from chassis.run import Service, main
from services.assistance.app import ENCODERS, running
from services.assistance.edge.subscriptions import HANDLERS

if __name__ == "__main__":
    main(
        Service(
            name="assistance",
            running=running,
            migrations=Path(__file__).with_name("migrations"),
            encoders=ENCODERS,
            handlers=HANDLERS,
        )
    )
