"""Records objections to proposed applicants."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError, ResourceNotFound
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.names import name_of
from services.transfer.domain.application import Application
from services.transfer.domain.objection import Objection
from services.transfer.store import applications, objections, transfer_batches


@dataclass(frozen=True, kw_only=True)
class RaiseObjection:
    """Records objections to proposed applicants."""

    application_id: UUID
    sealed_ground: bytes = field(repr=False)


async def raise_objections(
    tx: db.Transaction, items: Sequence[RaiseObjection], *, caller: Caller, now: datetime
) -> list[Objection | DomainError]:
    """Record what no rule refuses; the application then stands under objection."""
    ids = [item.application_id for item in items]
    batches = await transfer_batches.get_many_of_applications(tx, ids, moves_places=False)
    loaded = await applications.get_many(tx, ids)
    results: list[Objection | DomainError] = []
    objected: list[Application] = []
    for item in items:
        try:
            application = _visible(loaded, item, caller)
            application.object(batch=batches[application.batch_id], today=civil_date(now))
            objection = Objection.raise_against(
                new_id=new_id(),
                application=application,
                sealed_ground=item.sealed_ground,
                party=caller.organisation,
                actor=caller.subject,
            )
        except DomainError as refusal:
            results.append(refusal)
        else:
            objected.append(application)
            results.append(objection)
    await applications.save_many(tx, objected)
    await objections.add_many(tx, [each for each in results if isinstance(each, Objection)])
    return results


def _visible(loaded: dict[UUID, Application], item: RaiseObjection, caller: Caller) -> Application:
    application = loaded.get(item.application_id)
    if application is None or caller.organisation not in {application.front, application.back}:
        raise ResourceNotFound(name=name_of("applications", item.application_id))
    return application
