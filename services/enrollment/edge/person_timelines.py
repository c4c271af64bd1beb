"""The servicer of timelines: log, commit, and only then read and answer."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeAlias
from uuid import UUID

import grpc.aio
from guantong.enrollment.v1 import person_timeline_service_pb2 as pb
from guantong.enrollment.v1.person_timeline_service_pb2_grpc import PersonTimelineServiceServicer

from chassis import db
from chassis.civil import to_date_or_none
from chassis.clock import first_instant
from chassis.interceptors import current_call
from chassis.names import parse_uuid
from chassis.paging import read_page
from chassis.texts import to_text
from services.enrollment.commands.log_person_accesses import (
    LogPersonAccess,
    access_of,
    log_person_accesses,
)
from services.enrollment.domain.timelines import events_of
from services.enrollment.edge.own_views import check_own, own_person_of
from services.enrollment.edge.wire import timelines as wire
from services.enrollment.queries.person_timelines import TimelineFilter, list_entries
from services.enrollment.store import person_accesses
from services.enrollment.store.person_accesses import Action

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class PersonTimelines(PersonTimelineServiceServicer):
    """Shows all that is held of a person, in order of days."""

    def __init__(self, database: db.Database) -> None:
        self._database = database

    async def ListPersonTimelineEntries(
        self, request: pb.ListPersonTimelineEntriesRequest, context: Context
    ) -> pb.ListPersonTimelineEntriesResponse:
        caller = current_call().caller
        own_id = await own_person_of(self._database, caller)
        scope = None if own_id else current_call().scope
        wanted = _filter_of(request, scope=scope)
        page = read_page(request.page_size, request.page_token, _identity_of(request))
        person_id = parse_uuid("persons", request.person, field="person")
        if own_id is not None:
            await check_own(self._database, person_id, own_id)
        person_id = await self._log(person_id, request.reason, scope=scope)
        rows, next_token = await list_entries(self._database, page, person_id, wanted)
        return pb.ListPersonTimelineEntriesResponse(
            entries=[wire.to_entry(row, person_id=person_id) for row in rows],
            next_page_token=next_token,
        )

    async def _log(self, person_id: UUID, reason: str, *, scope: str | None) -> UUID:
        """Log the access and return the person that the name answers with.

        The row is committed when this returns. Refuses whom the caller may not see, and the erased.
        Nothing sealed is opened here, so nobody need be held against an erasure meanwhile.
        """
        call = current_call()
        item = LogPersonAccess(
            person_id=person_id,
            action=Action.READ_TIMELINE,
            reason=to_text(reason, field="reason"),
        )
        now = call.origin.business_time
        access = access_of(item, person_id, caller=call.caller, now=now)
        if await person_accesses.log_if_seen(self._database, access, scope=scope):
            return person_id
        # A duplicate, or a refusal that says why.
        work = partial(log_person_accesses, item=item, caller=call.caller, scope=scope, now=now)
        return (await self._database.transact(work)).id


def _filter_of(
    request: pb.ListPersonTimelineEntriesRequest, *, scope: str | None
) -> TimelineFilter:
    kinds = wire.to_kinds(request)
    return TimelineFilter(
        newest_first=request.order != request.ORDER_OLDEST_FIRST,
        scope=scope,
        events=events_of(kinds) if kinds else None,
        from_date=to_date_or_none(request, "from_date"),
        to_date=to_date_or_none(request, "to_date"),
        recorded_before=_end_of_day(request),
    )


def _end_of_day(request: pb.ListPersonTimelineEntriesRequest) -> datetime | None:
    day = to_date_or_none(request, "as_of_date")
    return None if day is None else first_instant(day + timedelta(days=1))


def _identity_of(request: pb.ListPersonTimelineEntriesRequest) -> dict[str, str]:
    """Return what makes two requests the same listing: all but the page and the reason."""
    listing = pb.ListPersonTimelineEntriesRequest()
    listing.CopyFrom(request)
    for field in ("page_size", "page_token", "reason"):
        listing.ClearField(field)
    return {"listing": listing.SerializeToString(deterministic=True).hex()}
