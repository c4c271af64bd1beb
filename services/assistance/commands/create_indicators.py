"""Sets the indicators of pairings, with what they count of the time before."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis import db
from chassis.errors import DomainError, ResourceNotFound
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.names import name_of
from services.assistance.domain.indicator import Indicator, Kind
from services.assistance.domain.pairing import Pairing
from services.assistance.domain.refusals import IndicatorAlreadySet
from services.assistance.domain.registration import SchoolPair
from services.assistance.store import evidence, indicators, pairings, registrations


@dataclass(frozen=True, kw_only=True)
class CreateIndicator:
    """Sets one indicator with its target."""

    pairing_id: UUID
    kind: Kind
    target: int


async def create_indicators(
    tx: db.Transaction, items: Sequence[CreateIndicator], *, caller: Caller
) -> list[Indicator | DomainError]:
    """Set what no rule refuses; registrations of earlier days count from the start."""
    pairing_ids = [item.pairing_id for item in items]
    loaded = await pairings.get_many(tx, pairing_ids)
    schools = [each.schools for each in loaded.values()]
    await registrations.lock_schools(tx, schools)
    counted = await registrations.count_registered(tx, schools)
    taken = await indicators.find_kinds(tx, pairing_ids)
    results: list[Indicator | DomainError] = []
    for item in items:
        try:
            pairing = _visible(loaded, item, caller)
            results.append(_create(item, pairing, counted, taken, caller))
        except DomainError as refusal:
            results.append(refusal)
    created = [each for each in results if isinstance(each, Indicator)]
    await indicators.add_many(tx, created)
    await evidence.add_recorded(tx, created)
    return results


def _visible(loaded: dict[UUID, Pairing], item: CreateIndicator, caller: Caller) -> Pairing:
    pairing = loaded.get(item.pairing_id)
    if pairing is None or caller.organisation not in pairing.parties:
        raise ResourceNotFound(name=name_of("pairings", item.pairing_id))
    return pairing


def _create(
    item: CreateIndicator,
    pairing: Pairing,
    counted: Counter[SchoolPair],
    taken: set[tuple[UUID, str]],
    caller: Caller,
) -> Indicator:
    indicator = Indicator.set_for(
        pairing,
        new_id=new_id(),
        kind=item.kind,
        target=item.target,
        counted=counted[pairing.schools],
        party=caller.organisation,
    )
    if (pairing.id, item.kind) in taken:
        raise IndicatorAlreadySet(indicator_kind=item.kind)
    taken.add((pairing.id, item.kind))
    return indicator
