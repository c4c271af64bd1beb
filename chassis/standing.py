"""Who may act at all: nobody for a party that is blocked or has ended, and who stands in for it.

For services to whom parties are another's records: they keep a copy of what is known of each
party's standing, made from its events. Records of a party that has ended keep its name; whoever
took them over goes on with them by saying in the metadata for whom it acts. This module must not
know what a party is.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

from google.protobuf.message import Message
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    MetaData,
    Table,
    Text,
    any_,
    bindparam,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from chassis import db
from chassis.changes import Encoders
from chassis.clock import civil_date
from chassis.errors import DomainError, NotYetKnown
from chassis.identity import Caller
from chassis.requests import Call, Commands, Item, MutationRequest, Presenter, Result, Work

metadata = MetaData()

party_standing = Table(
    "party_standing",
    metadata,
    Column("party", Text, primary_key=True),
    # Of the record that it was made from.
    Column("version", BigInteger, nullable=False),
    Column("is_blocked", Boolean, nullable=False),
    # The first day without it.
    Column("end_date", Date),
    Column("links", JSONB, nullable=False),
)


def define_standing(service_metadata: MetaData) -> None:
    """Add the table to a service's metadata, for its migrations and their comparison."""
    party_standing.to_metadata(service_metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Who took over all records that nobody else took, from a day on."""

    party: str
    effective_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of a party."""

    party: str
    version: int
    is_blocked: bool
    end_date: date | None
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRefusals:
    """What a service answers; each takes the metadata that is named beside it."""

    blocked: type[DomainError]  # name
    ended: type[DomainError]  # name, end_date, successors
    not_stand_in: type[DomainError]  # party, name


_COLUMNS = [column.name for column in party_standing.columns]
_UPSERT = insert(party_standing).values(
    {column.name: bindparam(column.name, type_=column.type) for column in party_standing.columns}
)
_NOTE = db.compile(
    _UPSERT.on_conflict_do_update(
        index_elements=["party"],
        set_={name: _UPSERT.excluded[name] for name in _COLUMNS if name != "party"},
        where=party_standing.c.version < _UPSERT.excluded.version,
    )
)
_FIND = db.compile(
    select(party_standing).where(
        party_standing.c.party == any_(bindparam("parties", type_=ARRAY(Text)))
    )
)


async def note_standing(tx: db.Transaction, standing: Standing) -> None:
    """Keep what an event says of a party; older versions change nothing."""
    links = [
        {**asdict(each), "effective_date": str(each.effective_date)} for each in standing.links
    ]
    row = {name: getattr(standing, name) for name in _COLUMNS}
    await tx.execute(_NOTE, **{**row, "links": json.dumps(links)})


async def find_standings(reader: db.Reader, parties: Sequence[str]) -> dict[str, Standing]:
    """Return what is known of parties; those of whom nothing has arrived are absent."""
    rows = await reader.fetch(_FIND, parties=list(parties))
    return {row["party"]: Standing(**{**row, "links": _links(row["links"])}) for row in rows}


def _links(text: str) -> tuple[Link, ...]:
    return tuple(
        Link(party=each["party"], effective_date=date.fromisoformat(each["effective_date"]))
        for each in json.loads(text)
    )


async def holder_at(reader: db.Reader, party: str, on: date) -> str:
    """Return who answers on a date for the records that a party had; it may be itself.

    Links are followed only onward in time, so that this ends. Raises NotYetKnown.
    """
    since = date.min
    while True:
        found = (await find_standings(reader, [party])).get(party)
        if found is None:
            raise NotYetKnown(name=party)
        links = [each for each in found.links if since < each.effective_date <= on]
        if not links:
            return party
        link = min(links, key=lambda each: each.effective_date)
        party, since = link.party, link.effective_date


class StandIns:
    """Lets who took over the records of a party act for it."""

    def __init__(self, reader: db.Reader, refusals: StandingRefusals) -> None:
        self._reader = reader
        self._refusals = refusals

    async def __call__(self, caller: Caller, party: str, now: datetime) -> Caller:
        """Return the caller as one of the other party; refuses everybody else."""
        holder = await holder_at(self._reader, party, civil_date(now))
        if caller.organisation not in {holder, party}:
            raise self._refusals.not_stand_in(party=caller.organisation, name=party)
        return replace(caller, organisation=party)


class StandingCommands(Commands):
    """Commands that first look whether the party of the caller may act."""

    def __init__(
        self,
        database: db.Database,
        encoders: Encoders,
        present: Presenter,
        *,
        request_key: bytes,
        refusals: StandingRefusals,
        refuses_new: bool,
    ) -> None:
        """Take whether a request that names no version of a record is refused for who has ended."""
        super().__init__(database, encoders, present, request_key=request_key)
        self._standing_refusals = refusals
        self._refuses_new = refuses_new

    async def many(
        self, call: Call, message: MutationRequest, items: Sequence[Item], work: Work[Item]
    ) -> list[Message | DomainError]:
        """Run a command as its parent does, unless the caller's party may not act."""
        parties = [call.origin.organisation]
        if self._refuses_new and not hasattr(message, "etag"):
            parties.append(call.caller.organisation)
        on = civil_date(call.origin.business_time)

        async def checked(tx: db.Transaction, given: Sequence[Item]) -> Sequence[Result]:
            for standing in (await find_standings(tx, parties)).values():
                self._check(standing, on)
            return await work(tx, given)

        return await super().many(call, message, items, checked)

    def _check(self, standing: Standing, on: date) -> None:
        if standing.end_date is not None and on >= standing.end_date:
            raise self._standing_refusals.ended(
                name=standing.party,
                end_date=standing.end_date.isoformat(),
                successors=", ".join(each.party for each in standing.links) or "-",
            )
        if standing.is_blocked:
            raise self._standing_refusals.blocked(name=standing.party)
