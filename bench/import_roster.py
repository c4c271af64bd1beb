"""An import of 100,000 students over gRPC, against a bare COPY of the same final rows.

Ours: token, validation, ID numbers, blind index, data keys, sealing, persons, members, records,
change rows, progress, commits. Bare: COPY into databases of the same tables, indexes and foreign
keys, of the rows that ours has written, in one transaction a database, both databases at once.
Then, with a million persons there, the cost of a row again, and the size of the server.
"""

import asyncio
import json
import statistics
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import asyncpg
import psutil

from bench.calls import ask
from bench.outcome import Bound, Outcome, note
from bench.population import COHORT_SIZE, School, open_school, populate
from bench.surroundings import Surroundings, surroundings
from chassis import keystore
from chassis.db import Database
from deploy.local.environment import ROOT
from services import enrollment

ROWS = 100_000
FEW_ROWS = 10_000
WARM_ROWS = 2_000
PERSONS = 1_000_000
ROUNDS = 3
PER_S_MIN = 8_000
GROWTH_MAX = 1.25
FLAT_MIN = 0.8
FRONT = "siyang"
# Beyond those of the population.
_FIRST_NUMBER = 3_000_000
# What an import writes for its rows: table, and the column that is larger in later rows.
_TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "enrollment": {
        "person": "id",
        "person_party": "person_id",
        "cohort_member": "id",
        "member_span": "member_id",
        "status_record": "id",
        "change": "id",
        "unsequenced": "change_id",
        "person_timeline": "change_id",
        "import_row": "key",
    },
    "keystore": {"data_key": "subject_id", "blind_index": "subject_id", "likeness": "subject_id"},
}
# And for its job: a row a chunk.
_BESIDE = {"import_job", "import_chunk"}


