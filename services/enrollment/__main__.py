"""`python -m services.enrollment serve | migrate | new-epoch | dead-letters`."""

from pathlib import Path

from chassis.run import main
from services.enrollment.app import running

if __name__ == "__main__":
    main(
        "enrollment",
        running=running,
        migrations=Path(__file__).with_name("migrations"),
        commands={},
    )
