"""Recording pairings: once for two organisations under a programme, whoever else tries."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from chassis.errors import DomainError, NotYetKnown
from services.assistance.commands.create_pairings import CreatePairing, create_pairings
from services.assistance.domain.pairing import Level, Pairing, Programme
from services.assistance.domain.refusals import (
    HelperIsReceiver,
    PairingAlreadyExists,
    RegionPairWrong,
)
from tests.assistance.conftest import Desk

SCHOOLS = CreatePairing(
    level=Level.SCHOOL,
    programme=Programme.NORTH_SOUTH,
    helper="szai",
    receiver="siyang",
    agreement_number="2023-01",
    begin_date=date(2023, 1, 31),
    made_up=False,
)
REGIONS = replace(SCHOOLS, level=Level.REGION, helper="szedu", receiver="zone")


async def stored(desk: Desk) -> list[tuple[str, str]]:
    rows = await desk.rows("SELECT helper, receiver FROM pairing ORDER BY id")
    return [(row["helper"], row["receiver"]) for row in rows]


async def test_pairings_are_recorded_with_a_change_for_their_parties(desk: Desk) -> None:
    schools, regions = await desk.run(create_pairings, SCHOOLS, REGIONS)
    assert isinstance(schools, Pairing)
    assert isinstance(regions, Pairing)
    assert await stored(desk) == [("szai", "siyang"), ("szedu", "zone")]
    changes = await desk.rows("SELECT * FROM change ORDER BY id")
    assert [row["event_type"] for row in changes] == ["PairingCreated"] * 2
    assert [row["resource_name"] for row in changes] == [
        f"pairings/{schools.id}",
        f"pairings/{regions.id}",
    ]
    assert [row["audience"] for row in changes] == [["siyang", "szai", "szedu"], ["szedu", "zone"]]


@pytest.mark.parametrize(
    ("item", "refusal"),
    [
        (replace(SCHOOLS, receiver="szai"), HelperIsReceiver),
        (replace(SCHOOLS, level=Level.REGION), RegionPairWrong),
        (replace(SCHOOLS, helper="nowhere"), NotYetKnown),
        (replace(SCHOOLS, receiver="nowhere"), NotYetKnown),
    ],
)
async def test_a_refused_pairing_sinks_none_of_the_others(
    desk: Desk, item: CreatePairing, refusal: type[DomainError]
) -> None:
    refused, recorded = await desk.run(create_pairings, item, SCHOOLS)
    assert type(refused) is refusal
    assert isinstance(recorded, Pairing)
    assert await stored(desk) == [("szai", "siyang")]


async def test_an_unknown_organisation_is_named(desk: Desk) -> None:
    (refused,) = await desk.run(create_pairings, replace(SCHOOLS, helper="nowhere"))
    assert isinstance(refused, NotYetKnown)
    assert refused.metadata == {"name": "organisations/nowhere"}


@pytest.mark.parametrize("party", ["szedu", "sqedu"])
async def test_the_two_are_paired_once_under_a_programme(desk: Desk, party: str) -> None:
    await desk.run(create_pairings, SCHOOLS)
    (refused,) = await desk.run(create_pairings, SCHOOLS, party=party)
    assert isinstance(refused, PairingAlreadyExists)
    assert await stored(desk) == [("szai", "siyang")]


@pytest.mark.parametrize(
    "other",
    [
        replace(SCHOOLS, programme=Programme.INTER_SCHOOL),
        replace(SCHOOLS, helper="siyang", receiver="szai"),
        replace(SCHOOLS, helper="sztf"),
        replace(SCHOOLS, receiver="sqjm"),
    ],
)
async def test_another_programme_direction_or_party_is_another_pairing(
    desk: Desk, other: CreatePairing
) -> None:
    results = await desk.run(create_pairings, SCHOOLS, other)
    assert all(isinstance(each, Pairing) for each in results)


async def test_a_pairing_that_is_twice_in_a_call_is_recorded_once(desk: Desk) -> None:
    first, second = await desk.run(create_pairings, SCHOOLS, SCHOOLS)
    assert isinstance(first, Pairing)
    assert isinstance(second, PairingAlreadyExists)


async def test_of_two_offices_at_the_same_time_one_records_and_one_is_refused(desk: Desk) -> None:
    answers = await asyncio.gather(
        *(desk.run(create_pairings, SCHOOLS, party=party) for party in ("szedu", "sqedu") * 3)
    )
    kinds = sorted(type(answer).__name__ for (answer,) in answers)
    assert kinds == ["Pairing"] + ["PairingAlreadyExists"] * 5
    assert await stored(desk) == [("szai", "siyang")]
