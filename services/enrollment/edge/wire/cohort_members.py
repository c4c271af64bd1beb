"""Members of cohorts on the wire; who asks to be enrolled comes in clear and is sealed at once."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from guantong.common.v1 import sealed_pb2
from guantong.enrollment.v1 import cohort_pb2 as pb
from guantong.enrollment.v1 import cohort_service_pb2 as service_pb

from chassis.changes import Encoded
from chassis.civil import from_date, from_instant
from chassis.etags import etag_of
from chassis.names import name_of, parse_uuid
from chassis.texts import to_text
from services.enrollment.commands.assign_classes import AssignClass
from services.enrollment.commands.enroll_cohort_members import EnrollCohortMember
from services.enrollment.commands.remove_cohort_members import RemoveCohortMember
from services.enrollment.commands.seal_applicants import Details
from services.enrollment.domain.cohort_member import CohortMember, Why
from services.enrollment.domain.id_numbers import IdNumber
from services.enrollment.domain.person import Applicant

COLLECTION = "cohortMembers"


def to_message(fields: Mapping[str, Any]) -> pb.CohortMember:
    """Return the resource of a row, with its personal fields sealed."""
    return pb.CohortMember(
        name=name_of(COLLECTION, fields["id"]),
        version=fields["version"],
        etag=etag_of(fields["version"]),
        state=pb.CohortMember.State.Value(f"STATE_{fields['state']}"),
        cohort=name_of("cohorts", fields["cohort_id"]),
        pathway_project=name_of("pathwayProjects", fields["project_id"]),
        person=name_of("persons", fields["person_id"]),
        front_organisation=name_of("organisations", fields["front"]),
        back_organisation=name_of("organisations", fields["back"]),
        class_name=fields["class_name"],
        birth_year=fields["birth_year"],
        left_reason=fields["left_reason"],
        left_time=from_instant(fields["left_time"]),
        sealed=sealed_pb2.Sealed(
            subject=str(fields["person_id"]),
            # Of the erased there is nothing.
            fields={
                name: fields[f"sealed_{name}"]
                for name in ("display_name", "admission_number", "left_reason")
                if fields[f"sealed_{name}"]
            },
        ),
        made_up=fields["made_up"],
        why=pb.CohortMember.Why.Value(f"WHY_{fields['why']}"),
        state_from_date=from_date(fields["state_from_date"]),
    )


def encode(member: CohortMember) -> Encoded:
    """Return the resource as it is stored, for both schools."""
    message = to_message(vars(member))
    return Encoded(message.name, message, (member.front, member.back))


def to_details(request: service_pb.EnrollCohortMemberRequest, *, today: date) -> Details:
    """Return who is to be enrolled; raises IdNumberInvalid."""
    return Details(
        display_name=to_text(request.display_name, field="display_name"),
        id_number=IdNumber.parse(request.id_number, today=today),
        admission_number=to_text(request.admission_number, field="admission_number"),
        ethnicity_code=request.ethnicity_code,
        made_up=request.made_up,
    )


def to_enroll(
    request: service_pb.EnrollCohortMemberRequest, applicant: Applicant
) -> EnrollCohortMember:
    """Return the enrolment that a request asks for."""
    return EnrollCohortMember(
        cohort_id=parse_uuid("cohorts", request.cohort, field="cohort"),
        class_name=to_text(request.class_name, field="class_name"),
        applicant=applicant,
    )


def to_remove(
    request: service_pb.RemoveCohortMemberRequest, sealed: Mapping[str, Any]
) -> RemoveCohortMember:
    """Return the removal that a request asks for."""
    return RemoveCohortMember(
        id=parse_uuid(COLLECTION, request.name),
        etag=request.etag,
        **sealed,
        why=to_why(request.why) if request.why else Why.LEFT_OTHERWISE,
    )


def to_why(value: pb.CohortMember.Why.ValueType) -> Why:
    """Return a reason."""
    return Why(pb.CohortMember.Why.Name(value).removeprefix("WHY_"))


def to_assign(request: service_pb.AssignClassRequest) -> AssignClass:
    """Return the class that a request assigns."""
    return AssignClass(
        id=parse_uuid(COLLECTION, request.name),
        etag=request.etag,
        class_name=to_text(request.class_name, field="class_name"),
        why=to_why(request.why),
    )
