"""This service's own record of registered applications, and the lock under which it is counted."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Text, Uuid, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import bulk, db
from chassis.leadership import lock_key
from services.assistance.domain.registration import Registration, SchoolPair
from services.assistance.store.tables import copy_application

_COLUMNS = [each.name for each in copy_application.columns]
_pairs = (
    func.unnest(bindparam("names", type_=ARRAY(Text)))
    .table_valued("name", joins_implicitly=True)
    .render_derived()
)
_LOCK = db.compile(select(func.pg_advisory_xact_lock(lock_key(_pairs.c.name))))
_VERSIONS = db.compile(
    select(copy_application.c.id, copy_application.c.version).where(
        copy_application.c.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
    )
)
_COUNT = db.compile(
    select(copy_application.c.back, copy_application.c.front, func.count().label("count"))
    .where(
        copy_application.c.back == any_(bindparam("helpers", type_=ARRAY(Text))),
        copy_application.c.front == any_(bindparam("receivers", type_=ARRAY(Text))),
        copy_application.c.is_registered,
    )
    .group_by(copy_application.c.back, copy_application.c.front)
)
_SAVE = bulk.upsert_news(
    copy_application, [name for name in _COLUMNS if name not in {"id", "version"}]
)


async def lock_schools(tx: db.Transaction, pairs: Sequence[SchoolPair]) -> None:
    """Let nobody else count for these schools until the end of the transaction.

    A registration that is recorded while an indicator is set would otherwise be seen by neither.
    """
    names = sorted({f"{pair.helper} helps {pair.receiver}" for pair in pairs})
    await tx.execute(_LOCK, names=names)


async def find_versions(tx: db.Transaction, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return the versions of the applications that are recorded."""
    rows = await tx.fetch(_VERSIONS, ids=list(ids))
    return {row["id"]: row["version"] for row in rows}


async def count_registered(tx: db.Transaction, pairs: Sequence[SchoolPair]) -> Counter[SchoolPair]:
    """Count the registered applications, by helping and receiving school."""
    rows = await tx.fetch(
        _COUNT,
        helpers=[pair.helper for pair in pairs],
        receivers=[pair.receiver for pair in pairs],
    )
    return Counter({SchoolPair(row["back"], row["front"]): row["count"] for row in rows})


async def save_many(tx: db.Transaction, registrations: Sequence[Registration]) -> None:
    """Record applications as their last event left them; older versions change nothing."""
    await tx.execute(_SAVE, **bulk.arrays(_COLUMNS, map(vars, registrations)))
