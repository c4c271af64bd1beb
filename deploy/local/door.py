"""What somebody needs who acts on a running suite: address, tokens and, to check, databases."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from deploy.local.issuer import Issuer


@dataclass(frozen=True, kw_only=True)
class Door:
    """The gateway of a local stack."""

    url: str
    """The address for JSON and gRPC-Web, such as http://127.0.0.1:8080."""
    target: str
    """The same for a gRPC channel: host:port."""
    dsns: Mapping[str, str]
    """The database of each service and of the key store, for checks that no caller can make."""
    issuer: Issuer

    def token(self, persona: str) -> str:
        """Return a token for a persona; raises PersonaUnknown."""
        return self.issuer.issue(persona)


class StoryFailed(Exception):
    """A story could not go on; the text says at which step, and why."""


class StoryResult(Protocol):
    """What a story says of itself at the end."""

    @property
    def applications(self) -> int: ...
    @property
    def registered(self) -> int: ...
    @property
    def not_registered(self) -> int: ...
    @property
    def events(self) -> int: ...
    @property
    def dead_letters(self) -> int: ...
    @property
    def copies_equal(self) -> bool: ...
    @property
    def seconds(self) -> float: ...


RESULT_FIELDS = (
    "applications",
    "registered",
    "not_registered",
    "events",
    "dead_letters",
    "copies_equal",
    "seconds",
)
