"""What the servicers of persons share: their parts, and how they page through what is listed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, TypeAlias
from uuid import UUID

import grpc.aio
from google.protobuf.message import Message

from chassis import db
from chassis.clock import civil_date
from chassis.interceptors import current_call
from chassis.keys import KeyStore
from chassis.names import parse_uuid_or_none
from chassis.paging import read_page
from chassis.presenting import Presenter
from chassis.requests import Commands
from services.enrollment.commands.identities import Identities
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.queries.person_parts import PersonListing

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class ListRequest(Protocol):
    """A request for a page of what belongs to persons."""

    page_size: int
    page_token: str
    person: str


@dataclass(frozen=True, kw_only=True)
class PersonDesk:
    """The parts that commands and queries on persons need."""

    commands: Commands
    database: db.Database
    keys: KeyStore
    identities: Identities
    policies: PolicyTable
    present: Presenter

    async def list(
        self,
        listing: PersonListing,
        request: ListRequest,
        to_message: Callable[[db.Row], Message],
        *,
        own_id: UUID | None = None,
    ) -> tuple[list[Any], str]:
        """Return a page of messages, opened for the parties, and the token of the next.

        `own_id` is the person whose own view it is: then no school's scope counts.
        """
        call = current_call()
        person_id = parse_uuid_or_none("persons", request.person, field="person")
        page = read_page(request.page_size, request.page_token, {"person": person_id})
        scope = call.scope if own_id is None else None
        rows, next_token = await listing.fetch(
            self.database, page, scope=scope, person_id=own_id or person_id
        )
        messages = [to_message(row) for row in rows]
        await self.present(messages, call.caller)
        return messages, next_token


def today() -> date:
    """Return the civil date of the running call, by business time."""
    return civil_date(current_call().origin.business_time)
