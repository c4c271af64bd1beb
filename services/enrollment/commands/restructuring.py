"""How commands change organisations: all that a change concerns is locked in one order, then saved.

Organisations are public, and changing them takes the permission: nobody is a party of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from chassis import db
from chassis.errors import DomainError, ResourceNotFound
from chassis.etags import check_etag
from chassis.names import name_of
from services.enrollment.commands.changing import done
from services.enrollment.commands.changing import each as each_of
from services.enrollment.domain.organisation import Kind, Organisation
from services.enrollment.domain.organisation_refusals import NotZone
from services.enrollment.store import organisations


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What a change concerns: organisations by id, and for those that end their predecessors."""

    by_id: Mapping[str, Organisation]
    predecessors: Mapping[str, Sequence[Organisation]]

    def get(self, organisation_id: str) -> Organisation:
        """Return one of them; raises ResourceNotFound."""
        organisation = self.by_id.get(organisation_id)
        if organisation is None:
            raise ResourceNotFound(name=name_of("organisations", organisation_id))
        return organisation


@dataclass(frozen=True, kw_only=True)
class OrganisationTarget:
    """The version of an organisation that the caller has seen and wants to change."""

    id: str
    etag: str


Item = TypeVar("Item", bound=OrganisationTarget)
Rule: TypeAlias = Callable[[Organisation, Item, Loaded], None]


async def change(
    tx: db.Transaction,
    items: Sequence[Item],
    rule: Rule[Item],
    *,
    others: Sequence[str] = (),
    ends: bool = False,
) -> list[Organisation | DomainError]:
    """Apply a rule to the organisation of each item.

    The rule is given the `others` too, locked alike; where organisations end, with all that name
    them as successors: who would name one meanwhile waits for its lock.
    """
    ids = [item.id for item in items]
    by_id = await organisations.get_many_locked(tx, [*ids, *others])
    predecessors = {
        each: await organisations.find_predecessors(tx, each) for each in (ids if ends else ())
    }
    loaded = Loaded(by_id=by_id, predecessors=predecessors)

    def change_one(item: Item) -> Organisation:
        organisation = loaded.get(item.id)
        check_etag(item.etag, organisation.version)
        rule(organisation, item, loaded)
        return organisation

    results = each_of(items, change_one)
    await organisations.save_many(tx, done(results))
    return results


def check_surroundings(
    kinds: Mapping[str, Kind], *, zone: str = "", reports_to: Sequence[str] = ()
) -> None:
    """Refuse a zone that is none, and superiors that nobody registered."""
    for organisation_id in filter(None, (zone, *reports_to)):
        if organisation_id not in kinds:
            raise ResourceNotFound(name=name_of("organisations", organisation_id))
    if zone and kinds[zone] is not Kind.ZONE:
        raise NotZone(name=name_of("organisations", zone))
