"""How transitions of status changes run: visible to their parties only, saved at once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from chassis.errors import ResourceNotFound
from chassis.etags import check_etag
from chassis.identity import Caller
from chassis.names import name_of
from services.enrollment.commands.changing import Target


class ChainRecord(Protocol):
    """A record that its parties see, authorities included."""

    version: int

    @property
    def parties(self) -> Sequence[str]: ...


R = TypeVar("R", bound=ChainRecord)
# What a command does to one of its records.
Rule = Callable[[R], None]


def visible_to_chain(
    loaded: Mapping[UUID, R], item: Target, caller: Caller, *, collection: str
) -> R:
    """Return a record of which the caller is a party, at the version that the caller has seen."""
    record = loaded.get(item.id)
    if record is None or caller.organisation not in record.parties:
        raise ResourceNotFound(name=name_of(collection, item.id))
    check_etag(item.etag, record.version)
    return record
