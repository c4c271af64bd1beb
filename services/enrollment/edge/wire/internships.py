"""Internships and their points on the wire."""

import json
from collections.abc import Mapping
from typing import Any

from guantong.common.v1 import sealed_pb2
from guantong.enrollment.v1 import internship_pb2 as pb
from guantong.enrollment.v1 import internship_service_pb2 as service_pb

from chassis.changes import Encoded
from chassis.civil import from_date, to_date
from chassis.etags import etag_of
from chassis.names import name_of, parse_slug, parse_uuid, parse_uuid_or_none
from chassis.texts import to_optional_text, to_text
from services.enrollment.commands.break_off_internships import BreakOffInternship
from services.enrollment.commands.changing import Target
from services.enrollment.commands.complete_internships import CompleteInternship
from services.enrollment.commands.declare_internship_points import DeclareInternshipPoint
from services.enrollment.commands.end_internship_points import EndInternshipPoint
from services.enrollment.commands.extend_internships import ExtendInternship
from services.enrollment.commands.plan_internships import PlanInternship
from services.enrollment.commands.sign_internships import SignInternship
from services.enrollment.domain.internship import Internship, Signer
from services.enrollment.domain.internship_point import InternshipPoint
from services.enrollment.store import internships as store

COLLECTION = "internships"
POINTS = "internshipPoints"
_SIGNERS = {pb.Internship.Signer.Value(f"SIGNER_{each}"): each for each in Signer}
_SEALED = ("display_name", "pay_fen", "school_mentor", "enterprise_mentor")


def to_point_message(fields: Mapping[str, Any]) -> pb.InternshipPoint:
    """Return the point of a row, or of an aggregate's fields."""
    codes = fields["major_codes"]
    major_codes = json.loads(codes) if isinstance(codes, str) else codes
    return pb.InternshipPoint(
        name=name_of(POINTS, fields["id"]),
        version=fields["version"],
        etag=etag_of(fields["version"]),
        state=pb.InternshipPoint.State.Value(f"STATE_{fields['state']}"),
        organisation=name_of("organisations", fields["organisation"]),
        enterprise=name_of("organisations", fields["enterprise"]),
        post=fields["post"],
        major_codes=major_codes,
        is_matched=bool(major_codes),
        match_reason=fields["match_reason"],
        region_code=fields["region_code"],
        valid_from_date=from_date(fields["valid_from_date"]),
        valid_to_date=from_date(fields["valid_to_date"]),
    )


def to_message(row: Mapping[str, Any]) -> pb.Internship:
    """Return the internship of a row, with its personal fields sealed."""
    return message_of(store.from_row(row))


def message_of(internship: Internship) -> pb.Internship:
    """Return the resource, with its personal fields sealed."""
    fields = vars(internship)
    dates = ("start", "end", "school_sign", "enterprise_sign", "student_sign", "run", "complete")
    days: dict[str, Any] = {
        f"{each}_date": from_date(fields[f"{each}_date"]) for each in (*dates, "break_off")
    }
    texts = ("length_reason", "filing_number", "agreement_sha256", "break_off_reason", "major_code")
    facts: dict[str, Any] = {each: fields[each] for each in texts}
    sealed = {each: fields[f"sealed_{each}"] for each in _SEALED if fields[f"sealed_{each}"]}
    return pb.Internship(
        name=name_of(COLLECTION, internship.id),
        version=internship.version,
        etag=etag_of(internship.version),
        state=pb.Internship.State.Value(f"STATE_{internship.state}"),
        holder=name_of("organisations", internship.holder or None),
        person=name_of("persons", internship.person_id),
        status_record=name_of("statusRecords", internship.status_record_id),
        organisation=name_of("organisations", internship.organisation),
        enterprise=name_of("organisations", internship.enterprise),
        internship_point=name_of(POINTS, internship.point_id),
        guardian_consent=name_of("consents", internship.guardian_consent_id),
        learning_outcome=name_of("learningOutcomes", internship.learning_outcome_id),
        extensions=[
            pb.Internship.Extension(
                previous_end_date=from_date(each.previous_end_date),
                end_date=from_date(each.end_date),
                filing_number=each.filing_number,
                extend_date=from_date(each.extend_date),
            )
            for each in internship.extensions
        ],
        cooperation=name_of("cooperations", internship.cooperation_id),
        sealed=sealed_pb2.Sealed(subject=str(internship.person_id), fields=sealed),
        **days,
        **facts,
    )


