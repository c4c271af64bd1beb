"""Placements and what is counted of them: each rule with its source, case and verdict."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from chassis.errors import DomainError
from services.enrollment.domain import placement_refusals as refusals
from services.enrollment.domain.events import Event
from services.enrollment.domain.placement import Destination, Finding, Match, Placement, Source
from services.enrollment.domain.practice_statistics import (
    Share,
    ShareKind,
    placement_shares,
    point_share,
)
from services.enrollment.domain.refusals import NotRecordHolder
from services.enrollment.domain.status_record import StatusRecord
from tests.enrollment import made
from tests.enrollment.practice import NOTHING, STUDY, WORK, graduate

TODAY = date(2023, 9, 1)


def record(finding: Finding = WORK, of: StatusRecord | None = None, **changes: Any) -> Placement:
    facts: dict[str, Any] = {
        "new_id": uuid4(),
        "record": of or graduate(),
        "party": made.FRONT,
        "actor": "registrar",
        "survey_date": date(2023, 8, 31),
        "source": Source.SCHOOL_SURVEY,
        "evidence_sha256": "ab" * 32,
        "corrected": None,
        "today": TODAY,
    }
    placement = Placement.record(finding, {}, **{**facts, **changes})
    placement.event = None
    return placement


FINDINGS: list[tuple[str, str, Finding, str | None]] = [
    ("who works has all of it", "ZZJY", WORK, None),
    ("pay may be unknown", "GK", replace(WORK, pay_fen=0), None),
    (
        "a registered employer needs no name",
        "GK",
        replace(WORK, employer="x", employer_name=""),
        None,
    ),
    ("work is somewhere", "GK", replace(WORK, employer_name=""), "no employer or school"),
    ("work has a post", "GK", replace(WORK, post=""), "no post"),
    ("work has a region", "GK", replace(WORK, region_code=""), "no region of work"),
    (
        "whether work fits is said",
        "ZZJY",
        replace(WORK, match=None, match_reason=""),
        "whether the work fits, and why",
    ),
    ("with the reason", "ZZJY", replace(WORK, match_reason=""), "whether the work fits, and why"),
    (
        "who has a business has no employer",
        "ZZJY",
        replace(WORK, destination=Destination.SELF_EMPLOYED, employer_name="", post=""),
        None,
    ),
    ("who studies on does so somewhere", "GK", STUDY, None),
    ("and somewhere it is", "GK", replace(STUDY, employer_name=""), "no employer or school"),
    (
        "study fits no work",
        "ZZJY",
        replace(STUDY, match=Match.MATCHED, match_reason="对口"),
        "whether the work fits, and why",
    ),
    ("who has no work has none of it", "GK", NOTHING, None),
    ("and no pay", "GK", replace(NOTHING, pay_fen=1), "post or pay without work"),
    ("who serves has no post", "GK", replace(NOTHING, destination=Destination.ARMY), None),
    ("unknown is a finding", "GK", replace(NOTHING, destination=Destination.UNKNOWN), None),
]


@pytest.mark.parametrize(
    ("rule", "source", "finding", "problem"), FINDINGS, ids=[each[0] for each in FINDINGS]
)
def test_what_is_said_fits_the_destination(
    rule: str, source: str, finding: Finding, problem: str | None
) -> None:
    assert rule
    assert source
    if problem is None:
        assert record(finding).destination is finding.destination
    else:
        with pytest.raises(refusals.PlacementFactsWrong) as raised:
            record(finding)
        assert raised.value.metadata == {"problem": problem}


RECORDS: list[tuple[str, str, dict[str, Any], type[DomainError] | None]] = [
    ("a graduate's destination is recorded", "GK", {}, None),
    ("on the day after the graduation too", "GK", {"survey_date": date(2023, 7, 1)}, None),
    ("not on that day", "GK", {"survey_date": date(2023, 6, 30)}, refusals.NotGraduate),
    ("who is in school is no graduate", "GK", {"of": made.front_record()}, refusals.NotGraduate),
    ("no survey is ahead", "GK", {"survey_date": date(2023, 9, 2)}, refusals.SurveyDateWrong),
    ("today's is not", "GK", {"survey_date": TODAY}, None),
    ("the school of the record does it", "GK", {"party": made.BACK}, NotRecordHolder),
    (
        "a correction is of the same graduate",
        "GK",
        {"corrected": record()},
        refusals.CorrectedPlacementWrong,
    ),
]


@pytest.mark.parametrize(
    ("rule", "source", "case", "verdict"), RECORDS, ids=[each[0] for each in RECORDS]
)
def test_what_is_recorded_follows_the_rules(
    rule: str, source: str, case: dict[str, Any], verdict: type[DomainError] | None
) -> None:
    assert rule
    assert source
    if verdict is None:
        assert record(**case).version == 1
    else:
        with pytest.raises(verdict):
            record(**case)


def test_another_person_confirms_and_once() -> None:
    placement = record()
    with pytest.raises(refusals.ConfirmerIsRecorder):
        placement.confirm(actor="registrar", today=TODAY)
    placement.confirm(actor="head", today=TODAY)
    assert (placement.version, placement.event) == (2, Event.PLACEMENT_CONFIRMED)
    placement.event = None
    with pytest.raises(refusals.PlacementAlreadyConfirmed):
        placement.confirm(actor="other", today=TODAY)


def test_what_is_not_known_is_not_sealed() -> None:
    assert set(WORK.values()) == {
        "destination",
        "employer_name",
        "post",
        "region_code",
        "match",
        "match_reason",
        "pay_fen",
    }
    assert NOTHING.values() == {"destination": "DESTINATION_UNEMPLOYED"}


def fraction(shares: list[Share], kind: ShareKind) -> tuple[int, int]:
    (found,) = [each for each in shares if each.kind is kind]
    assert found.numerator_definition != found.denominator_definition
    assert found.source
    return found.numerator_count, found.denominator_count


def per_mille(fraction: tuple[int, int]) -> int:
    """Return a share in thousandths, rounded half up, by integers alone."""
    return (2_000 * fraction[0] + fraction[1]) // (2 * fraction[1])


def test_305_of_414_points_are_73_7_percent() -> None:
    # S4.
    share = point_share(matched=305, points=414)
    assert (share.numerator_count, share.denominator_count) == (305, 414)
    assert per_mille((305, 414)) == 737


def counts(
    *, working: int, own: int = 0, matched: int = 0, study: int = 0, army: int = 0, none: int = 0
) -> Mapping[tuple[Destination, Match | None], int]:
    return {
        (Destination.EMPLOYED, Match.MATCHED): matched,
        (Destination.EMPLOYED, Match.NOT_MATCHED): working - matched,
        (Destination.SELF_EMPLOYED, Match.NOT_MATCHED): own,
        (Destination.FURTHER_STUDY, None): study,
        (Destination.ARMY, None): army,
        (Destination.UNKNOWN, None): none,
    }


def test_the_employment_of_2012_is_the_sum_of_its_parts() -> None:
    # ZZJY, in hundreds: 392.50 + 67.65 + 60.39 of 538.00 ten thousand, which were printed as
    # 96.76 % of numbers that were not rounded.
    shares = placement_shares(counts(working=39_250, own=6_765, study=6_039, none=53_800 - 52_054))
    assert fraction(shares, ShareKind.EMPLOYMENT) == (52_054, 53_800)
    assert per_mille((52_054, 53_800)) == 968
    assert fraction(shares, ShareKind.DIRECT_EMPLOYMENT) == (46_015, 53_800)
    assert fraction(shares, ShareKind.FURTHER_STUDY) == (6_039, 53_800)
    assert fraction(shares, ShareKind.DESTINATION_KNOWN) == (52_054, 53_800)


def test_matched_employment_is_of_those_who_work() -> None:
    shares = placement_shares(counts(working=8, own=2, matched=6, study=5, army=1))
    assert fraction(shares, ShareKind.MATCHED_EMPLOYMENT) == (6, 10)
    assert fraction(shares, ShareKind.EMPLOYMENT) == (16, 16)


def test_of_nobody_there_is_no_share() -> None:
    assert {each.denominator_count for each in placement_shares({})} == {0}
