"""Ranks, proposes within the quota and publishes the lists of batches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from chassis.identity import Caller
from services.transfer.commands.changing import Target, change_batches
from services.transfer.domain.policy import Policy
from services.transfer.domain.ranking import RANKED, propose_within_quota
from services.transfer.domain.transfer_batch import PlaceMove, TransferBatch
from services.transfer.store import applications, transfer_batches


@dataclass(frozen=True, kw_only=True)
class PublishProposal(Target):
    """Ranks, proposes within the quota and publishes the lists of batches."""

    begin: date
    end: date


async def publish_proposals(
    tx: db.Transaction,
    items: Sequence[PublishProposal],
    *,
    caller: Caller,
    now: datetime,
    policy: Policy,
    count_working_days: Callable[[date, date], int],
) -> list[TransferBatch | DomainError]:
    """Publish the lists that no rule refuses; every ranked application is proposed or not."""

    async def rule(batch: TransferBatch, item: PublishProposal) -> None:
        batch.publish_proposal(
            party=caller.organisation,
            begin=item.begin,
            end=item.end,
            today=civil_date(now),
            policy=policy,
            count_working_days=count_working_days,
        )
        ranked = await applications.list_of_batch(tx, batch.id, sorted(RANKED))
        proposed = propose_within_quota(ranked, scheme=batch.scheme, places=batch.free)
        await applications.save_many(tx, ranked)
        move = PlaceMove(reserved=proposed)
        batch.move_places(move)
        await transfer_batches.move_places(tx, {batch.id: move})

    return await change_batches(tx, items, rule, caller=caller)
