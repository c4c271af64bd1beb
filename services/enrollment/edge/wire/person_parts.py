"""What belongs to persons, on the wire: numbers, corrections, guardians, consents, erasures."""

from collections.abc import Mapping
from typing import Any

from guantong.common.v1 import sealed_pb2
from guantong.enrollment.v1 import (
    consent_pb2,
    guardian_pb2,
    person_access_pb2,
    person_correction_pb2,
    person_erasure_pb2,
    student_number_pb2,
)

from chassis.changes import Encoded
from chassis.civil import from_date, from_instant
from chassis.etags import etag_of
from chassis.names import name_of
from services.enrollment.domain.consent import Consent
from services.enrollment.domain.guardian import Guardian
from services.enrollment.domain.person_correction import PersonCorrection
from services.enrollment.domain.person_erasure import PersonErasure

_CORRECTED = ("display_name", "sex_code", "birth_date")


def to_number(fields: Mapping[str, Any]) -> student_number_pb2.StudentNumber:
    """Return a 学籍号 of a row, sealed."""
    return student_number_pb2.StudentNumber(
        name=name_of("studentNumbers", fields["id"]),
        person=name_of("persons", fields["person_id"]),
        kind=student_number_pb2.StudentNumber.Kind.Value(f"KIND_{fields['kind']}"),
        is_current=fields["valid_to_date"] is None,
        organisation=name_of("organisations", fields["organisation"]),
        valid_from_date=from_date(fields["valid_from_date"]),
        valid_to_date=from_date(fields["valid_to_date"]),
        sealed=_sealed(fields, ["masked_number"]),
    )


def to_correction(fields: Mapping[str, Any]) -> person_correction_pb2.PersonCorrection:
    """Return a correction of a row, sealed."""
    pb = person_correction_pb2.PersonCorrection
    return pb(
        **_record("personCorrections", fields),
        state=pb.State.Value(f"STATE_{fields['state']}"),
        evidence_sha256=fields["evidence_sha256"],
        proposer=fields["proposer"],
        decider=fields["decider"],
        decide_reason=fields["decide_reason"],
        sealed=_sealed(fields, [*_CORRECTED, *(f"former_{name}" for name in _CORRECTED)]),
    )


def to_guardian(fields: Mapping[str, Any]) -> guardian_pb2.Guardian:
    """Return a guardian of a row, sealed."""
    pb = guardian_pb2.Guardian
    return pb(
        **_record("guardians", fields),
        state=pb.State.Value(f"STATE_{fields['state']}"),
        sealed=_sealed(fields, ["display_name", "relation", "phone"]),
    )


def to_consent(fields: Mapping[str, Any]) -> consent_pb2.Consent:
    """Return a consent of a row."""
    pb = consent_pb2.Consent
    return pb(
        **_record("consents", fields),
        state=pb.State.Value(f"STATE_{fields['state']}"),
        guardian=name_of("guardians", fields["guardian_id"]),
        purpose=pb.Purpose.Value(f"PURPOSE_{fields['purpose']}"),
        give_date=from_date(fields["give_date"]),
        withdraw_date=from_date(fields["withdraw_date"]),
        evidence_sha256=fields["evidence_sha256"],
    )


def to_erasure(fields: Mapping[str, Any]) -> person_erasure_pb2.PersonErasure:
    """Return an erasure of a row."""
    pb = person_erasure_pb2.PersonErasure
    return pb(
        **_record("personErasures", fields),
        state=pb.State.Value(f"STATE_{fields['state']}"),
        reason=fields["reason"],
        proposer=fields["proposer"],
        decider=fields["decider"],
    )


def to_access(fields: Mapping[str, Any]) -> person_access_pb2.PersonAccess:
    """Return a line of the log of accesses."""
    pb = person_access_pb2.PersonAccess
    return pb(
        name=name_of("personAccesses", fields["id"]),
        person=name_of("persons", fields["person_id"]),
        action=pb.Action.Value(f"ACTION_{fields['action']}"),
        actor=fields["actor"],
        organisation=name_of("organisations", fields["organisation"]),
        reason=fields["reason"],
        access_time=from_instant(fields["access_time"]),
    )


def encode_correction(record: PersonCorrection) -> Encoded:
    """Return the resource as it is stored, for the person's schools."""
    message = to_correction(vars(record))
    return Encoded(message.name, message, tuple(record.parties))


def encode_guardian(record: Guardian) -> Encoded:
    """Return the resource as it is stored, for the person's schools."""
    message = to_guardian(vars(record))
    return Encoded(message.name, message, tuple(record.parties))


def encode_consent(record: Consent) -> Encoded:
    """Return the resource as it is stored, for the person's schools."""
    message = to_consent(vars(record))
    return Encoded(message.name, message, tuple(record.parties))


def encode_erasure(record: PersonErasure) -> Encoded:
    """Return the resource as it is stored, for the person's schools."""
    message = to_erasure(vars(record))
    return Encoded(message.name, message, tuple(record.parties))


def _record(collection: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": name_of(collection, fields["id"]),
        "version": fields["version"],
        "etag": etag_of(fields["version"]),
        "person": name_of("persons", fields["person_id"]),
    }


def _sealed(fields: Mapping[str, Any], names: list[str]) -> sealed_pb2.Sealed:
    """Return what there is of the sealed fields: of the erased there is nothing."""
    return sealed_pb2.Sealed(
        subject=str(fields["person_id"]),
        fields={name: fields[f"sealed_{name}"] for name in names if fields[f"sealed_{name}"]},
    )
