"""Whether an organisation may act now: nobody does anything for one that is blocked or has ended.

Who is not registered here is let pass: who somebody is, is the issuer's matter.
"""

from datetime import date

from chassis import db
from services.enrollment.store import organisations


async def check_standing(
    tx: db.Transaction, organisation_id: str, *, on: date, acting_for: str = ""
) -> None:
    """Raise OrganisationBlocked or OrganisationEnded unless it may act on a day.

    `acting_for` is an organisation for whose records it stands in with a new fact: there is none
    of one that has ended.
    """
    found = await organisations.find_many(tx, [organisation_id, acting_for])
    for organisation in found.values():
        organisation.check_open_to_new(on=on)
