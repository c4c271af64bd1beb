"""Statements for many rows at once: the same statement writes one row or a thousand.

Values travel as one array a column (`unnest`), so that there is one plan and one round trip; very
many new rows travel by COPY, which costs less for each.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Table, and_, bindparam, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis import db

# From so many rows on COPY is cheaper, though it looks at the table's columns first.
COPY_ROWS_MIN: Final = 100
# How an aggregate becomes a row: column name to value.
ToRow = Callable[[Any], Mapping[str, Any]]


def _rows(table: Table, columns: Sequence[str]) -> Any:
    arrays = (bindparam(f"{name}_", type_=ARRAY(table.c[name].type)) for name in columns)
    return func.unnest(*arrays).table_valued(*columns, joins_implicitly=True).render_derived()


@dataclass(frozen=True, slots=True)
class Insert(db.Statement):
    """A statement that inserts rows, and the table, for COPY."""

    table: str


def insert_many(table: Table, columns: Sequence[str]) -> Insert:
    """Insert rows; a broken constraint fails them all."""
    rows = _rows(table, columns)
    statement = db.compile(
        insert(table).from_select(list(columns), select(*(rows.c[name] for name in columns)))
    )
    return Insert(statement.sql, statement.names, statement.constants, table.name)


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


async def write(
    tx: db.Transaction,
    statement: Insert,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    """Run an `insert_many` over rows, few or many."""
    # An itemgetter of one column would give its values bare.
    pick = itemgetter(*columns) if len(columns) > 1 else lambda row: (row[columns[0]],)
    await write_tuples(tx, statement, columns, list(map(pick, rows)))


async def write_tuples(
    tx: db.Transaction, statement: Insert, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Run an `insert_many` over rows whose values are in the order of the columns."""
    if len(rows) >= COPY_ROWS_MIN:
        await tx.copy(statement.table, columns, rows)
    elif rows:
        values = (list(each) for each in zip(*rows, strict=True))
        names = (f"{name}_" for name in columns)
        await tx.execute(statement, **dict(zip(names, values, strict=True)))


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
    statement: Insert,
    columns: Sequence[str],
    aggregates: Sequence[Any],
    to_row: ToRow = vars,
) -> None:
    """Run an `insert_many` over aggregates and note them."""
    if not aggregates:
        return
    # Before they are there: what is made of them may be made while the database takes them.
    tx.note(aggregates)
    await write(tx, statement, columns, [to_row(each) for each in aggregates])
