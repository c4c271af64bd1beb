"""How commands change cooperations: load locked, apply the rule to each, save at once.

Who takes no part in a cooperation, and never did, is told that there is none.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from chassis import db
from chassis.errors import DomainError, ResourceNotFound
from chassis.etags import check_etag
from chassis.identity import Caller
from chassis.names import name_of
from services.enrollment.commands.changing import Target, done, each
from services.enrollment.domain.cooperation import Cooperation
from services.enrollment.domain.cooperation_facts import Organisations
from services.enrollment.store import cooperations, organisations

Step = TypeVar("Step", bound=Target)
# How a step changes a cooperation, given the organisations that take part or are to.
Rule = Callable[[Cooperation, Step, Organisations], None]


async def change_cooperations(
    tx: db.Transaction,
    items: Sequence[Step],
    rule: Rule[Step],
    *,
    caller: Caller,
    others: Sequence[str] = (),
) -> list[Cooperation | DomainError]:
    """Take the step on each cooperation that the caller may see, unless the rule refuses it.

    `others` are organisations that are to take part.
    """
    loaded = await cooperations.get_many(tx, [item.id for item in items])
    ids = {party for found in loaded.values() for party in found.audience}
    known = await organisations.find_many(tx, [*ids, *others])

    def take(item: Step) -> Cooperation:
        found = visible_cooperation(loaded, item.id, caller)
        check_etag(item.etag, found.version)
        rule(found, item, known)
        return found

    results = each(items, take)
    await cooperations.save_many(tx, done(results))
    return results


def visible_cooperation(
    loaded: Mapping[UUID, Cooperation], cooperation_id: UUID, caller: Caller
) -> Cooperation:
    """Return a cooperation in which the caller's organisation takes part, or did."""
    found = loaded.get(cooperation_id)
    if found is None or caller.organisation not in found.audience:
        raise ResourceNotFound(name=name_of("cooperations", cooperation_id))
    return found
