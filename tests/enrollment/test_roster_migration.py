"""Rosters of the days before spans were kept are built from what is known of each member."""

import json
import shutil
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from chassis.migrations import upgrade
from tests.enrollment.conftest import MIGRATIONS

MakeDatabase = Callable[[str, Callable[[str], Awaitable[None]]], Awaitable[str]]
INTAKE = date(2020, 9, 1)
LEFT_TIME = datetime(2022, 3, 31, 17, tzinfo=UTC)
_LAST_BEFORE = "0008"

Span = tuple[str, str, date, date | None]
# What a member is, which statuses the front record had from when on, and the spans of it.
CASES: dict[str, tuple[dict[str, Any], list[tuple[str, date, date]], list[Span]]] = {
    "in school all the time": (
        {"state": "ACTIVE"},
        [],
        [("ACTIVE", "ADMITTED", INTAKE, None)],
    ),
    "away and back": (
        {"state": "ACTIVE", "status": "RETURNED", "since": date(2022, 9, 1)},
        [
            ("STUDYING", INTAKE, date(2021, 9, 12)),
            ("SUSPENDED", date(2021, 9, 13), date(2022, 8, 31)),
        ],
        [
            ("ACTIVE", "ADMITTED", INTAKE, date(2021, 9, 12)),
            ("SUSPENDED", "AWAY", date(2021, 9, 13), date(2022, 8, 31)),
            ("ACTIVE", "RETURNED", date(2022, 9, 1), None),
        ],
    ),
    "left by hand, and studies on": (
        {"state": "LEFT", "left_reason": "转专业"},
        [],
        # 17:00 UTC is the next day in China.
        [
            ("ACTIVE", "ADMITTED", INTAKE, date(2022, 3, 31)),
            ("LEFT", "LEFT_OTHERWISE", date(2022, 4, 1), None),
        ],
    ),
    "left by a change of school while away": (
        {"state": "LEFT", "left_reason": "31 WITHDRAW", "status": "WITHDRAWN", "ended": True},
        [
            ("STUDYING", INTAKE, date(2021, 9, 12)),
            ("SUSPENDED", date(2021, 9, 13), date(2022, 3, 31)),
        ],
        [
            ("ACTIVE", "ADMITTED", INTAKE, date(2021, 9, 12)),
            ("SUSPENDED", "AWAY", date(2021, 9, 13), date(2022, 3, 31)),
            ("LEFT", "WITHDREW", date(2022, 4, 1), None),
        ],
    ),
    "graduated": (
        {"state": "GRADUATED", "status": "GRADUATED", "graduated": date(2023, 6, 30)},
        [("STUDYING", INTAKE, date(2023, 6, 30))],
        [
            ("ACTIVE", "ADMITTED", INTAKE, date(2023, 6, 30)),
            ("GRADUATED", "GRADUATED", date(2023, 7, 1), None),
        ],
    ),
}


@pytest.fixture
async def dsn(make_database: MakeDatabase, tmp_path: Path) -> str:
    """Return a database as it was before, with a member for each case."""
    before = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, before)
    for path in (before / "versions").glob("[0-9]*.py"):
        if path.name[:4] > _LAST_BEFORE:
            path.unlink()
    name = f"enrollment-{_LAST_BEFORE}"
    dsn = await make_database(name, lambda address: upgrade(address, before))
    connection = await asyncpg.connect(dsn)
    try:
        await _fill(connection)
    finally:
        await connection.close()
    return dsn


async def _fill(connection: asyncpg.Connection) -> None:
    cohort_id = UUID(int=1)
    await connection.execute("SET session_replication_role = replica")
    await connection.execute(
        "INSERT INTO cohort VALUES ($1, 1, 'FROZEN', $1, 'siyang', 'szai', $2, $3, 40, now())",
        cohort_id,
        INTAKE,
        json.dumps(["食品2001"]),
    )
    for number, (facts, periods, _) in enumerate(CASES.values(), 2):
        member_id = UUID(int=number)
        left = LEFT_TIME if facts["state"] == "LEFT" else None
        await connection.execute(
            "INSERT INTO cohort_member (id, version, state, cohort_id, project_id, person_id,"
            " front, back, sealed_display_name, sealed_admission_number, class_name, birth_year,"
            " left_reason, left_time, made_up) VALUES ($1, 1, $2, $3, $3, $1, 'siyang', 'szai',"
            " '', '', '食品2001', 2005, $4, $5, true)",
            member_id,
            facts["state"],
            cohort_id,
            facts.get("left_reason", ""),
            left,
        )
        graduated = facts.get("graduated")
        last = periods[-1][2] if graduated or facts.get("ended") else None
        state = "GRADUATED" if graduated else "ENDED" if last else "IN_SCHOOL"
        await connection.execute(
            "INSERT INTO status_record (id, version, state, person_id, organisation, front, back,"
            " level, stage, project_id, member_id, major_code, class_name, grade_year, years,"
            " status, status_from_date, valid_from_date, valid_to_date, diploma_number,"
            " graduate_date) VALUES ($1, 1, $2, $1, 'siyang', 'siyang', 'szai',"
            " 'SECONDARY_VOCATIONAL', 'FRONT', $3, $1, '690101', '食品2001', 2020, 3, $4, $5, $6,"
            " $7, $8, $9)",
            member_id,
            state,
            cohort_id,
            facts.get("status", "STUDYING"),
            facts.get("since", graduated or INTAKE),
            INTAKE,
            last,
            "2023320001" if graduated else "",
            graduated,
        )
        await connection.executemany(
            "INSERT INTO status_period VALUES ($1, 'siyang', 'SECONDARY_VOCATIONAL', $2, '690101',"
            " '食品2001', 2020, $3, $4)",
            [(member_id, *period) for period in periods],
        )


async def test_spans_are_built_of_what_is_known(dsn: str) -> None:
    await upgrade(dsn, MIGRATIONS)
    connection = await asyncpg.connect(dsn)
    try:
        for number, (case, (_, _, expected)) in enumerate(CASES.items(), 2):
            spans = await connection.fetch(
                "SELECT state, why, valid_from_date, valid_to_date FROM member_span"
                " WHERE member_id = $1 ORDER BY valid_from_date",
                UUID(int=number),
            )
            assert [tuple(span) for span in spans] == expected, case
            (member,) = await connection.fetch(
                "SELECT state, why, state_from_date, NULL::date FROM cohort_member WHERE id = $1",
                UUID(int=number),
            )
            assert tuple(member) == expected[-1], case
        classes = await connection.fetch("SELECT * FROM cohort_class")
        assert [tuple(each) for each in classes] == [("siyang", "食品2001", 2020, UUID(int=1))]
    finally:
        await connection.close()