def measure() -> Outcome:
    """Return rows a second, ours and bare."""
    with surroundings() as around:
        around.migrate("enrollment", enrollment)
        around.migrate("keystore", keystore)
        rows = WARM_ROWS + 2 * FEW_ROWS + ROUNDS * ROWS
        school = asyncio.run(_open(around, rows // COHORT_SIZE))
        asyncio.run(_copy_databases(around))
        target = around.serve("bench.processes.enrollment", service="enrollment")
        with Importing(around, target, school) as importing:
            importing.run(WARM_ROWS)
            first_per_s = importing.run(FEW_ROWS)
            small_mib = importing.peak_mib()
            ours, bare = _turns(importing, Copying(around))
            large_mib = importing.peak_mib()
            note(f"loading {PERSONS} persons")
            populate(around.environments.dsns, around.environments.secrets, PERSONS)
            later_per_s = importing.run(FEW_ROWS)
    return _outcome(ours, bare, _Found(first_per_s, later_per_s, small_mib, large_mib))


def _turns(importing: "Importing", copying: "Copying") -> tuple[float, float]:
    """Import, then copy what was imported, some times; return the medians of rows a second.

    Ours is always first: bare copies its rows.
    """
    found: list[tuple[float, float]] = []
    for number in range(ROUNDS):
        copying.begin()
        ours = importing.run(ROWS)
        bare = ROWS / copying.run()
        found.append((ours, bare))
        note(f"round {number + 1}: ours {ours:.0f}, bare {bare:.0f}, ratio {ours / bare:.3f}")
    ours_per_s, bare_per_s = zip(*found, strict=True)
    return statistics.median(ours_per_s), statistics.median(bare_per_s)


class _Found(NamedTuple):
    """Rows a second, and sizes of the server in MiB."""

    first_per_s: float
    later_per_s: float
    small_mib: float
    large_mib: float


def _outcome(ours: float, bare: float, found: _Found) -> Outcome:
    flat, growth = found.later_per_s / found.first_per_s, found.large_mib / found.small_mib
    per_s = f"at_{PERSONS}={found.later_per_s:.0f} at_first={found.first_per_s:.0f}"
    size = f"peak={found.large_mib:.1f} peak_after_{FEW_ROWS}={found.small_mib:.1f}"
    return Outcome(
        name="import_roster",
        ours=ours,
        bare=bare,
        unit="rows/s",
        details=[
            f"import_roster_flat ratio={flat:.3f} {per_s} unit=rows/s",
            f"import_roster_memory ratio={growth:.3f} {size} unit=MiB",
        ],
        bounds=[
            Bound(of="import_roster rows/s", value=ours, at_least=PER_S_MIN),
            Bound(of="import_roster flat ratio", value=flat, at_least=FLAT_MIN),
            Bound(of="import_roster growth of memory", value=growth, at_most=GROWTH_MAX),
        ],
    )


@dataclass
class Importing:
    """The process that imports, and the server that it imports into."""

    around: Surroundings
    target: str
    school: School
    imported: int = 0
    process: Any = field(default=None, init=False)

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "bench.processes.importer"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def run(self, count: int) -> float:
        """Import so many new students in a job of their own; return the rows a second."""
        first_cohort = self.imported // COHORT_SIZE
        cohorts = self.school.cohort_ids[first_cohort : first_cohort + -(-count // COHORT_SIZE)]
        job = {
            "target": self.target,
            "token": self.around.token(FRONT, "registrar"),
            "cohorts": [str(each) for each in cohorts],
            "first_cohort": first_cohort,
            "first": _FIRST_NUMBER + self.imported,
            "count": count,
        }
        done = json.loads(ask(self.process, json.dumps(job)))
        if done["new_rows"] != count:
            raise RuntimeError(f"{done['new_rows']} of {count} rows were new")
        self.imported += count
        return float(count / done["seconds"])

    def peak_mib(self) -> float:
        """Return the largest size that the server ever had."""
        (server,) = [
            child
            for child in psutil.Process().children()
            if "bench.processes.enrollment" in child.cmdline()
        ]
        status = Path(f"/proc/{server.pid}/status").read_text(encoding="ascii")
        (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) / 1024


class Copying:
    """Copies of the databases that are filled by COPY with what the import has written."""

    def __init__(self, around: Surroundings) -> None:
        self._postgres = around.postgres
        self._folder = around.folder
        self._marks: dict[tuple[str, str], Any] = {}

    def begin(self) -> None:
        """Remember what is there: the next rows are what a run has written."""
        asyncio.run(self._mark())

    def run(self) -> float:
        """Copy the rows that were written since; return the seconds that COPY took."""
        return asyncio.run(self._copy())

    async def _mark(self) -> None:
        for name, tables in _TABLES.items():
            connection = await asyncpg.connect(self._postgres.dsn(name))
            for table, column in tables.items():
                sql = f"SELECT {column} FROM {table} ORDER BY {column} DESC LIMIT 1"  # noqa: S608
                self._marks[name, table] = await connection.fetchval(sql)
            await connection.execute("SELECT pg_stat_reset()")
            await connection.close()

    async def _copy(self) -> float:
        loop = asyncio.get_running_loop()
        for name in _TABLES:
            await self._export(name)
        began = loop.time()
        await asyncio.gather(*(self._fill(name) for name in _TABLES))
        return loop.time() - began

    async def _export(self, name: str) -> None:
        connection = await asyncpg.connect(self._postgres.dsn(name))
        await self._check(connection, name)
        for table, column in _TABLES[name].items():
            mark = self._marks[name, table]
            sql = f"SELECT * FROM {table} WHERE {column} > $1 ORDER BY {column}"  # noqa: S608
            if mark is None:
                sql = f"SELECT * FROM {table} WHERE $1::text IS NULL ORDER BY {column}"  # noqa: S608
            await connection.copy_from_query(
                sql, mark, output=self._folder / f"{name}-{table}", format="binary"
            )
        await connection.close()

    async def _check(self, connection: asyncpg.Connection, name: str) -> None:
        """Make sure that bare copies all tables that ours writes."""
        await asyncio.sleep(1)
        rows = await connection.fetch("SELECT relname FROM pg_stat_user_tables WHERE n_tup_ins > 0")
        written = {row["relname"] for row in rows} - _BESIDE
        if written != set(_TABLES[name]):
            raise RuntimeError(f"{name}: {written} are written, {set(_TABLES[name])} copied")

    async def _fill(self, name: str) -> None:
        connection = await asyncpg.connect(self._postgres.dsn(f"{name}_bare"))
        async with connection.transaction():
            for table in _TABLES[name]:
                await connection.copy_to_table(
                    table, source=self._folder / f"{name}-{table}", format="binary"
                )
        await connection.close()


async def _open(around: Surroundings, cohort_count: int) -> School:
    dsn = around.dsn("enrollment")
    async with Database.open(dsn, pool_size=5, application_name="bench") as database:
        return await open_school(database, FRONT, cohort_count)


async def _copy_databases(around: Surroundings) -> None:
    connection = await asyncpg.connect(around.postgres.dsn("postgres"))
    for name in _TABLES:
        await connection.execute(f"CREATE DATABASE {name}_bare TEMPLATE {name}")
    await connection.close()
