"""Learning outcomes on the wire; the certificate's number comes in clear and is sealed at once."""

from collections.abc import Mapping
from typing import Any

from guantong.common.v1 import sealed_pb2
from guantong.enrollment.v1 import learning_outcome_pb2 as pb
from guantong.enrollment.v1 import learning_outcome_service_pb2 as service_pb

from chassis.changes import Encoded
from chassis.civil import from_date, to_date
from chassis.etags import etag_of
from chassis.names import name_of, parse_slug_or_none, parse_uuid
from chassis.texts import to_optional_text, to_text
from services.enrollment.commands.accumulate_learning_outcomes import AccumulateLearningOutcome
from services.enrollment.commands.recognise_learning_outcomes import RecogniseLearningOutcome
from services.enrollment.commands.reject_learning_outcomes import RejectLearningOutcome
from services.enrollment.commands.revoke_learning_outcomes import RevokeLearningOutcome
from services.enrollment.commands.verify_learning_outcomes import VerifyLearningOutcome
from services.enrollment.domain.learning_outcome import Declaration, Grade, Kind, LearningOutcome

COLLECTION = "learningOutcomes"
_KINDS = {pb.LearningOutcome.Kind.Value(f"KIND_{each}"): each for each in Kind}
_GRADES = {pb.LearningOutcome.Grade.Value(f"GRADE_{each}"): each for each in Grade}


def to_message(fields: Mapping[str, Any]) -> pb.LearningOutcome:
    """Return the resource of a row, with the certificate's number sealed."""
    number = fields["sealed_certificate_number"]
    return pb.LearningOutcome(
        name=name_of(COLLECTION, fields["id"]),
        version=fields["version"],
        etag=etag_of(fields["version"]),
        state=pb.LearningOutcome.State.Value(f"STATE_{fields['state']}"),
        record_date=from_date(fields["record_date"]),
        person=name_of("persons", fields["person_id"]),
        organisation=_organisation(fields["organisation"]),
        kind=pb.LearningOutcome.Kind.Value(f"KIND_{fields['kind']}"),
        title=fields["title"],
        issuer=_organisation(fields["issuer"]),
        issuer_name=fields["issuer_name"],
        issuer_uscc=fields["issuer_uscc"],
        grade=pb.LearningOutcome.Grade.Value(f"GRADE_{fields['grade'] or 'UNSPECIFIED'}"),
        hours=fields["hours"],
        credit_tenths=fields["credit_tenths"],
        is_online=fields["is_online"],
        is_apprenticeship=fields["is_apprenticeship"],
        achieve_date=from_date(fields["achieve_date"]),
        evidence_sha256=fields["evidence_sha256"],
        verifier=_organisation(fields["verifier"]),
        verify_date=from_date(fields["verify_date"]),
        recogniser=_organisation(fields["recogniser"]),
        achievement=fields["achievement"],
        target_course=fields["target_course"],
        relevance_percent=fields["relevance_percent"],
        recognised_credit_tenths=fields["recognised_credit_tenths"],
        status_record=name_of("statusRecords", fields["status_record_id"]),
        credit_conversion=name_of("creditConversions", fields["conversion_id"]),
        converted_credit_tenths=fields["converted_credit_tenths"],
        reason=fields["reason"],
        revoked_version=fields["revoked_version"] or 0,
        sealed=sealed_pb2.Sealed(
            subject=str(fields["person_id"]),
            fields={"certificate_number": number} if number else {},
        ),
    )


def encode(outcome: LearningOutcome) -> Encoded:
    """Return the resource as it is stored, for who may see the person and for the issuer."""
    message = to_message(vars(outcome))
    audience = dict.fromkeys([*outcome.parties, *([outcome.issuer] if outcome.issuer else [])])
    return Encoded(message.name, message, tuple(audience))


def to_declaration(
    request: service_pb.DeclareLearningOutcomeRequest, *, sealed_certificate_number: bytes
) -> Declaration:
    """Return what a request declares."""
    return Declaration(
        person_id=parse_uuid("persons", request.person, field="person"),
        sealed_certificate_number=sealed_certificate_number,
        **said_of(request),
    )


def said_of(declared: Any) -> dict[str, Any]:
    """Return what a request, or a row of a file, declares that is not personal."""
    return {
        "kind": _KINDS[declared.kind],
        "title": to_text(declared.title, field="title"),
        "issuer": parse_slug_or_none("organisations", declared.issuer, field="issuer") or "",
        "issuer_name": to_optional_text(declared.issuer_name, field="issuer_name"),
        "issuer_uscc": declared.issuer_uscc,
        "grade": _GRADES.get(declared.grade),
        "hours": declared.hours,
        "credit_tenths": declared.credit_tenths,
        "is_online": declared.is_online,
        "is_apprenticeship": declared.is_apprenticeship,
        "achieve_date": to_date(declared.achieve_date, field="achieve_date"),
        "evidence_sha256": declared.evidence_sha256,
    }


def to_verify(request: service_pb.VerifyLearningOutcomeRequest) -> VerifyLearningOutcome:
    """Return the verification that a request asks for."""
    return VerifyLearningOutcome(id=parse_uuid(COLLECTION, request.name), etag=request.etag)


def to_reject(request: service_pb.RejectLearningOutcomeRequest) -> RejectLearningOutcome:
    """Return the rejection that a request asks for."""
    return RejectLearningOutcome(
        id=parse_uuid(COLLECTION, request.name),
        etag=request.etag,
        reason=to_text(request.reason, field="reason"),
    )


def to_recognise(request: service_pb.RecogniseLearningOutcomeRequest) -> RecogniseLearningOutcome:
    """Return the recognition that a request asks for."""
    return RecogniseLearningOutcome(
        id=parse_uuid(COLLECTION, request.name),
        etag=request.etag,
        achievement=to_optional_text(request.achievement, field="achievement"),
        target_course=to_text(request.target_course, field="target_course"),
        relevance_percent=request.relevance_percent,
        credit_tenths=request.credit_tenths,
    )


def to_accumulate(
    request: service_pb.AccumulateLearningOutcomeRequest,
) -> AccumulateLearningOutcome:
    """Return the outcome whose credits a request puts into the account."""
    return AccumulateLearningOutcome(id=parse_uuid(COLLECTION, request.name), etag=request.etag)


def to_revoke(request: service_pb.RevokeLearningOutcomeRequest) -> RevokeLearningOutcome:
    """Return the revocation that a request asks for."""
    return RevokeLearningOutcome(
        id=parse_uuid(COLLECTION, request.name),
        etag=request.etag,
        reason=to_text(request.reason, field="reason"),
    )


def _organisation(slug: str) -> str:
    return name_of("organisations", slug or None)
