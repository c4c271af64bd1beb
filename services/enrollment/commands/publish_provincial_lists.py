"""Registers provincial lists with the totals that they state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.names import name_of
from services.enrollment.commands.changing import done, each
from services.enrollment.domain.pathway_refusals import ProvincialListAlreadyPublished
from services.enrollment.domain.provincial_list import Part, ProvincialList
from services.enrollment.store import provincial_lists


@dataclass(frozen=True, kw_only=True)
class PublishProvincialList:
    """A list to register."""

    province_code: str
    approval_year: int
    title: str
    document_number: str
    publish_date: date
    stated_total: int
    parts: tuple[Part, ...]
    made_up: bool


async def publish_provincial_lists(
    tx: db.Transaction, items: Sequence[PublishProvincialList], *, caller: Caller
) -> list[ProvincialList | DomainError]:
    """Register those that no rule refuses; a document is registered once a year and province."""
    known = await provincial_lists.find_documents(
        tx,
        years=[item.approval_year for item in items],
        numbers=[item.document_number for item in items],
    )

    def publish(item: PublishProvincialList) -> ProvincialList:
        document = (item.approval_year, item.province_code, item.document_number)
        if document in known:
            raise ProvincialListAlreadyPublished(
                document_number=item.document_number,
                approval_year=str(item.approval_year),
                name=name_of("provincialLists", known[document]),
            )
        published = ProvincialList.publish(new_id=new_id(), party=caller.organisation, **vars(item))
        known[document] = published.id
        return published

    results = each(items, publish)
    await provincial_lists.add_many(tx, done(results))
    return results
