"""Catalogues of majors: imported row by row, and asked for by date."""

from typing import Any

import pytest
from google.type.date_pb2 import Date
from guantong.enrollment.v1.major_pb2 import Major
from guantong.enrollment.v1.major_service_pb2 import ImportMajorsResponse

from tests.enrollment.edge.world import World, make_world
from tests.served import Served

Outcome = ImportMajorsResponse.Result


@pytest.fixture
async def world(fresh_enrollment: Served) -> World:
    return await make_world(fresh_enrollment)


async def import_rows(
    world: World, year: int, *rows: dict[str, Any], **fields: Any
) -> list[ImportMajorsResponse.Result]:
    request = world.request(
        "ImportMajors",
        **{
            "catalogue_year": year,
            "level": Major.LEVEL_HIGHER_VOCATIONAL,
            "valid_from_date": Date(year=year, month=1, day=1),
            "rows": rows,
            **fields,
        },
    )
    answer = await world.call("ImportMajors", request)
    return list(answer.results)


def row(code: str, name: str, *replaces: str) -> dict[str, Any]:
    return {"code": code, "display_name": name, "replaces": replaces}


def outcomes(results: list[ImportMajorsResponse.Result]) -> list[int]:
    return [each.outcome for each in results]


def only(meant: str, in_place: str) -> tuple[str, list[str]]:
    """Return what is answered where one entry is in the place of the one that was meant."""
    return f"majors/{meant}", [f"majors/{in_place}"]


async def resolve(world: World, code: str, at: int, successors_at: int) -> tuple[str, list[str]]:
    request = world.request(
        "ResolveMajor",
        code=code,
        at_date=Date(year=at, month=9, day=1),
        successor_date=Date(year=successors_at, month=9, day=1),
    )
    answer = await world.call("ResolveMajor", request)
    return answer.major.name, sorted(each.name for each in answer.successors)


async def test_each_row_is_new_changed_same_or_refused(world: World) -> None:
    first = await import_rows(world, 2021, row("540101", "旅游管理"), row("540106", "酒店管理"))
    assert outcomes(first) == [Outcome.OUTCOME_NEW, Outcome.OUTCOME_NEW]
    again = await import_rows(
        world,
        2021,
        row("540101", "旅游管理"),
        row("540106", "酒店管理与数字化运营"),
        row("690101", "食品加工工艺"),
        row("490101", "食品智能加工技术"),
        row("490101", "食品智能加工技术"),
        row("540112", "会展策划", "540199"),
    )
    assert outcomes(again) == [
        Outcome.OUTCOME_SAME,
        Outcome.OUTCOME_CHANGED,
        Outcome.OUTCOME_ERROR,
        Outcome.OUTCOME_NEW,
        Outcome.OUTCOME_ERROR,
        Outcome.OUTCOME_ERROR,
    ]
    assert again[1].major.display_name == "酒店管理与数字化运营"
    assert "690101" in again[2].error.message
    # What the second import left out is there.
    listed = await world.call(
        "ListMajors", world.request("ListMajors", level=Major.LEVEL_HIGHER_VOCATIONAL)
    )
    assert [each.code for each in listed.majors] == ["540101", "540106", "490101"]


async def test_the_same_catalogue_again_changes_nothing(world: World) -> None:
    rows = [row("540101", "旅游管理"), row("540106", "酒店管理")]
    await import_rows(world, 2021, *rows)
    before = await world.snapshot()
    assert outcomes(await import_rows(world, 2021, *rows)) == [Outcome.OUTCOME_SAME] * 2
    assert await world.snapshot() == before


async def test_a_trial_says_what_would_become_and_changes_nothing(world: World) -> None:
    await import_rows(world, 2021, row("540101", "旅游管理"))
    before = await world.snapshot()
    rows = [row("540101", "旅游"), row("540106", "酒店管理"), row("690101", "食品")]
    tried = await import_rows(world, 2021, *rows, validate_only=True)
    assert outcomes(tried) == [
        Outcome.OUTCOME_CHANGED,
        Outcome.OUTCOME_NEW,
        Outcome.OUTCOME_ERROR,
    ]
    assert await world.snapshot() == before


async def test_a_code_means_what_it_meant_on_the_day(world: World) -> None:
    """540101 was 建筑设计 in the catalogue of 2015 and is 旅游管理 in that of 2021."""
    await import_rows(
        world, 2015, row("540101", "建筑设计"), row("640101", "旅游管理"), row("640105", "酒店管理")
    )
    # The code is still the other major's: neither is the successor of the other.
    (taken,) = await import_rows(world, 2021, row("540101", "旅游管理", "640101"))
    assert taken.outcome == Outcome.OUTCOME_ERROR
    # 建筑设计 has another code from then on; then the code is free.
    await import_rows(world, 2021, row("440101", "建筑设计", "540101"))
    results = await import_rows(
        world,
        2021,
        row("540101", "旅游管理", "640101"),
        row("540106", "酒店管理与数字化运营", "640105"),
    )
    assert outcomes(results) == [Outcome.OUTCOME_NEW] * 2
    assert await resolve(world, "540101", 2018, 2023) == (
        "majors/2015-540101",
        ["majors/2021-440101"],
    )
    assert await resolve(world, "640105", 2018, 2023) == (
        "majors/2015-640105",
        ["majors/2021-540106"],
    )
    assert await resolve(world, "640105", 2018, 2018) == (
        "majors/2015-640105",
        ["majors/2015-640105"],
    )
    assert await resolve(world, "540101", 2023, 2023) == (
        "majors/2021-540101",
        ["majors/2021-540101"],
    )


async def test_a_split_major_has_several_successors_and_a_retired_one_none(world: World) -> None:
    await import_rows(world, 2015, row("640101", "旅游管理"), row("640107", "景区"))
    (tourism, guide) = await import_rows(
        world, 2021, row("540101", "旅游管理", "640101"), row("540102", "导游", "640101")
    )
    former, in_place = await resolve(world, "640101", 2018, 2023)
    assert (former, in_place) == (
        "majors/2015-640101",
        sorted([tourism.major.name, guide.major.name]),
    )
    request = world.request(
        "RetireMajor", name="majors/2015-640107", valid_to_date=Date(year=2020, month=12, day=31)
    )
    retired = await world.call("RetireMajor", request)
    assert retired.valid_to_date == Date(year=2020, month=12, day=31)
    assert await resolve(world, "640107", 2018, 2023) == ("majors/2015-640107", [])


async def test_an_entry_that_goes_on_in_a_later_catalogue_is_the_same_major(world: World) -> None:
    await import_rows(world, 2021, row("540101", "旅游管理"))
    (again,) = await import_rows(world, 2025, row("540101", "旅游管理"))
    assert again.outcome == Outcome.OUTCOME_NEW
    assert await resolve(world, "540101", 2023, 2025) == (
        "majors/2021-540101",
        ["majors/2025-540101"],
    )