def encode_point(point: InternshipPoint) -> Encoded:
    """Return the point as it is stored, for its school and its enterprise."""
    message = to_point_message(vars(point))
    return Encoded(message.name, message, (point.organisation, point.enterprise))


def encode(internship: Internship) -> Encoded:
    """Return the internship as it is stored, for its school.

    What was once sent to an enterprise would stay there when the student withdraws the consent;
    an enterprise reads, and is asked each time.
    """
    message = message_of(internship)
    return Encoded(message.name, message, (internship.organisation,))


def to_declare(request: service_pb.DeclareInternshipPointRequest) -> DeclareInternshipPoint:
    """Return the point that a request declares."""
    return DeclareInternshipPoint(
        enterprise=parse_slug("organisations", request.enterprise, field="enterprise"),
        post=to_text(request.post, field="post"),
        major_codes=list(request.major_codes),
        match_reason=to_text(request.match_reason, field="match_reason"),
        region_code=request.region_code,
        valid_from_date=to_date(request.valid_from_date, field="valid_from_date"),
    )


def to_end(request: service_pb.EndInternshipPointRequest) -> EndInternshipPoint:
    """Return the end of a point that a request asks for."""
    return EndInternshipPoint(
        id=parse_uuid(POINTS, request.name),
        etag=request.etag,
        valid_to_date=to_date(request.valid_to_date, field="valid_to_date"),
    )


def to_plan(request: service_pb.PlanInternshipRequest) -> PlanInternship:
    """Return the internship that a request plans."""
    return PlanInternship(
        status_record_id=parse_uuid("statusRecords", request.status_record, field="status_record"),
        point_id=parse_uuid(POINTS, request.internship_point, field="internship_point"),
        start_date=to_date(request.start_date, field="start_date"),
        end_date=to_date(request.end_date, field="end_date"),
        pay_fen=request.pay_fen,
        school_mentor=to_text(request.school_mentor, field="school_mentor"),
        enterprise_mentor=to_text(request.enterprise_mentor, field="enterprise_mentor"),
        intermediary=to_optional_text(request.intermediary, field="intermediary"),
        length_reason=to_optional_text(request.length_reason, field="length_reason"),
        filing_number=to_optional_text(request.filing_number, field="filing_number"),
        cooperation_id=parse_uuid_or_none("cooperations", request.cooperation, field="cooperation"),
    )


def to_sign(request: service_pb.SignInternshipRequest) -> SignInternship:
    """Return the signature that a request records."""
    return SignInternship(
        id=parse_uuid(COLLECTION, request.name),
        etag=request.etag,
        signer=_SIGNERS[request.signer],
        sign_date=to_date(request.sign_date, field="sign_date"),
        agreement_sha256=request.agreement_sha256,
    )


def to_start(request: service_pb.StartInternshipRequest) -> Target:
    """Return the internship that a request starts."""
    return Target(id=parse_uuid(COLLECTION, request.name), etag=request.etag)


def to_extend(request: service_pb.ExtendInternshipRequest) -> ExtendInternship:
    """Return the extension that a request asks for."""
    return ExtendInternship(
        id=parse_uuid(COLLECTION, request.name),
        etag=request.etag,
        end_date=to_date(request.end_date, field="end_date"),
        filing_number=to_optional_text(request.filing_number, field="filing_number"),
    )


def to_complete(request: service_pb.CompleteInternshipRequest) -> CompleteInternship:
    """Return the completion that a request asks for."""
    return CompleteInternship(
        id=parse_uuid(COLLECTION, request.name),
        etag=request.etag,
        hours=request.hours,
        evidence_sha256=request.evidence_sha256,
    )


def to_break_off(request: service_pb.BreakOffInternshipRequest) -> BreakOffInternship:
    """Return the end before the time that a request asks for."""
    is_given = request.HasField("break_off_date")
    return BreakOffInternship(
        id=parse_uuid(COLLECTION, request.name),
        etag=request.etag,
        break_off_date=to_date(request.break_off_date, field="break_off_date")
        if is_given
        else None,
        reason=to_text(request.reason, field="reason"),
    )
