"""`python -m services.assistance serve | migrate | new-epoch | dead-letters`."""

from pathlib import Path

from chassis.run import main
from services.assistance.app import running

if __name__ == "__main__":
    main(
        "assistance",
        running=running,
        migrations=Path(__file__).with_name("migrations"),
        commands={},
    )
