"""Local copies of what others own, built from their events; older versions change nothing."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Table, Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from services.assistance.domain.pairing import Organisation
from services.assistance.store.tables import copy_application, copy_organisation

# By source and resource type: what is compared with the source by name, version and hash.
COPIES: Final[Mapping[str, Mapping[str, Table]]] = {
    "enrollment": {"organisations": copy_organisation},
    "transfer": {"applications": copy_application},
}

_COLUMNS = [each.name for each in copy_organisation.columns]
_UPSERT = bulk.upsert_news(
    copy_organisation, [name for name in _COLUMNS if name not in {"id", "version"}]
)
_ORGANISATIONS = db.compile(
    select(copy_organisation.c.id, copy_organisation.c.kind).where(
        copy_organisation.c.id == any_(bindparam("ids", type_=ARRAY(Text)))
    )
)


async def upsert_organisations(tx: db.Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write copies: new ones, and those of a higher version than the present one."""
    await tx.execute(_UPSERT, **bulk.arrays(_COLUMNS, rows))


async def find_organisations(tx: db.Transaction, ids: Sequence[str]) -> dict[str, Organisation]:
    """Return the copies of organisations; those that have not arrived are absent."""
    rows = await tx.fetch(_ORGANISATIONS, ids=list(ids))
    return {row["id"]: Organisation(id=row["id"], kind=row["kind"]) for row in rows}
