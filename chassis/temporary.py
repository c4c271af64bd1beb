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

_FRAMES_MAX: Final = 12
_KINDS: Final = frozenset({Kind.UNAVAILABLE, Kind.RESOURCE_EXHAUSTED, Kind.DEADLINE_EXCEEDED})
_SURROUNDINGS: Final = (
    OSError,  # with TimeoutError and ConnectionError
    asyncpg.InterfaceError,
    # What asyncpg says when a connection dies between two messages: "cannot switch to state".
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    # This process was paused in the middle of a transaction.
    asyncpg.IdleInTransactionSessionTimeoutError,
    grpc.aio.AioRpcError,
    nats.errors.Error,
    nats.js.errors.Error,
)


def is_outage(error: BaseException) -> bool:
    """Say whether the surroundings failed, or led to the refusal: waiting is all one can do."""
    if isinstance(error, DomainError):
        return error.__cause__ is not None and is_outage(error.__cause__)
    # A statement that ran into its time limit is a defect of the statement, and so is an argument
    # that does not fit, for which asyncpg raises an InterfaceError that is a ValueError.
    return isinstance(error, _SURROUNDINGS) and not isinstance(
        error, asyncpg.QueryCanceledError | ValueError
    )


def is_temporary(error: BaseException) -> bool:
    """Say whether the same attempt may succeed later: an outage, or a refusal that says so."""
    if isinstance(error, DomainError):
        return error.kind in _KINDS
    return is_outage(error)


def describe(error: BaseException) -> str:
    """Return what a log line may say of an outage: a database's text may hold personal data."""
    kind = type(error).__name__
    if isinstance(error, grpc.aio.AioRpcError):
        return f"{kind} {error.code().name}"
    is_open = isinstance(error, DomainError | nats.errors.Error | nats.js.errors.Error)
    return f"{kind} {error}"[:300] if is_open else kind


def frames(error: BaseException) -> list[str]:
    """Return where an error came from, without its text: that may hold personal data."""
    trace = traceback.extract_tb(error.__traceback__)[-_FRAMES_MAX:]
    return [f"{each.filename}:{each.lineno} {each.name}" for each in trace]


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
