"""Requests about persons: what is personal comes in clear and is sealed by the command."""

from datetime import date

from guantong.enrollment.v1 import (
    consent_pb2,
    consent_service_pb2,
    guardian_service_pb2,
    person_correction_service_pb2,
    person_erasure_service_pb2,
    person_merge_service_pb2,
    student_number_service_pb2,
)

from chassis.civil import to_date
from chassis.names import parse_uuid, parse_uuid_or_none
from chassis.texts import to_optional_text, to_text
from services.enrollment.commands.changing import Target
from services.enrollment.commands.give_consents import GiveConsent
from services.enrollment.commands.merge_persons import MergePersons
from services.enrollment.commands.propose_person_corrections import ProposePersonCorrection
from services.enrollment.commands.propose_person_erasures import ProposePersonErasure
from services.enrollment.commands.record_guardians import RecordGuardian
from services.enrollment.commands.record_student_numbers import RecordStudentNumber
from services.enrollment.commands.reject_person_corrections import RejectPersonCorrection
from services.enrollment.commands.split_persons import SplitPersons
from services.enrollment.domain.consent import Purpose
from services.enrollment.domain.student_numbers import StudentNumber


def to_target(collection: str, *, name: str, etag: str) -> Target:
    """Return the version of a record that a request is about."""
    return Target(id=parse_uuid(collection, name), etag=etag)


def to_student_number(
    request: student_number_service_pb2.RecordStudentNumberRequest, *, today: date
) -> RecordStudentNumber:
    """Return the number that a request records; raises StudentNumberInvalid."""
    return RecordStudentNumber(
        id=parse_uuid("persons", request.name),
        etag=request.etag,
        number=StudentNumber.parse(request.number, today=today),
        valid_from_date=to_date(request.valid_from_date, field="valid_from_date"),
    )


def to_correction(
    request: person_correction_service_pb2.ProposePersonCorrectionRequest,
) -> ProposePersonCorrection:
    """Return the correction that a request proposes."""
    has_birth_date = request.HasField("birth_date")
    return ProposePersonCorrection(
        person_id=parse_uuid("persons", request.person, field="person"),
        display_name=to_optional_text(request.display_name, field="display_name"),
        sex_code=request.sex_code,
        birth_date=to_date(request.birth_date, field="birth_date") if has_birth_date else None,
        evidence_sha256=request.evidence_sha256,
    )


def to_reject(
    request: person_correction_service_pb2.RejectPersonCorrectionRequest,
) -> RejectPersonCorrection:
    """Return the rejection that a request records."""
    return RejectPersonCorrection(
        id=parse_uuid("personCorrections", request.name),
        etag=request.etag,
        reason=to_text(request.reason, field="reason"),
    )


def to_merge(request: person_merge_service_pb2.MergePersonsRequest) -> MergePersons:
    """Return the merge that a request asks for."""
    return MergePersons(
        id=parse_uuid("persons", request.name),
        etag=request.etag,
        survivor_id=parse_uuid("persons", request.survivor, field="survivor"),
        survivor_etag=request.survivor_etag,
        reason=to_text(request.reason, field="reason"),
        evidence_sha256=request.evidence_sha256,
    )


def to_split(request: person_merge_service_pb2.SplitPersonsRequest) -> SplitPersons:
    """Return the split that a request asks for."""
    return SplitPersons(
        id=parse_uuid("persons", request.name),
        etag=request.etag,
        reason=to_text(request.reason, field="reason"),
    )


def to_guardian(request: guardian_service_pb2.RecordGuardianRequest) -> RecordGuardian:
    """Return the guardian that a request records."""
    return RecordGuardian(
        person_id=parse_uuid("persons", request.person, field="person"),
        display_name=to_text(request.display_name, field="display_name"),
        relation=to_text(request.relation, field="relation"),
        phone=request.phone,
    )


def to_consent(request: consent_service_pb2.GiveConsentRequest) -> GiveConsent:
    """Return the consent that a request records."""
    purpose = consent_pb2.Consent.Purpose.Name(request.purpose).removeprefix("PURPOSE_")
    return GiveConsent(
        person_id=parse_uuid("persons", request.person, field="person"),
        guardian_id=parse_uuid_or_none("guardians", request.guardian, field="guardian"),
        purpose=Purpose(purpose),
        give_date=to_date(request.give_date, field="give_date"),
        evidence_sha256=request.evidence_sha256,
    )


def to_erasure(
    request: person_erasure_service_pb2.ProposePersonErasureRequest,
) -> ProposePersonErasure:
    """Return the erasure that a request proposes."""
    return ProposePersonErasure(
        person_id=parse_uuid("persons", request.person, field="person"),
        reason=to_text(request.reason, field="reason"),
    )
