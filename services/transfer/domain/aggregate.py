"""What every aggregate has: a version, and the event of the one change made to it.

It must not know any resource.
"""

from dataclasses import dataclass

from services.transfer.domain.events import Event


@dataclass(kw_only=True)
class Aggregate:
    """A record that changes by named transitions, at most one in a command."""

    version: int = 0
    event: Event | None = None

    def _happened(self, event: Event) -> None:
        if self.event is not None:
            raise RuntimeError(f"{self.event} and {event} in one command")
        self.version += 1
        self.event = event
