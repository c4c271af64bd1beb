"""Evidence in the database: one row for each indicator and resource that it counts, or counted."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Text,
    Uuid,
    any_,
    bindparam,
    false,
    func,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from chassis import db
from chassis.names import name_of
from services.assistance.domain.indicator import Indicator
from services.assistance.domain.registration import Registration
from services.assistance.store.tables import copy_application, evidence, indicator

_EVENT = ("event_id", "event_type", "source", "position", "business_time")
_TYPES: dict[str, Any] = {
    "indicator_id": Uuid,
    "resource_name": Text,
    "event_id": Uuid,
    "event_type": Text,
    "source": Text,
    "position": BigInteger,
    "business_time": DateTime(timezone=True),
}
_rows = (
    func.unnest(*(bindparam(f"{name}_", type_=ARRAY(kind)) for name, kind in _TYPES.items()))
    .table_valued(*_TYPES, joins_implicitly=True)
    .render_derived()
)
_ADD = db.compile(
    insert(evidence)
    .from_select([*_TYPES, "withdrawn"], select(*(_rows.c[name] for name in _TYPES), false()))
    .on_conflict_do_nothing(index_elements=["indicator_id", "resource_name"])
    .returning(evidence.c.indicator_id)
)
_ADD_RECORDED = db.compile(
    insert(evidence).from_select(
        [*_TYPES, "withdrawn"],
        select(
            indicator.c.id,
            func.concat("applications/", copy_application.c.id),
            *(copy_application.c[name] for name in _EVENT),
            false(),
        )
        .join(
            copy_application,
            (copy_application.c.back == indicator.c.helper)
            & (copy_application.c.front == indicator.c.receiver),
        )
        .where(
            indicator.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))),
            copy_application.c.is_registered,
        )
        .order_by(copy_application.c.position),
    )
)
_WITHDRAW = db.compile(
    update(evidence)
    .values(withdrawn=true())
    .where(
        evidence.c.resource_name == any_(bindparam("resource_names", type_=ARRAY(Text))),
        ~evidence.c.withdrawn,
    )
    .returning(evidence.c.indicator_id)
)


async def add_many(
    tx: db.Transaction, counted: Sequence[tuple[Indicator, Registration]]
) -> Counter[UUID]:
    """Add registrations as evidence; return how many were new, by indicator."""
    rows = [
        {
            "indicator_id": each.id,
            "resource_name": name_of("applications", registration.id),
            **{name: getattr(registration, name) for name in _EVENT},
        }
        for each, registration in counted
    ]
    arrays = {f"{name}_": [row[name] for row in rows] for name in _TYPES}
    return Counter(row["indicator_id"] for row in await tx.fetch(_ADD, **arrays))


async def add_recorded(tx: db.Transaction, indicators: Sequence[Indicator]) -> None:
    """Add to new indicators what was registered before them, in the order of its events."""
    await tx.execute(_ADD_RECORDED, ids=[each.id for each in indicators])


async def withdraw_many(tx: db.Transaction, registrations: Sequence[Registration]) -> Counter[UUID]:
    """Take back the evidence of applications; return how many pieces counted, by indicator."""
    names = [name_of("applications", each.id) for each in registrations]
    rows = await tx.fetch(_WITHDRAW, resource_names=names)
    return Counter(row["indicator_id"] for row in rows)
