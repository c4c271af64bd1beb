"""Registers organisations under fixed ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chassis import db
from chassis.clock import civil_date
from chassis.errors import DomainError
from services.enrollment.commands.changing import done, each
from services.enrollment.commands.restructuring import check_surroundings
from services.enrollment.domain.organisation import Kind, Organisation
from services.enrollment.domain.refusals import OrganisationAlreadyRegistered
from services.enrollment.domain.regions import Regions
from services.enrollment.store import organisations


@dataclass(frozen=True, kw_only=True)
class CreateOrganisation:
    """An organisation to register."""

    new_id: str
    display_name: str
    english_name: str
    raw_names: list[str]
    kind: Kind
    region_code: str
    school_code: str
    uscc: str
    made_up: bool
    # By whose codes the region is said; None for today.
    region_date: date | None = None
    zone: str = ""
    reports_to: Sequence[str] = ()
    established_date: date | None = None


async def create_organisations(
    tx: db.Transaction, items: Sequence[CreateOrganisation], *, regions: Regions, now: datetime
) -> list[Organisation | DomainError]:
    """Register those whose id, school code and USCC are free and whose codes are right."""
    mentioned = [each for item in items for each in (item.zone, *item.reports_to)]
    kinds = await organisations.find_kinds(tx, mentioned)
    today = civil_date(now)

    def register(item: CreateOrganisation) -> Organisation:
        check_surroundings(kinds, zone=item.zone, reports_to=item.reports_to)
        facts = {name: value for name, value in vars(item).items() if name != "region_date"}
        return Organisation.register(regions=regions, on=item.region_date or today, **facts)

    results = each(items, register)
    taken = await organisations.find_taken(tx, done(results))

    def unless_taken(result: Organisation | DomainError) -> Organisation:
        if isinstance(result, DomainError):
            raise result
        _take(result, taken)
        return result

    checked = each(results, unless_taken)
    await organisations.add_many(tx, done(checked))
    return checked


def _take(organisation: Organisation, taken: set[tuple[str, str]]) -> None:
    """Take id and codes for an organisation; raises OrganisationAlreadyRegistered."""
    wanted = {
        ("id", organisation.id),
        ("school_code", organisation.school_code),
        ("uscc", organisation.uscc),
    }
    wanted = {(field, value) for field, value in wanted if value}
    for field, value in sorted(wanted & taken):
        raise OrganisationAlreadyRegistered(field=field, value=value)
    taken |= wanted
