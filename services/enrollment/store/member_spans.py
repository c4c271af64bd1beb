"""The spans of members' states and classes: rosters of any past day are read from them.

They are written only here, by the store of members, in the transaction that writes the members.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis import bulk, db
from services.enrollment.domain.cohort_member import CohortMember
from services.enrollment.store.roster_tables import member_span

_COLUMNS = [column.name for column in member_span.columns if column.name != "valid_to_date"]
_WRITTEN = ("state", "class_name", "why")


def _rows() -> Any:
    arrays = (bindparam(f"{name}_", type_=ARRAY(member_span.c[name].type)) for name in _COLUMNS)
    return func.unnest(*arrays).table_valued(*_COLUMNS, joins_implicitly=True).render_derived()


def _end() -> db.Statement:
    """End the open spans of members whose state or class began later: on the day before."""
    rows = _rows()
    return db.compile(
        update(member_span)
        .values(valid_to_date=rows.c.valid_from_date - 1)
        .where(
            member_span.c.member_id == rows.c.member_id,
            member_span.c.valid_to_date.is_(None),
            member_span.c.valid_from_date < rows.c.valid_from_date,
        )
    )


def _begin() -> db.Statement:
    """Begin spans; one that began on the same day never held and is written over."""
    rows = _rows()
    statement = upsert(member_span).from_select(_COLUMNS, select(*(rows.c[n] for n in _COLUMNS)))
    new, old = statement.excluded, member_span.c
    return db.compile(
        statement.on_conflict_do_update(
            index_elements=["member_id", "valid_from_date"],
            set_={name: new[name] for name in _WRITTEN},
            where=or_(*(new[name] != old[name] for name in _WRITTEN)),
        )
    )


_ADD = bulk.insert_many(member_span, _COLUMNS)
_END, _BEGIN = _end(), _begin()


async def add_many(tx: db.Transaction, members: Sequence[CohortMember]) -> None:
    """Write the first spans of new members."""
    await bulk.write(tx, _ADD, _COLUMNS, [_to_row(each) for each in members])


async def follow(tx: db.Transaction, members: Sequence[CohortMember]) -> None:
    """Write what written members are since when; what did not change stays as it is."""
    if not members:
        return
    values = bulk.arrays(_COLUMNS, map(_to_row, members))
    await tx.execute(_END, **values)
    await tx.execute(_BEGIN, **values)


def _to_row(member: CohortMember) -> Mapping[str, Any]:
    return {**vars(member), "member_id": member.id, "valid_from_date": member.state_from_date}
