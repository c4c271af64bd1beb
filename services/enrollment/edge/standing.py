"""Who may act at all: nobody for an organisation that is blocked or has ended, and who stands in.

Records of an ended organisation keep its name. Its successor reads and goes on with them by
saying in the metadata for whom it acts: `x-acting-for: {organisation id}`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from google.protobuf.message import Message

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from chassis.names import name_of
from chassis.requests import Call, Commands, Item, MutationRequest, Result, Work
from services.enrollment.commands.standing import check_standing
from services.enrollment.domain.organisation_refusals import NotStandIn
from services.enrollment.queries.organisations import successor_at


class StandIns:
    """Lets the successor of an organisation act for it."""

    def __init__(self, reader: db.Reader) -> None:
        self._reader = reader

    async def __call__(self, caller: Caller, organisation_id: str, now: datetime) -> Caller:
        """Return the caller as one of the other organisation; raises NotStandIn.

        Only who took over all records that nobody else took stands in: a part that took some
        majors would see the records of the others.
        """
        holder = await successor_at(self._reader, organisation_id, civil_date(now))
        if caller.organisation not in {holder, organisation_id}:
            raise NotStandIn(
                party=caller.organisation, name=name_of("organisations", organisation_id)
            )
        return replace(caller, organisation=organisation_id)


class StandingCommands(Commands):
    """Commands that first look whether the organisation of the caller may act."""

    async def many(
        self, call: Call, message: MutationRequest, items: Sequence[Item], work: Work[Item]
    ) -> list[Message | DomainError]:
        """Run a command as its parent does; raises OrganisationBlocked or OrganisationEnded."""
        own, acting_for = call.origin.organisation, call.caller.organisation
        on = civil_date(call.origin.business_time)
        # A request that names no version of a record is one for a new fact.
        is_new = not hasattr(message, "etag")

        async def checked(tx: db.Transaction, given: Sequence[Item]) -> Sequence[Result]:
            await check_standing(tx, own, on=on, acting_for=acting_for if is_new else "")
            return await work(tx, given)

        return await super().many(call, message, items, checked)
