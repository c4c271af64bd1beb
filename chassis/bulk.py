"""Statements for many rows at once: the same statement writes one row or a thousand.

Values travel as one array a column (`unnest`), so that there is one plan and one round trip.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, and_, bindparam, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis import db

# How an aggregate becomes a row: column name to value.
ToRow = Callable[[Any], Mapping[str, Any]]


def _rows(table: Table, columns: Sequence[str]) -> Any:
    arrays = (bindparam(f"{name}_", type_=ARRAY(table.c[name].type)) for name in columns)
    return func.unnest(*arrays).table_valued(*columns, joins_implicitly=True).render_derived()


def insert_many(table: Table, columns: Sequence[str]) -> db.Statement:
    """Insert rows; a broken constraint fails them all."""
    rows = _rows(table, columns)
    return db.compile(
        insert(table).from_select(list(columns), select(*(rows.c[name] for name in columns)))
    )


def update_many(table: Table, columns: Sequence[str]) -> db.Statement:
    """Update rows by `id`, each only if its `version` is one less than the new one."""
    rows = _rows(table, ["id", "version", *columns])
    return db.compile(
        update(table)
        .values({name: rows.c[name] for name in ["version", *columns]})
        .where(table.c.id == rows.c.id, table.c.version == rows.c.version - 1)
    )


def upsert_news(table: Table, columns: Sequence[str]) -> db.Statement:
    """Insert copies by `id`, or replace those to which a change is news; others stay as they are.

    News is a higher `version`, or the same version with other content (`sha256`): a source that
    was restored has written it anew, and its changes come again from the beginning.
    """
    rows = _rows(table, ["id", "version", *columns])
    names = ["id", "version", *columns]
    statement = upsert(table).from_select(names, select(*(rows.c[name] for name in names)))
    new = statement.excluded
    rewritten = and_(new.version == table.c.version, new.sha256 != table.c.sha256)
    return db.compile(
        statement.on_conflict_do_update(
            index_elements=["id"],
            set_={name: new[name] for name in ["version", *columns]},
            where=or_(new.version > table.c.version, rewritten),
        )
    )


def arrays(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Turn rows into the arrays that these statements take."""
    rows = list(rows)
    return {f"{name}_": [row[name] for row in rows] for name in columns}


async def save(
    tx: db.Transaction,
    statement: db.Statement,
    columns: Sequence[str],
    aggregates: Sequence[Any],
    to_row: ToRow = vars,
) -> None:
    """Run an `update_many` over aggregates and note them; VersionConflict if one was changed."""
    if not aggregates:
        return
    values = arrays(["id", "version", *columns], map(to_row, aggregates))
    if await tx.execute(statement, **values) != len(aggregates):
        raise db.VersionConflict
    tx.note(aggregates)


async def add(
    tx: db.Transaction,
    statement: db.Statement,
    columns: Sequence[str],
    aggregates: Sequence[Any],
    to_row: ToRow = vars,
) -> None:
    """Run an `insert_many` over aggregates and note them."""
    if not aggregates:
        return
    await tx.execute(statement, **arrays(columns, map(to_row, aggregates)))
    tx.note(aggregates)
