"""Records pairings of regions and schools."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from chassis import db
from chassis.errors import DomainError, NotYetKnown
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.names import name_of
from services.assistance.domain.pairing import Level, Organisation, Pairing, Programme
from services.assistance.domain.refusals import PairingAlreadyExists
from services.assistance.store import copies, pairings


@dataclass(frozen=True, kw_only=True)
class CreatePairing:
    """Records one pairing; the parties by their ids."""

    level: Level
    programme: Programme
    helper: str
    receiver: str
    agreement_number: str
    begin_date: date
    made_up: bool


async def create_pairings(
    tx: db.Transaction, items: Sequence[CreatePairing], *, caller: Caller
) -> list[Pairing | DomainError]:
    """Record what no rule refuses; the caller's organisation keeps it as the office.

    An organisation that has not arrived here yet is NOT_YET_KNOWN, never refused.
    """
    helpers = [item.helper for item in items]
    receivers = [item.receiver for item in items]
    organisations = await copies.find_organisations(tx, [*helpers, *receivers, caller.organisation])
    taken = await pairings.find_keys(tx, helpers=helpers, receivers=receivers)
    results: list[Pairing | DomainError] = []
    for item in items:
        try:
            results.append(_create(item, organisations, taken, caller))
        except DomainError as refusal:
            results.append(refusal)
    await pairings.add_many(tx, [each for each in results if isinstance(each, Pairing)])
    return results


def _create(
    item: CreatePairing,
    organisations: Mapping[str, Organisation],
    taken: set[pairings.Key],
    caller: Caller,
) -> Pairing:
    for party in (item.helper, item.receiver, caller.organisation):
        if party not in organisations:
            raise NotYetKnown(name=name_of("organisations", party))
    pairing = Pairing.create(
        new_id=new_id(),
        level=item.level,
        programme=item.programme,
        helper=organisations[item.helper],
        receiver=organisations[item.receiver],
        agreement_number=item.agreement_number,
        begin_date=item.begin_date,
        made_up=item.made_up,
        office=organisations[caller.organisation],
    )
    key = (item.programme, item.level, item.helper, item.receiver)
    if key in taken:
        raise PairingAlreadyExists
    taken.add(key)
    return pairing
