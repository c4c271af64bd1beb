"""The identity of a service's history: its epoch, raised after its database was restored.

Positions are counted within an epoch. The epoch changes by itself when the database fails over
(the timeline) or is another cluster (the system identifier), and by `raise_epoch` otherwise.
"""

from dataclasses import dataclass

from sqlalchemy import bindparam, func, literal_column, select, update

from chassis import db
from chassis.errors import DomainError, Kind
from chassis.leadership import RELAY, lock_key
from chassis.tables import head


class ServiceRunning(DomainError):
    """The epoch may be raised only while no process of the service numbers changes."""

    kind = Kind.FAILED_PRECONDITION
    zh = "服务仍在运行，不能更换历史纪元。请先停止该服务的所有进程，再执行本命令。"
    en = "The service is running. Stop all of its processes, then run this command again."


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the history: its last position (0 when there is none) and the epoch."""

    position: int
    epoch: str


# The timeline is taken from the name of the log file being written: what the control file says
# lags behind a failover until the next checkpoint. All of it may be read by an ordinary role,
# and it fails on a standby, where the history must not be read.
_EPOCH = func.concat_ws(
    "-",
    literal_column("(SELECT system_identifier FROM pg_control_system())"),
    func.left(func.pg_walfile_name(func.pg_current_wal_lsn()), 8),
    head.c.epoch_counter,
)
_HEAD = db.compile(select(head.c.position, _EPOCH.label("epoch")))
_IS_FREE = db.compile(select(func.pg_try_advisory_xact_lock(lock_key(bindparam("name")))))
# At least the seconds since 2026: a backup restored a second time holds the counter that the
# first restore started from, and must not lead to the epoch that the first restore was given.
_RAISE = db.compile(
    update(head).values(
        epoch_counter=func.greatest(
            head.c.epoch_counter + 1,
            literal_column("extract(epoch FROM clock_timestamp() - '2026-01-01 00:00Z')::integer"),
        )
    )
)


async def read_head(reader: db.Reader) -> Head:
    """Return the position and the epoch as they are together at one moment."""
    row = await reader.fetch_one(_HEAD)
    if row is None:
        message = "the table head has no row: the migrations were not run"
        raise RuntimeError(message)
    return Head(position=row["position"], epoch=row["epoch"])


async def raise_epoch(database: db.Database) -> Head:
    """Begin a new epoch: run as `python -m services.X new-epoch` after a restore.

    Readers are told that their cursors expired and load again; subscribers read the whole
    history of the new epoch. Raises ServiceRunning while the service runs.
    """

    async def work(tx: db.Transaction) -> Head:
        if not await tx.fetch_value(_IS_FREE, name=RELAY):
            raise ServiceRunning
        await tx.execute(_RAISE)
        return await read_head(tx)

    return await database.transact(work)
