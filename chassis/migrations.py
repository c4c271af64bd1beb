"""Brings a database to the head of its migrations, and says where it differs from its tables.

One Alembic environment a database; its `env.py` is two lines that call `run_environment`. This
module must not know any table.
"""

from pathlib import Path
from typing import Final

import asyncpg
from alembic import command, context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

# A change that cannot get its lock gives up, rather than queue all traffic behind itself.
_LOCK_TIMEOUT: Final = "5s"
# One migration at a time a database, whoever starts it: replicas start together.
_MIGRATION_LOCK: Final = 0x6D696772

_DESCRIBE: Final = """
SELECT line FROM (
  SELECT format('%s.%s %s%s %s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attnotnull THEN ' not null' ELSE '' END,
    CASE WHEN a.attidentity = '' THEN '' ELSE 'identity ' || a.attidentity::text END,
    pg_get_expr(d.adbin, d.adrelid)) AS line, c.relname
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
    AND c.relnamespace = 'public'::regnamespace
  UNION ALL
  SELECT format('%s %s %s', c.relname, o.conname, pg_get_constraintdef(o.oid)), c.relname
  FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid
  WHERE o.connamespace = 'public'::regnamespace
  UNION ALL
  SELECT indexdef, tablename::name FROM pg_indexes WHERE schemaname = 'public'
) AS lines WHERE relname <> 'alembic_version' ORDER BY line COLLATE "C"
"""


class DatabaseNewer(Exception):
    """A newer code has migrated the database; the text names it and says what to do."""


async def upgrade(dsn: str, folder: Path, *, to: str = "head") -> None:
    """Apply every migration of `folder` that the database lacks; safe to run at each start.

    Up to a revision, where a test begins with what an earlier code wrote.

    Raises DatabaseNewer, and changes nothing, where one was applied that `folder` lacks.
    """
    waiting = await asyncpg.connect(dsn)
    try:
        await waiting.execute("SELECT pg_advisory_lock($1)", _MIGRATION_LOCK)
        async with _engine(dsn).connect() as connection:
            await connection.run_sync(_upgrade, folder, to)
    finally:
        # Ends the session, and with it the lock.
        await waiting.close()


async def create_all(dsn: str, metadata: MetaData) -> None:
    """Create the tables in an empty database, for a comparison with what the migrations made."""
    async with _engine(dsn).begin() as connection:
        await connection.run_sync(metadata.create_all)


async def describe(dsn: str) -> list[str]:
    """Return a line for each column, constraint and index of a database, as PostgreSQL says it.

    Two databases with the same lines have the same tables; Alembic's own comparison would pass
    over checks. The order of columns does not count.
    """
    connection = await asyncpg.connect(dsn)
    try:
        return [row["line"] for row in await connection.fetch(_DESCRIBE)]
    finally:
        await connection.close()


def run_environment(metadata: MetaData) -> None:
    """Do the work of an `env.py`: migrate the connection that `upgrade` hands over."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        # What was done stays done when a later one fails.
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _engine(dsn: str) -> AsyncEngine:
    async def connect() -> asyncpg.Connection:
        # asyncpg itself reads the address, so that it means the same here as everywhere else.
        return await asyncpg.connect(dsn, server_settings={"lock_timeout": _LOCK_TIMEOUT})

    return create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)


def _upgrade(connection: Connection, folder: Path, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    # Ended before the migrations begin theirs.
    with connection.begin():
        _refuse_newer(connection, ScriptDirectory.from_config(config))
    command.upgrade(config, to)


def _refuse_newer(connection: Connection, scripts: ScriptDirectory) -> None:
    known = {each.revision for each in scripts.walk_revisions()}
    found = MigrationContext.configure(connection).get_current_heads()
    if unknown := sorted(set(found) - known):
        name = connection.exec_driver_sql("SELECT current_database()").scalar_one()
        raise DatabaseNewer(
            f"The database {name} is at migration {', '.join(unknown)}, which this code does not "
            f"know: its last is {scripts.get_current_head()}. Start the newer code again, or "
            "restore a backup from before that migration."
        )
