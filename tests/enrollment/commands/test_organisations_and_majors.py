"""Ends of organisations and imports of majors when two happen at once; a block that comes first."""

import asyncio
from datetime import date
from typing import Any

import pytest

from chassis.errors import DomainError
from services.enrollment.commands.block_organisations import BlockOrganisation, block_organisations
from services.enrollment.commands.close_organisations import CloseOrganisation, close_organisations
from services.enrollment.commands.create_organisations import create_organisations
from services.enrollment.commands.declare_pathway_projects import (
    DeclarePathwayProject,
    declare_pathway_projects,
)
from services.enrollment.commands.import_majors import ImportMajor, RowSame, import_majors
from services.enrollment.commands.merge_organisations import MergeOrganisation, merge_organisations
from services.enrollment.commands.rename_organisations import (
    RenameOrganisation,
    rename_organisations,
)
from services.enrollment.domain.major import Level, Major
from services.enrollment.queries.organisations import successor_at
from tests.enrollment import made
from tests.enrollment.conftest import DECLARATION, ORGANISATIONS, Desk, accepted

SUMMER = date(2024, 7, 1)


@pytest.fixture
async def schools(desk: Desk) -> Desk:
    await desk.run(create_organisations, *ORGANISATIONS)
    return desk


def merge(one: str, successor: str, *, etag: str = '"1"', on: date = SUMMER) -> MergeOrganisation:
    return MergeOrganisation(id=one, etag=etag, successor=successor, effective_date=on)


def reason_of(result: object) -> str:
    assert isinstance(result, DomainError)
    return result.reason


async def test_of_two_that_would_take_over_each_other_one_is_refused(schools: Desk) -> None:
    results: list[Any] = []

    async def other_way() -> None:
        results.extend(await schools.run(merge_organisations, merge(made.STRANGER, made.BACK)))

    await schools.run_around(other_way(), merge_organisations, merge(made.BACK, made.STRANGER))
    assert reason_of(results[0]) == "ORGANISATION_TAKES_OVER_LATER"
    assert await successor_at(schools.database, made.BACK, SUMMER) == made.STRANGER


async def test_a_successor_that_ends_earlier_is_refused_whoever_comes_first(schools: Desk) -> None:
    results: list[Any] = []
    close = CloseOrganisation(
        id=made.STRANGER, etag='"1"', keeper="", effective_date=date(2024, 1, 1)
    )

    async def end() -> None:
        results.extend(await schools.run(close_organisations, close))

    await schools.run_around(end(), merge_organisations, merge(made.BACK, made.STRANGER))
    assert reason_of(results[0]) == "ORGANISATION_TAKES_OVER_LATER"


async def test_records_follow_one_successor_after_another(schools: Desk) -> None:
    accepted((await schools.run(merge_organisations, merge(made.FRONT, made.BACK)))[0])
    later = merge(made.BACK, made.STRANGER, on=date(2026, 7, 1))
    accepted((await schools.run(merge_organisations, later))[0])
    holders = [
        await successor_at(schools.database, made.FRONT, on)
        for on in (date(2024, 6, 30), SUMMER, date(2026, 6, 30), date(2026, 7, 1))
    ]
    assert holders == [made.FRONT, made.BACK, made.BACK, made.STRANGER]


async def test_of_two_renamings_at_once_one_is_told_of_the_other(schools: Desk) -> None:
    items = [
        RenameOrganisation(
            id=made.FRONT,
            etag='"1"',
            display_name=name,
            english_name="",
            effective_date=date(2020, 9, 1),
        )
        for name in ("甲", "乙")
    ]
    results = [
        result
        for results in await asyncio.gather(
            *(schools.run(rename_organisations, item) for item in items)
        )
        for result in results
    ]
    assert sorted(isinstance(each, DomainError) for each in results) == [False, True]


@pytest.mark.parametrize("party", [made.FRONT, made.BACK])
async def test_no_project_is_declared_with_a_blocked_organisation(
    schools: Desk, party: str
) -> None:
    block = BlockOrganisation(id=party, etag='"1"', block_reason="核查")
    accepted((await schools.run(block_organisations, block))[0])
    (refused,) = await schools.run(
        declare_pathway_projects, DeclarePathwayProject(**DECLARATION), party=made.BACK
    )
    assert reason_of(refused) == "ORGANISATION_BLOCKED"


def row(code: str, name: str = "食品加工工艺", **changes: Any) -> ImportMajor:
    facts: dict[str, Any] = {
        "code": code,
        "level": Level.SECONDARY_VOCATIONAL,
        "catalogue_year": 2021,
        "display_name": name,
        "category": "食品药品与粮食大类",
        "subcategory": "食品类",
        "valid_from_date": date(2021, 1, 1),
        "replaces": [],
    }
    return ImportMajor(**{**facts, **changes})


async def test_a_project_names_a_major_of_the_catalogue_where_there_is_one(schools: Desk) -> None:
    item = DeclarePathwayProject(**{**DECLARATION, "approval_year": 2021})
    await schools.run(import_majors, row("690102", "酿酒工艺与技术"))
    (refused,) = await schools.run(declare_pathway_projects, item, party=made.BACK)
    assert reason_of(refused) == "MAJOR_UNKNOWN"
    await schools.run(import_majors, row("690101"))
    (declared,) = await schools.run(declare_pathway_projects, item, party=made.BACK)
    accepted(declared)


async def test_a_project_of_a_year_without_a_catalogue_names_any_major(schools: Desk) -> None:
    await schools.run(import_majors, row("690102", "酿酒工艺与技术"))
    item = DeclarePathwayProject(**DECLARATION)
    (declared,) = await schools.run(declare_pathway_projects, item, party=made.BACK)
    accepted(declared)


async def test_a_catalogue_imported_twice_at_once_is_there_once(schools: Desk) -> None:
    rows = [row(f"6901{number:02d}", f"专业{number}") for number in range(1, 51)]
    one, other = await asyncio.gather(
        schools.run(import_majors, *rows), schools.run(import_majors, *rows)
    )
    kinds = sorted([all(isinstance(each, Major) for each in results) for results in (one, other)])
    assert kinds == [False, True]
    assert sum(isinstance(each, RowSame) for each in (*one, *other)) == len(rows)
    events = [name for name, collection in await schools.events() if collection == "majors"]
    assert events == ["MajorEntered"] * len(rows)


async def test_a_thousand_rows_are_imported_in_one_transaction(schools: Desk) -> None:
    rows = [row(f"6{number:05d}", f"专业{number}") for number in range(1000)]
    results = await schools.run(import_majors, *rows)
    assert all(isinstance(each, Major) for each in results)


async def test_what_replaces_a_renamed_major_begins_on_the_day_after_its_end(
    schools: Desk,
) -> None:
    await schools.run(import_majors, row("690101"))
    later = row(
        "690101",
        "食品加工与检测",
        catalogue_year=2025,
        valid_from_date=date(2025, 1, 1),
        replaces=["690101"],
    )
    accepted((await schools.run(import_majors, later))[0])
    found = await schools.rows("SELECT id, valid_to_date, successors FROM major ORDER BY id")
    assert [(each["id"], each["valid_to_date"]) for each in found] == [
        ("2021-690101", date(2024, 12, 31)),
        ("2025-690101", None),
    ]
    assert found[0]["successors"] == '["2025-690101"]'
