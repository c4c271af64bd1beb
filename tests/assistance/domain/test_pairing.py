"""Pairings: two different organisations of the kinds that the level asks for."""

from typing import Any

import pytest

from services.assistance.domain.pairing import Level, Organisation, State
from services.assistance.domain.refusals import (
    HelperIsReceiver,
    NotAPairingOffice,
    RegionPairWrong,
)
from tests.assistance.made import HELPER, OFFICE, ORGANISATIONS, RECEIVER, organisation, pairing

BUREAUS = {"szedu", "sqedu", "zone", "office"}
SCHOOLS = {"szai", "siyang", "sztf", "sqjm", "gaobo", "cslg", "technician"}
FITTING = {Level.REGION: BUREAUS, Level.SCHOOL: SCHOOLS}


def test_a_pairing_is_in_force_from_its_record_and_kept_by_the_office_that_recorded_it() -> None:
    made = pairing()
    assert made.state is State.ACTIVE
    assert made.office == OFFICE
    assert made.version == 1
    assert made.parties == {"szai", "siyang", "szedu"}


def test_the_office_may_be_the_helper_itself() -> None:
    made = pairing(level=Level.REGION, helper=organisation("szedu"), receiver=organisation("sqedu"))
    assert made.parties == {"szedu", "sqedu"}


@pytest.mark.parametrize("level", Level)
def test_nobody_is_paired_with_itself(level: Level) -> None:
    with pytest.raises(HelperIsReceiver) as refusal:
        pairing(level=level, helper=organisation("szai"), receiver=organisation("szai"))
    assert refusal.value.metadata == {"party": "szai"}


@pytest.mark.parametrize("side", ["helper", "receiver"])
@pytest.mark.parametrize("identity", sorted(ORGANISATIONS))
@pytest.mark.parametrize("level", Level)
def test_regions_are_paired_by_bureaus_and_schools_by_schools(
    level: Level, identity: str, side: str
) -> None:
    other = next(each for each in sorted(FITTING[level]) if each != identity)
    parties: dict[str, Organisation] = {
        "helper": organisation(other),
        "receiver": organisation(other),
        side: organisation(identity),
    }
    facts: dict[str, Any] = {"level": level, **parties}
    if identity in FITTING[level]:
        assert pairing(**facts).level is level
        return
    with pytest.raises(RegionPairWrong) as refusal:
        pairing(**facts)
    assert refusal.value.metadata == {
        "party": identity,
        "organisation_kind": ORGANISATIONS[identity],
        "level": level,
    }


@pytest.mark.parametrize(
    ("level", "helper", "receiver"),
    [
        (Level.REGION, "szai", "siyang"),
        (Level.SCHOOL, "szedu", "sqedu"),
        (Level.SCHOOL, "szai", "sqedu"),
        (Level.REGION, "szedu", "siyang"),
    ],
)
def test_a_bureau_is_not_paired_with_a_school(level: Level, helper: str, receiver: str) -> None:
    with pytest.raises(RegionPairWrong):
        pairing(level=level, helper=organisation(helper), receiver=organisation(receiver))


def test_a_kind_that_is_not_known_yet_fits_no_level() -> None:
    with pytest.raises(RegionPairWrong):
        pairing(helper=Organisation(id="later", kind="A_KIND_OF_LATER"))


@pytest.mark.parametrize("office", ["gaobo", "tongcheng", "jsexam"])
def test_a_stranger_that_runs_no_programme_pairs_nobody(office: str) -> None:
    with pytest.raises(NotAPairingOffice):
        pairing(office=organisation(office))


@pytest.mark.parametrize("office", ["szedu", "sqedu", "zone", "office", HELPER, RECEIVER])
def test_one_of_the_two_and_those_that_run_programmes_record_a_pairing(office: str) -> None:
    assert pairing(office=organisation(office)).office == office
