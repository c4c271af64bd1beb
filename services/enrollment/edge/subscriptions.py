"""What enrollment does when it hears of the transfer's events: event in, command out."""

from collections.abc import Mapping
from datetime import UTC
from typing import Final

from guantong.common.v1.event_pb2 import Change

from chassis import db
from chassis.clock import civil_date
from chassis.effects import Handler
from services.enrollment.commands.end_registrations import end_registrations
from services.enrollment.commands.note_forfeited_places import note_forfeited_places
from services.enrollment.commands.register_arrivals import register_arrivals
from services.enrollment.edge.wire import back_stage_registrations as wire


async def _register(tx: db.Transaction, change: Change) -> None:
    await register_arrivals(tx, [wire.to_arrival(change)])


async def _end(tx: db.Transaction, change: Change) -> None:
    on = civil_date(change.business_time.ToDatetime(tzinfo=UTC))
    await end_registrations(tx, [wire.to_application_id(change)], on=on)


async def _note_forfeited(tx: db.Transaction, change: Change) -> None:
    await note_forfeited_places(tx, [wire.to_forfeited_place(change)])


HANDLERS: Final[Mapping[str, Mapping[str, Handler]]] = {
    "transfer": {
        "ApplicationArrived": _register,
        "ApplicationCancelled": _end,
        "PlaceForfeited": _note_forfeited,
    }
}
