"""Registers organisations under fixed ids."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from chassis import db
from chassis.errors import DomainError
from services.enrollment.commands.changing import done, each
from services.enrollment.domain.organisation import Kind, Organisation
from services.enrollment.domain.refusals import OrganisationAlreadyRegistered
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


async def create_organisations(
    tx: db.Transaction, items: Sequence[CreateOrganisation]
) -> list[Organisation | DomainError]:
    """Register those whose id, school code and USCC are free and whose codes are right."""
    results = each(items, lambda item: Organisation.register(**asdict(item)))
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
