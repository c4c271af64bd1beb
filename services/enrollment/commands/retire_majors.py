"""Takes majors out of the catalogue after a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chassis import db
from chassis.errors import DomainError, ResourceNotFound
from chassis.etags import check_etag
from chassis.names import name_of
from services.enrollment.commands.changing import done, each
from services.enrollment.domain.major import Major
from services.enrollment.domain.major_refusals import MajorDatesWrong
from services.enrollment.store import majors


@dataclass(frozen=True, kw_only=True)
class RetireMajor:
    """A major to retire, at the version that the caller has seen."""

    id: str
    etag: str
    valid_to_date: date
    successors: list[str]


async def retire_majors(
    tx: db.Transaction, items: Sequence[RetireMajor]
) -> list[Major | DomainError]:
    """Retire those that are in force; what follows one must be in force on the day after."""
    ids = [each_id for item in items for each_id in (item.id, *item.successors)]
    loaded = await majors.get_many_locked(tx, ids)

    def get(major_id: str) -> Major:
        if major_id not in loaded:
            raise ResourceNotFound(name=name_of("majors", major_id))
        return loaded[major_id]

    def retire(item: RetireMajor) -> Major:
        major = get(item.id)
        check_etag(item.etag, major.version)
        for successor in map(get, item.successors):
            if successor.id == major.id or not successor.overlaps(item.valid_to_date):
                raise MajorDatesWrong(
                    name=successor.resource_name, problem="it is not in force afterwards"
                )
        major.retire(valid_to_date=item.valid_to_date, successors=item.successors)
        return major

    results = each(items, retire)
    await majors.save_many(tx, done(results))
    return results
