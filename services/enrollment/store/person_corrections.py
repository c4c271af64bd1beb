"""Corrections in the database; what is proposed and what was replaced is sealed."""

from collections.abc import Sequence
from uuid import UUID

from chassis import db
from services.enrollment.domain.person_correction import PersonCorrection, State
from services.enrollment.store.belonging import belonging, erasing
from services.enrollment.store.person_tables import person_correction

_STORE = belonging(
    person_correction, lambda row: PersonCorrection(**{**row, "state": State(row["state"])})
)
_STATEMENTS = {"get": _STORE.get, "of_persons": _STORE.of_persons, "update": _STORE.update}
get_many = _STORE.get_many
list_of_persons = _STORE.list_of_persons
add_many = _STORE.add_many
save_many = _STORE.save_many
_ERASE = erasing(person_correction)


async def erase(tx: db.Transaction, person_ids: Sequence[UUID]) -> None:
    """Forget the sealed values of persons; their keys are destroyed, so nothing read them."""
    await tx.execute(_ERASE, ids=list(person_ids), empty=b"")
