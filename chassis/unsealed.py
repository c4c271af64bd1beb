"""Values that lie in clear from before their field was sealed, and how they come to be sealed.

A migration has no keys. It moves the clear values of a field that is to be sealed into the table
`unsealed`, and leaves the sealed column empty; a process that has the keys seals them before it
serves. The table is empty ever after. What change rows say stays: they are never rewritten.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import db
from chassis.keys import KeyStore
from chassis.sealed import Sealer

_CHUNK_ROWS: Final = 500


def define_unsealed(metadata: MetaData) -> Table:
    """Define the table in a service's metadata."""
    return Table(
        "unsealed",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("table_name", Text, nullable=False),
        Column("row_id", Uuid, nullable=False),
        Column("field", Text, nullable=False),
        Column("subject_id", Uuid, nullable=False),
        Column("clear", Text, nullable=False),
    )


async def seal_leftovers(database: db.Database, keys: KeyStore, metadata: MetaData) -> int:
    """Seal all clear values that a migration left; return how many there were.

    Processes that start together wait for each other, so that none serves too early. What is
    about a subject without a key, who was erased, is dropped.
    """
    unsealed = metadata.tables["unsealed"]
    first = select(unsealed).order_by(unsealed.c.id).limit(_CHUNK_ROWS).with_for_update()
    get = db.compile(first)
    forget = db.compile(
        delete(unsealed).where(unsealed.c.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
    )

    async def work(tx: db.Transaction) -> int:
        rows = await tx.fetch(get)
        await _seal(tx, rows, keys, metadata)
        await tx.execute(forget, ids=[row["id"] for row in rows])
        return len(rows)

    total = 0
    while count := await database.transact(work):
        total += count
    return total


async def _seal(
    tx: db.Transaction, rows: Sequence[db.Row], keys: KeyStore, metadata: MetaData
) -> None:
    found = await keys.get_many(list({row["subject_id"] for row in rows}))
    columns: dict[tuple[str, str], dict[UUID, bytes]] = defaultdict(dict)
    for row in rows:
        if key := found.get(row["subject_id"]):
            sealed = Sealer.seal(key, row["subject_id"], row["field"], row["clear"])
            columns[row["table_name"], row["field"]][row["row_id"]] = sealed
    for (name, field), values in columns.items():
        statement = _fill(metadata.tables[name], f"sealed_{field}")
        await tx.execute(statement, ids=list(values), values=list(values.values()))


def _fill(table: Table, column: str) -> db.Statement:
    """Write the values of rows in which the column is still empty."""
    arrays = (bindparam("ids", type_=ARRAY(Uuid)), bindparam("values", type_=ARRAY(LargeBinary)))
    news = func.unnest(*arrays).table_valued("id", "value", joins_implicitly=True).render_derived()
    return db.compile(
        update(table)
        .values({column: news.c.value})
        .where(table.c.id == news.c.id, func.octet_length(table.c[column]) == 0)
    )
