"""Whose own view a call is: a person sees, and a guardian sees, what is held of one person only."""

from typing import Final
from uuid import UUID

from chassis import db
from chassis.errors import ResourceNotFound
from chassis.identity import Caller
from chassis.names import name_of, parse_uuid
from services.enrollment.queries.person_parts import find_guarded
from services.enrollment.store import person_merges

# Who sees what is held of one person only: of themselves, or of whom they guard.
_STUDENT: Final = "student"
_GUARDIAN: Final = "guardian"


async def own_person_of(reader: db.Reader, caller: Caller) -> UUID | None:
    """Return whose own view it is, or None for those who act for an organisation.

    A minor and the guardian may view and copy (未成年人网络保护条例 34). Whom a token is for is its
    subject: persons/{uuid} in the role `student`, guardians/{uuid} in `guardian`.
    """
    if _STUDENT in caller.roles:
        return parse_uuid("persons", caller.subject, field="name")
    if _GUARDIAN in caller.roles:
        guardian_id = parse_uuid("guardians", caller.subject, field="name")
        person_id = await find_guarded(reader, guardian_id)
        if person_id is None:
            raise ResourceNotFound(name=caller.subject)
        return person_id
    return None


async def check_own(reader: db.Reader, person_id: UUID, own_id: UUID) -> None:
    """Raise ResourceNotFound unless both names answer with one person."""
    found = await person_merges.resolve(reader, [person_id, own_id])
    if found.get(person_id) is None or found.get(person_id) != found.get(own_id):
        raise ResourceNotFound(name=name_of("persons", person_id))
