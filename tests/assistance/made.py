"""Made-up records for the tests of assistance, around the schools of the founding case."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from services.assistance.domain.indicator import Indicator, Kind
from services.assistance.domain.pairing import Level, Organisation, Pairing, Programme
from services.assistance.domain.registration import Registration

OFFICE = "szedu"
HELPER = "szai"
RECEIVER = "siyang"
STRANGER = "gaobo"
NOON = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
ORGANISATIONS = {
    "szedu": "EDUCATION_BUREAU",
    "sqedu": "EDUCATION_BUREAU",
    "zone": "ZONE",
    "office": "ASSISTANCE_OFFICE",
    "szai": "HIGHER_VOCATIONAL",
    "siyang": "SECONDARY_VOCATIONAL",
    "sztf": "FIVE_YEAR_VOCATIONAL",
    "sqjm": "FIVE_YEAR_VOCATIONAL",
    "gaobo": "HIGHER_VOCATIONAL",
    "cslg": "UNIVERSITY",
    "technician": "TECHNICIAN",
    "tongcheng": "ENTERPRISE",
    "jsexam": "EXAM_AUTHORITY",
    "suite": "SUITE",
}


def organisation(identity: str) -> Organisation:
    return Organisation(id=identity, kind=ORGANISATIONS[identity])


def pairing(**changes: Any) -> Pairing:
    """Return a pairing as a later command would load it."""
    facts: dict[str, Any] = {
        "new_id": uuid4(),
        "level": Level.SCHOOL,
        "programme": Programme.NORTH_SOUTH,
        "helper": organisation(HELPER),
        "receiver": organisation(RECEIVER),
        "agreement_number": "2023-01",
        "begin_date": date(2023, 1, 31),
        "made_up": False,
        "office": organisation(OFFICE),
    }
    made = Pairing.create(**facts | changes)
    made.event = None
    return made


def indicator(**changes: Any) -> Indicator:
    facts: dict[str, Any] = {
        "new_id": uuid4(),
        "kind": Kind.STUDENTS_REGISTERED,
        "target": 40,
        "counted": 0,
        "party": OFFICE,
    }
    made = Indicator.set_for(pairing(), **facts | changes)
    made.event = None
    return made


def registration(**changes: Any) -> Registration:
    """Return a registration that no other one is confused with."""
    facts: dict[str, Any] = {
        "id": uuid4(),
        "version": 9,
        "sha256": bytes(32),
        "front": RECEIVER,
        "back": HELPER,
        "is_registered": True,
        "event_id": uuid4(),
        "event_type": "ApplicationRegistered",
        "source": "transfer",
        "position": 1,
        "business_time": NOON,
    }
    return Registration(**facts | changes)


def cancelled(earlier: Registration) -> Registration:
    """Return what a failed re-check makes of a registration."""
    return registration(
        id=earlier.id,
        version=earlier.version + 1,
        front=earlier.front,
        back=earlier.back,
        is_registered=False,
        event_type="ApplicationCancelled",
        position=earlier.position + 1,
    )
