"""How commands change records: load locked, apply the rule to each, save at once.

One refused item sinks none of the others. Who is no party of a record is told that there is
none, before its version or state could be learned.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar
from uuid import UUID

from chassis.errors import DomainError, ResourceNotFound
from chassis.etags import check_etag
from chassis.identity import Caller
from chassis.names import name_of


@dataclass(frozen=True, kw_only=True)
class Target:
    """The version of a record that the caller has seen and wants to change."""

    id: UUID
    etag: str


class PartyRecord(Protocol):
    """A record that two schools see."""

    front: str
    back: str
    version: int


R = TypeVar("R", bound=PartyRecord)
Item = TypeVar("Item")
Result = TypeVar("Result")


def visible(loaded: Mapping[UUID, R], item: Target, caller: Caller, *, collection: str) -> R:
    """Return a record of the caller's, at the version that the caller has seen."""
    record = visible_by_id(loaded, item.id, caller, collection=collection)
    check_etag(item.etag, record.version)
    return record


def visible_by_id(
    loaded: Mapping[UUID, R], record_id: UUID, caller: Caller, *, collection: str
) -> R:
    """Return a record of which the caller's organisation is a party."""
    record = loaded.get(record_id)
    if record is None or caller.organisation not in {record.front, record.back}:
        raise ResourceNotFound(name=name_of(collection, record_id))
    return record


def each(items: Sequence[Item], rule: Callable[[Item], Result]) -> list[Result | DomainError]:
    """Apply a rule to each item; a refusal takes the place of its result."""
    results: list[Result | DomainError] = []
    for item in items:
        try:
            results.append(rule(item))
        except DomainError as refusal:
            results.append(refusal)
    return results


def done(results: Sequence[Result | DomainError]) -> list[Result]:
    """Return the results that were not refused."""
    return [result for result in results if not isinstance(result, DomainError)]
