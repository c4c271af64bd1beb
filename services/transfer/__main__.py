"""`python -m services.transfer serve | migrate | new-epoch | dead-letters`."""

from pathlib import Path

from chassis.run import main
from services.transfer.app import running

if __name__ == "__main__":
    main(
        "transfer", running=running, migrations=Path(__file__).with_name("migrations"), commands={}
    )
