"""Reads a person's timeline: the index finds the changes, the change rows say what they were.

A school reads the entries that were written for it: those of whose audience it was then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    func,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import db
from chassis.errors import PageTokenInvalid
from chassis.paging import Page, split
from services.enrollment.store.tables import metadata, person
from services.enrollment.store.timeline_tables import person_timeline

_CHANGE: Final = metadata.tables["change"]
_KEY = (person_timeline.c.fact_date, person_timeline.c.change_id)
_READ: Select[Any] = select(
    person_timeline,
    *(
        _CHANGE.c[name]
        for name in (
            "event_type",
            "resource_name",
            "version",
            "message_type",
            "resource",
            "actor_organisation",
            "business_time",
        )
    ),
).join(_CHANGE, _CHANGE.c.id == person_timeline.c.change_id)
_CHANGE_ID_MAX: Final = 2**63


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineFilter:
    """Which entries, and in which order; None is all."""

    newest_first: bool
    scope: str | None = None
    events: Sequence[str] | None = None
    from_date: date | None = None
    to_date: date | None = None
    recorded_before: datetime | None = None


class _Statements:
    """A statement for each combination of conditions, compiled when it is first asked for."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, ...], db.Statement] = {}

    def of(self, *names: str) -> db.Statement:
        statement = self._compiled.get(names)
        if statement is None:
            statement = self._compiled[names] = _compile(frozenset(names))
        return statement


def _family() -> ColumnElement[Any]:
    """The ids of a person, of their duplicates, and of the duplicates of those."""
    wanted = bindparam("person_id", type_=Uuid)
    found = select(person.c.id).where(person.c.id == wanted).cte("found", recursive=True)
    found = found.union_all(select(person.c.id).where(person.c.merged_into_id == found.c.id))
    return func.array(select(found.c.id).scalar_subquery(), type_=ARRAY(Uuid))


def _compile(names: frozenset[str]) -> db.Statement:
    statement = _READ.where(person_timeline.c.person_id == any_(_family()))
    if "scope" in names:
        party = bindparam("scope", type_=Text)
        statement = statement.where(party == any_(_CHANGE.c.audience))
    if "events" in names:
        wanted = bindparam("events", type_=ARRAY(Text))
        statement = statement.where(_CHANGE.c.event_type == any_(wanted))
    if "from_date" in names:
        statement = statement.where(_KEY[0] >= bindparam("from_date", type_=Date))
    if "to_date" in names:
        statement = statement.where(_KEY[0] <= bindparam("to_date", type_=Date))
    if "recorded_before" in names:
        until = bindparam("recorded_before", type_=DateTime(timezone=True))
        statement = statement.where(_CHANGE.c.business_time < until)
    is_newest_first = "newest_first" in names
    if "after_date" in names:
        after = tuple_(bindparam("after_date", type_=Date), bindparam("after_id", type_=BigInteger))
        key = tuple_(*_KEY)
        statement = statement.where(key < after if is_newest_first else key > after)
    order = [each.desc() if is_newest_first else each.asc() for each in _KEY]
    return db.compile(statement.order_by(*order).limit(bindparam("limit", type_=Integer)))


_STATEMENTS = _Statements()


async def list_entries(
    reader: db.Reader, page: Page, person_id: UUID, wanted: TimelineFilter
) -> tuple[Sequence[db.Row], str]:
    """Return a page of a person's and its duplicates' entries, and the token of the next."""
    conditions: dict[str, Any] = {
        name: getattr(wanted, name)
        for name in ("scope", "events", "from_date", "to_date", "recorded_before")
    }
    parameters = {name: value for name, value in conditions.items() if value is not None}
    if page.after is not None:
        parameters["after_date"], parameters["after_id"] = _key_of(page.after)
    names = [*parameters, *(["newest_first"] if wanted.newest_first else [])]
    statement = _STATEMENTS.of(*sorted(names))
    rows = await reader.fetch(statement, person_id=person_id, limit=page.limit, **parameters)
    return split(page, rows, lambda row: f"{row['fact_date']} {row['change_id']}")


def _key_of(after: str) -> tuple[date, int]:
    """Return the key in a page token, which anybody may have made."""
    day, _, number = after.partition(" ")
    try:
        change_id = int(number)
        if not 0 <= change_id < _CHANGE_ID_MAX:
            raise PageTokenInvalid
        return date.fromisoformat(day), change_id
    except ValueError:
        raise PageTokenInvalid from None
