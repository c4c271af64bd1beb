"""What passes by itself, and how long to wait for it.

Used by everything that runs in the background and must outlive an outage: it tells failures of
the surroundings (a server away, a lock held) from defects and refusals, and bounds the delays.
"""

import random
import traceback
from typing import Final

import asyncpg
import grpc
import nats.errors
import nats.js.errors

from chassis.errors import DomainError, Kind

_KINDS: Final = frozenset({Kind.UNAVAILABLE, Kind.RESOURCE_EXHAUSTED, Kind.DEADLINE_EXCEEDED})
_CODES: Final = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.CANCELLED,
        # A token that is being renewed.
        grpc.StatusCode.UNAUTHENTICATED,
    }
)
_SURROUNDINGS: Final = (
    OSError,  # with TimeoutError and ConnectionError
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    nats.errors.Error,
    nats.js.errors.Error,
)


def is_outage(error: BaseException) -> bool:
    """Say whether the surroundings failed: waiting is all that one can do."""
    if isinstance(error, grpc.aio.AioRpcError):
        return error.code() in _CODES
    return isinstance(error, _SURROUNDINGS)


def is_temporary(error: BaseException) -> bool:
    """Say whether the same attempt may succeed later: an outage, or a refusal that says so."""
    if isinstance(error, DomainError):
        return error.kind in _KINDS
    return is_outage(error)


def frames(error: BaseException) -> str:
    """Return where an error came from, without its text: that may hold personal data."""
    return "".join(traceback.format_tb(error.__traceback__))


class Backoff:
    """Delays that double up to a bound, each shortened at random to spread competitors."""

    def __init__(self, *, first_s: float = 0.05, max_s: float = 5.0) -> None:
        self._first_s = first_s
        self._max_s = max_s
        self._next_s = first_s

    def next_s(self) -> float:
        """Return the delay to wait now."""
        delay_s = self._next_s
        self._next_s = min(self._max_s, delay_s * 2)
        return delay_s * random.uniform(0.5, 1.0)  # noqa: S311 - not security

    def reset(self) -> None:
        """Begin again with the shortest delay: something succeeded."""
        self._next_s = self._first_s
