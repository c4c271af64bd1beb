"""How commands change applications and batches: load locked, apply the rule to each, save at once.

One refused item sinks none of the others. Batches are locked before applications, and both in
the order of their ids, so that commands do not wait for each other in a circle.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from chassis import db
from chassis.errors import DomainError, ResourceNotFound
from chassis.etags import check_etag
from chassis.identity import Caller
from chassis.names import name_of
from services.transfer.domain.application import Application
from services.transfer.domain.transfer_batch import PlaceMove, TransferBatch
from services.transfer.store import applications, transfer_batches


@dataclass(frozen=True, kw_only=True)
class Target:
    """The version of a record that the caller has seen and wants to change."""

    id: UUID
    etag: str


T = TypeVar("T", bound=Target)
ApplicationRule = Callable[[Application, TransferBatch, T], PlaceMove | None]
BatchRule = Callable[[TransferBatch, T], Awaitable[None]]


async def change_applications(
    tx: db.Transaction,
    items: Sequence[T],
    rule: ApplicationRule[T],
    *,
    caller: Caller,
    moves_places: bool = False,
) -> list[Application | DomainError]:
    """Apply a rule to each application and save those that it did not refuse.

    `moves_places` is for rules that return a move of places in the batch's quota.
    """
    ids = [item.id for item in items]
    batches = await transfer_batches.get_many_of_applications(tx, ids, moves_places=moves_places)
    loaded = await applications.get_many(tx, ids)
    results: list[Application | DomainError] = []
    moves: dict[UUID, list[PlaceMove]] = defaultdict(list)
    for item in items:
        try:
            application = visible_application(loaded, item, caller)
            move = rule(application, batches[application.batch_id], item)
        except DomainError as refusal:
            results.append(refusal)
        else:
            results.append(application)
            if move is not None:
                moves[application.batch_id].append(move)
    await applications.save_many(tx, [each for each in results if isinstance(each, Application)])
    await transfer_batches.move_places(tx, {key: _sum(each) for key, each in moves.items()})
    return results


async def change_batches(
    tx: db.Transaction, items: Sequence[T], rule: BatchRule[T], *, caller: Caller
) -> list[TransferBatch | DomainError]:
    """Apply a rule to each batch and save those that it did not refuse."""
    loaded = await transfer_batches.get_many_locked(tx, [item.id for item in items])
    results: list[TransferBatch | DomainError] = []
    for item in items:
        try:
            batch = _visible_batch(loaded, item, caller)
            await rule(batch, item)
        except DomainError as refusal:
            results.append(refusal)
        else:
            results.append(batch)
    await transfer_batches.save_many(
        tx, [each for each in results if isinstance(each, TransferBatch)]
    )
    return results


def visible_application(
    loaded: dict[UUID, Application], item: Target, caller: Caller
) -> Application:
    """Return an application of the caller's, at the version that the caller has seen."""
    application = loaded.get(item.id)
    if application is None or caller.organisation not in {application.front, application.back}:
        raise ResourceNotFound(name=name_of("applications", item.id))
    check_etag(item.etag, application.version)
    return application


def _visible_batch(
    loaded: dict[UUID, TransferBatch], item: Target, caller: Caller
) -> TransferBatch:
    batch = loaded.get(item.id)
    if batch is None or caller.organisation not in {batch.front, batch.back}:
        raise ResourceNotFound(name=name_of("transferBatches", item.id))
    check_etag(item.etag, batch.version)
    return batch


def _sum(moves: Sequence[PlaceMove]) -> PlaceMove:
    return PlaceMove(
        reserved=sum(move.reserved for move in moves),
        admitted=sum(move.admitted for move in moves),
        lapsed=sum(move.lapsed for move in moves),
    )
