"""Changes the master key: wraps every data key anew, in short transactions, while services run.

It must not touch a data key itself, nor anything that was sealed with one.
"""

from typing import Final
from uuid import UUID

from chassis import db
from chassis.keystore import statements as sql
from chassis.master_keys import MasterKeys

_ROWS: Final = 1_000
_NO_ID: Final = UUID(int=0)


async def rewrap_all(database: db.Database, master_keys: MasterKeys) -> int:
    """Wrap all that is not wrapped by the current master key; return how many were wrapped."""
    total = 0
    # Again and again: a process that still wraps with the old key may create some meanwhile.
    while count := await _go_through(database, master_keys):
        total += count
    return total


def unwrap(master_keys: MasterKeys, row: db.Row) -> bytes:
    """Return the data key of a row; raises UnwrapFailed."""
    return master_keys.unwrap(
        row["wrapped"], row["master_key_id"], row["subject_id"], row["generation"]
    )


async def _go_through(database: db.Database, master_keys: MasterKeys) -> int:
    total, after = 0, _NO_ID

    async def rewrap_next(transaction: db.Transaction) -> list[db.Row]:
        return await _rewrap(transaction, master_keys, after)

    while rows := await database.transact(rewrap_next):
        total, after = total + len(rows), rows[-1]["subject_id"]
    return total


async def _rewrap(
    transaction: db.Transaction, master_keys: MasterKeys, after: UUID
) -> list[db.Row]:
    master = master_keys.current
    rows = await transaction.fetch(
        sql.WRAPPED_OTHERWISE, after=after, master_key_id=master.id, limit_count=_ROWS
    )
    wrapped = [
        master.wrap(unwrap(master_keys, row), row["subject_id"], row["generation"]) for row in rows
    ]
    subject_ids = [row["subject_id"] for row in rows]
    await transaction.execute(
        sql.REWRAP, new_id=master.id, subject_ids=subject_ids, wrapped=wrapped
    )
    return rows
