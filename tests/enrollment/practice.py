"""Made-up internships and placements for the tests."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from services.enrollment.domain.consent import Consent, Purpose
from services.enrollment.domain.internship import Internship, Minority, Signer
from services.enrollment.domain.internship_plan import Plan, SealedDetails
from services.enrollment.domain.internship_point import InternshipPoint
from services.enrollment.domain.organisation import Kind, Organisation
from services.enrollment.domain.placement import Destination, Finding, Match
from services.enrollment.domain.policies import Place, SchoolKind
from services.enrollment.domain.status_record import State as RecordState
from services.enrollment.domain.status_record import StatusRecord
from services.enrollment.edge.policies import load_policies
from services.enrollment.edge.regions import RegionList
from tests.enrollment import made

POLICIES = load_policies()
EMPLOYER = "tongcheng"
MAJOR = made.PROJECT["front_major_code"]
AGREEMENT = "ab" * 32
# A day in the third year; the student of the tests is born on 2005-03-14.
START, END = date(2023, 1, 2), date(2023, 7, 1)
ADULT, MINOR = date(2004, 12, 31), date(2005, 3, 14)


def organisation(organisation_id: str, kind: Kind, **changes: Any) -> Organisation:
    facts: dict[str, Any] = {
        "new_id": organisation_id,
        "display_name": organisation_id,
        "english_name": "",
        "raw_names": [],
        "kind": kind,
        "region_code": "320500",
        "school_code": "",
        "uscc": "",
        "made_up": True,
        "on": date(2020, 1, 1),
    }
    found = Organisation.register(regions=RegionList(), **{**facts, **changes})
    found.event = None
    return found


def point(**changes: Any) -> InternshipPoint:
    facts: dict[str, Any] = {
        "new_id": uuid4(),
        "party": made.FRONT,
        "post": "食品检验员",
        "major_codes": [MAJOR],
        "match_reason": "岗位任务属于专业核心课程",
        "region_code": "320500",
        "valid_from_date": date(2022, 1, 1),
    }
    employer = organisation(EMPLOYER, Kind.ENTERPRISE)
    found = InternshipPoint.declare(employer, **{**facts, **changes})
    found.event = None
    return found


def plan(record: StatusRecord | None = None, **changes: Any) -> Plan:
    facts: dict[str, Any] = {
        "record": record or made.front_record(),
        "point": point(),
        "employer": organisation(EMPLOYER, Kind.ENTERPRISE),
        "major_codes": {MAJOR},
        "place": Place("32", SchoolKind.SECONDARY),
        "birth_date": ADULT,
        "start_date": START,
        "end_date": END,
        "is_paid": True,
        "intermediary": "",
        "length_reason": "",
        "filing_number": "",
        "cooperation": None,
        "sealed": SealedDetails(
            display_name=b"name", pay_fen=b"pay", school_mentor=b"one", enterprise_mentor=b"two"
        ),
    }
    return Plan(**{**facts, **changes})


def planned(others: tuple[Internship, ...] = (), **changes: Any) -> Internship:
    internship = Internship.plan(plan(**changes), new_id=uuid4(), policies=POLICIES, others=others)
    return settled(internship)


def minority(
    *,
    birth_date: date = ADULT,
    guardian_id: UUID | None = None,
    give_date: date = START,
    is_given: bool = False,
) -> Minority:
    consent = Consent.give(
        new_id=uuid4(),
        person_id=uuid4(),
        parties=[made.FRONT],
        guardian_id=guardian_id,
        purpose=Purpose.INTERNSHIP,
        give_date=give_date,
        evidence_sha256=AGREEMENT,
    )
    return Minority(policies=POLICIES, birth_date=birth_date, consent=consent if is_given else None)


def sign(internship: Internship, signer: Signer = Signer.STUDENT, **changes: Any) -> Internship:
    facts: dict[str, Any] = {
        "party": made.FRONT,
        "sign_date": date(2022, 12, 30),
        "agreement_sha256": AGREEMENT,
        "minority": minority(),
        "today": START,
    }
    internship.sign(signer, **{**facts, **changes})
    return settled(internship)


def agreed(**changes: Any) -> Internship:
    internship = planned(**changes)
    for signer in Signer:
        sign(internship, signer)
    return internship


def running(**changes: Any) -> Internship:
    internship = agreed(**changes)
    internship.start(
        party=made.FRONT,
        record_state=RecordState.IN_SCHOOL,
        minority=minority(),
        today=internship.start_date,
    )
    return settled(internship)


def settled(internship: Internship) -> Internship:
    """Return an internship as a later command would load it."""
    internship.event = None
    return internship


def graduate(graduate_date: date = date(2023, 6, 30)) -> StatusRecord:
    record = made.front_record()
    record.graduate(party=made.FRONT, sealed_diploma_number=b"sealed", graduate_date=graduate_date)
    record.event = None
    return record


WORK = Finding(
    destination=Destination.EMPLOYED,
    employer="",
    employer_name="某食品公司",
    post="检验员",
    region_code="320500",
    match=Match.MATCHED,
    match_reason="岗位属于专业方向",
    pay_fen=450_000,
)
STUDY = replace(
    WORK,
    destination=Destination.FURTHER_STUDY,
    employer_name="某学院",
    post="",
    match=None,
    match_reason="",
    pay_fen=0,
)
NOTHING = replace(STUDY, destination=Destination.UNEMPLOYED, employer_name="", region_code="")
