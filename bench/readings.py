"""Which reads are measured, with which requests, and which query of the product each stands on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from google.protobuf.message import Message
from guantong.enrollment.v1.cohort_service_pb2 import ListCohortMembersRequest
from guantong.enrollment.v1.person_service_pb2 import GetPersonRequest
from guantong.enrollment.v1.person_timeline_service_pb2 import ListPersonTimelineEntriesRequest

from chassis.db import Statement
from chassis.keystore import statements
from chassis.names import name_of
from services.enrollment.queries import cohort_members, person_timelines, persons
from services.enrollment.store import person_accesses

_PACKAGE: Final = "guantong.enrollment.v1"
LOOKUP: Final = f"/{_PACKAGE}.PersonService/GetPerson"
ROSTER_PAGE: Final = f"/{_PACKAGE}.CohortService/ListCohortMembers"
TIMELINE: Final = f"/{_PACKAGE}.PersonTimelineService/ListPersonTimelineEntries"
METHODS: Final[Mapping[str, str]] = {
    "lookup": LOOKUP,
    "roster_page": ROSTER_PAGE,
    "timeline": TIMELINE,
}
# What reads ask for beside their query: the rows of the persons' keys, and the log of accesses.
KEYS: Final = "keys"
LOG: Final = "log"
PAGE_ROWS: Final = 50


@dataclass(frozen=True, slots=True)
class Student:
    """Of whom is asked, by whom."""

    person_id: UUID
    cohort_id: UUID
    front: str


def request_of(method: str, student: Student) -> Message:
    """Return the request of a read."""
    requests: dict[str, Message] = {
        LOOKUP: GetPersonRequest(name=name_of("persons", student.person_id)),
        ROSTER_PAGE: ListCohortMembersRequest(
            cohort=name_of("cohorts", student.cohort_id), page_size=PAGE_ROWS
        ),
        TIMELINE: ListPersonTimelineEntriesRequest(
            person=name_of("persons", student.person_id),
            page_size=PAGE_ROWS,
            reason="核对学籍档案",
        ),
    }
    return requests[method]


def queries() -> dict[str, Statement]:
    """Return the product's query of each read, with the parameters that their names say."""
    of_party = persons._OF_PARTY  # noqa: SLF001 - what is compared is the product's query
    of_cohort = cohort_members._LISTING  # noqa: SLF001 - as above
    of_person = person_timelines._STATEMENTS  # noqa: SLF001 - as above
    return {
        LOOKUP: of_party.statement("id", "scope"),
        ROSTER_PAGE: of_cohort.statement("cohort_id", "scope"),
        TIMELINE: of_person.of("newest_first", "scope"),
        KEYS: statements.GET,
        LOG: person_accesses._LOG_SEEN_OF_PARTY,  # noqa: SLF001 - as above
    }
