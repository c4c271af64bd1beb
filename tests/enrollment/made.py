"""Made-up records for the tests of enrollment: the two schools of the founding case.

No person here is real: ID numbers are of made-up serials with a right check digit.
"""

from dataclasses import replace
from datetime import date
from typing import Any, TypeVar
from uuid import UUID, uuid4

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.back_stage_registration import Arrival
from services.enrollment.domain.cohort import Cohort
from services.enrollment.domain.cohort_member import CohortMember
from services.enrollment.domain.id_numbers import check_character
from services.enrollment.domain.organisation import Kind
from services.enrollment.domain.pathway_project import PathwayProject
from services.enrollment.domain.pathways import Type
from services.enrollment.domain.person import Applicant
from services.enrollment.domain.status_record import StatusRecord

Made = TypeVar("Made", bound=Aggregate)

FRONT = "siyang"
BACK = "szai"
STRANGER = "gaobo"
CLASSES = ["食品2001", "食品2002"]

PROJECT: dict[str, Any] = {
    "project_number": "JS2020-33-001",
    "type": Type.ZG_3_3,
    "approval_year": 2020,
    "front": FRONT,
    "front_kind": Kind.SECONDARY_VOCATIONAL,
    "front_major": "食品加工工艺",
    "front_major_code": "690101",
    "back": BACK,
    "back_kind": Kind.HIGHER_VOCATIONAL,
    "back_major": "食品智能加工技术",
    "back_major_code": "490101",
    "front_plan": 40,
    "back_plan": 40,
    "made_up": True,
}
APPLICANT = Applicant(
    person_id=UUID(int=1),
    sealed_display_name=b"name",
    sealed_id_number=b"number",
    sealed_masked_id_number=b"masked",
    sealed_admission_number=b"admission",
    birth_year=2005,
    sex_code="1",
    ethnicity_code="01",
    made_up=True,
)


def id_number(serial: int, *, birth_date: date = date(2005, 3, 14)) -> str:
    """Return a valid number of 泗阳 with this serial."""
    return with_check(f"321323{birth_date:%Y%m%d}{serial:03d}")


def with_check(digits: str) -> str:
    """Return a number whose check digit is right, whatever the rest of it."""
    return digits + check_character(digits)


def declared_project(**changes: Any) -> PathwayProject:
    facts = {"party": BACK, "new_id": uuid4(), **PROJECT, **changes}
    return _settled(PathwayProject.declare(**facts))


def approved_project(**changes: Any) -> PathwayProject:
    project = declared_project(**changes)
    project.approve(approval_document_number="苏教职函〔2020〕20号")
    return _settled(project)


def open_cohort(project: PathwayProject | None = None) -> Cohort:
    cohort = Cohort.open(
        party=FRONT,
        new_id=uuid4(),
        project=project or approved_project(),
        intake_date=date(2020, 9, 1),
        class_names=CLASSES,
        taken={},
    )
    return _settled(cohort)


def active_member(cohort: Cohort | None = None) -> CohortMember:
    applicant = replace(APPLICANT, person_id=uuid4())
    member = CohortMember.enrol(
        applicant, new_id=uuid4(), cohort=cohort or open_cohort(), class_name=CLASSES[0]
    )
    return _settled(member)


def front_record(
    member: CohortMember | None = None, project: PathwayProject | None = None
) -> StatusRecord:
    project = project or approved_project()
    cohort = open_cohort(project)
    member = member or active_member(cohort)
    record = StatusRecord.open_front(new_id=uuid4(), member=member, cohort=cohort, project=project)
    return _settled(record)


def arrival_of(member: CohortMember, **changes: Any) -> Arrival:
    arrival = Arrival(
        application_id=uuid4(),
        project_id=member.project_id,
        person_id=member.person_id,
        member_id=member.id,
        front=member.front,
        back=member.back,
        arrive_date=date(2023, 9, 4),
    )
    return replace(arrival, **changes)


def _settled(aggregate: Made) -> Made:
    """Return an aggregate as a later command would load it."""
    aggregate.event = None
    return aggregate
