"""`python -m services.enrollment serve | migrate | new-epoch | dead-letters`."""

from pathlib import Path

from chassis.run import Service, main
from services.enrollment.app import ENCODERS, running
from services.enrollment.edge.subscriptions import HANDLERS

if __name__ == "__main__":
    main(
        Service(
            name="enrollment",
            running=running,
            migrations=Path(__file__).with_name("migrations"),
            encoders=ENCODERS,
            handlers=HANDLERS,
        )
    )
