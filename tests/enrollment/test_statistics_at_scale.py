"""What statistics look at grows with what they count, and no faster.

Rows are counted as PostgreSQL reports them, loop by loop: no time is measured, so that the
machine does not matter. What `Database.counting` runs is planned with the values; of the others
the server may prefer a plan that is made without any, when a statement comes often.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest

from chassis import db
from chassis.db import Statement
from chassis.migrations import upgrade
from chassis.paging import read_page
from services.enrollment import app
from services.enrollment.queries import (
    cohort_counts,
    cooperation_counts,
    headcounts,
    order_classes,
    placement_statistics,
    project_sheets,
)
from services.enrollment.queries import cooperation_statistics as cooperation
from services.enrollment.queries.schools_asked import Question
from tests.enrollment import population

MakeDatabase = Callable[[str, Callable[[str], Awaitable[None]]], Awaitable[str]]
Ask = Callable[[db.Reader], Awaitable[Any]]
MIGRATIONS = Path(app.__file__).with_name("migrations")
PERSONS: Final = 40_000
# Of a person a count may look at so many rows: records, periods, versions of placements, indexes.
ROWS_A_PERSON: Final = 20
# One school of 200 has fewer than so many of a hundred persons.
SHARE_OF_A_SCHOOL: Final = 0.05
_ON: Final = date(2019, 3, 1)
_NO_FILTERS: Final = dict.fromkeys(
    ("approval_year", "front", "back", "front_major_code", "back_major_code")
)


@pytest.fixture(scope="module")
async def populated(make_database: MakeDatabase) -> str:
    """Return the address of a database with many persons."""
    dsn = await make_database("enrollment", lambda dsn: upgrade(dsn, MIGRATIONS))
    await population.populate(dsn, PERSONS)
    return dsn


@pytest.fixture
async def connection(populated: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(populated, server_settings={"jit": "off"})
    yield connection
    await connection.close()


class Watched(db.Reader):
    """Runs statements, and counts the rows that their plans look at."""

    def __init__(self, connection: asyncpg.Connection, *, is_generic: bool) -> None:
        super().__init__(connection)
        self._connection = connection
        self._is_generic = is_generic
        self.rows = 0.0

    async def fetch(self, statement: Statement, **params: Any) -> list[db.Row]:
        await self._watch(statement, params)
        return await super().fetch(statement, **params)

    async def fetch_one(self, statement: Statement, **params: Any) -> db.Row | None:
        await self._watch(statement, params)
        return await super().fetch_one(statement, **params)

    async def fetch_value(self, statement: Statement, **params: Any) -> Any:
        await self._watch(statement, params)
        return await super().fetch_value(statement, **params)

    async def _watch(self, statement: Statement, params: dict[str, Any]) -> None:
        values = ", ".join(map(_literal, statement.arguments(params)))
        mode = "force_generic_plan" if self._is_generic else "force_custom_plan"
        await self._connection.execute(f"SET plan_cache_mode = {mode}")
        await self._connection.execute(f"PREPARE watched AS {statement.sql}")
        explained = await self._connection.fetchval(
            f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE watched({values})"
        )
        await self._connection.execute("DEALLOCATE watched")
        self.rows += sum(_looked_at(json.loads(explained)[0]["Plan"]))


def _looked_at(node: dict[str, Any]) -> Iterator[float]:
    removed = (node.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Join Filter"))
    yield (node["Actual Rows"] + sum(removed)) * node["Actual Loops"]
    for each in node.get("Plans", ()):
        yield from _looked_at(each)


def _literal(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case bool() | int():
            return str(value)
        case list():
            return f"ARRAY[{', '.join(map(_literal, value))}]"
        case str() | date() | UUID():
            return f"'{value}'"
    raise TypeError(value)


def _question(*, organisation: str = "", region_code: str = "") -> Question:
    return Question(
        organisation=organisation,
        region_code=region_code,
        from_date=date(2013, 1, 1),
        to_date=date(2022, 12, 31),
        at_date=date(2023, 12, 31),
    )


def _statistics(question: Question) -> dict[str, Ask]:
    school = question.organisation
    filters = headcounts.Filters(
        organisation=school or None, region_prefix=question.region_code.rstrip("0")
    )
    page = read_page(1000, "", {})
    sheets = partial(project_sheets.list_project_sheets, page=page, on=_ON)
    return {
        "placements": partial(placement_statistics.count_placements, question=question),
        "cooperation": partial(cooperation.count_cooperation, question=question),
        "order classes": partial(order_classes.count_order_classes, question=question),
        "cooperations": partial(
            cooperation_counts.count_cooperations,
            on=_ON,
            scope=None,
            party=school,
            region=question.region_code.rstrip("0"),
        ),
        "headcounts": partial(headcounts.list_headcounts, page=page, filters=filters, on=_ON),
        "sheets": partial(sheets, scope=None, **{**_NO_FILTERS, "front": school or None}),
    }


# What the servicer of statistics asks by a reader for counts.
_COUNTED: Final = {"placements", "cooperation", "order classes"}
_NAMES: Final = list(_statistics(_question()))


@pytest.mark.parametrize("region_code", ["", population.REGION])
@pytest.mark.parametrize(
    ("name", "is_generic"),
    [
        *((name, False) for name in _NAMES),
        *((name, True) for name in _NAMES if name not in _COUNTED),
    ],
)
async def test_a_statistic_looks_a_few_times_at_what_is_held_of_a_person(
    connection: asyncpg.Connection, name: str, region_code: str, *, is_generic: bool
) -> None:
    reader = Watched(connection, is_generic=is_generic)
    await _statistics(_question(region_code=region_code))[name](reader)
    assert 0 < reader.rows < ROWS_A_PERSON * PERSONS


# Which cooperations a party has is looked up for each in turn: there are few beside persons.
@pytest.mark.parametrize("name", [name for name in _NAMES if name != "cooperations"])
async def test_a_statistic_of_a_school_reads_what_is_held_of_its_persons(
    connection: asyncpg.Connection, name: str
) -> None:
    reader = Watched(connection, is_generic=False)
    await _statistics(_question(organisation="school-3"))[name](reader)
    assert 0 < reader.rows < ROWS_A_PERSON * PERSONS * SHARE_OF_A_SCHOOL


async def test_members_of_a_school_are_counted_by_its_cohorts(
    connection: asyncpg.Connection,
) -> None:
    reader = Watched(connection, is_generic=False)
    counts = await cohort_counts.count_members(reader, "school", "school-3", on=_ON, scope=None)
    assert counts
    assert reader.rows < ROWS_A_PERSON * PERSONS * SHARE_OF_A_SCHOOL
