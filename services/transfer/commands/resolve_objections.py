"""Decides objections to proposed applicants."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from chassis import db
from chassis.errors import DomainError, ResourceNotFound
from chassis.etags import check_etag
from chassis.identity import Caller
from chassis.names import name_of
from services.transfer.commands.changing import Target
from services.transfer.domain.application import Application
from services.transfer.domain.application_states import State
from services.transfer.domain.objection import Objection
from services.transfer.store import applications, objections, transfer_batches


@dataclass(frozen=True, kw_only=True)
class ResolveObjection(Target):
    """Decides objections to proposed applicants."""

    upheld: bool
    sealed_decision: bytes = field(repr=False)
    # The same words, as the reason of the applicant who is disqualified.
    sealed_decision_reason: bytes = field(repr=False)


async def resolve_objections(
    tx: db.Transaction, items: Sequence[ResolveObjection], *, caller: Caller
) -> list[Objection | DomainError]:
    """Decide what no rule refuses: the applicant is proposed again, or disqualified.

    An applicant who withdrew meanwhile stays withdrawn.
    """
    application_ids = await objections.find_application_ids(tx, [item.id for item in items])
    # Batches, then applications, then objections: the order of all commands.
    await transfer_batches.get_many_of_applications(tx, application_ids, moves_places=True)
    concerned = await applications.get_many(tx, application_ids)
    loaded = await objections.get_many(tx, [item.id for item in items])
    results: list[Objection | DomainError] = []
    changed: list[Application] = []
    for item in items:
        try:
            objection = _visible(loaded, item, caller)
            objection.resolve(
                party=caller.organisation,
                actor=caller.subject,
                upheld=item.upheld,
                sealed_decision=item.sealed_decision,
            )
        except DomainError as refusal:
            results.append(refusal)
            continue
        results.append(objection)
        application = concerned[objection.application_id]
        if application.state is not State.OBJECTED:
            # Withdrawn meanwhile: nothing is left to decide about it, and its place has lapsed.
            continue
        changed.append(application)
        if item.upheld:
            move = application.disqualify(sealed_reason=item.sealed_decision_reason)
            await transfer_batches.move_places(tx, {application.batch_id: move})
        else:
            application.dismiss_objection()
    await applications.save_many(tx, changed)
    await objections.save_many(tx, [each for each in results if isinstance(each, Objection)])
    return results


def _visible(loaded: dict[UUID, Objection], item: ResolveObjection, caller: Caller) -> Objection:
    objection = loaded.get(item.id)
    if objection is None or caller.organisation not in {objection.front, objection.back}:
        raise ResourceNotFound(name=name_of("objections", item.id))
    check_etag(item.etag, objection.version)
    return objection
