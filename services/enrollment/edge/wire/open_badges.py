"""Learning outcomes as Open Badges 3.0, and accounts as Comprehensive Learner Records (CLR 2.0).

Both are W3C Verifiable Credentials 2.0 by 1EdTech. They name the person by the internal id alone.
"""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from guantong.enrollment.v1.learning_outcome_pb2 import LearningOutcome

from chassis.credentials import Document, to_instant
from services.enrollment.domain.words import OUTCOME_GRADES

MEDIA_TYPE: Final = "application/vc"
_CREDENTIALS: Final = "https://www.w3.org/ns/credentials/v2"
_BADGES: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
_RECORDS: Final = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
# Kinds as Open Badges names types of achievements.
_TYPES: Final = {
    LearningOutcome.KIND_COURSE: "Course",
    LearningOutcome.KIND_CERTIFICATE_X: "Certificate",
    LearningOutcome.KIND_QUALIFICATION: "Certification",
    LearningOutcome.KIND_CONTEST: "Award",
    LearningOutcome.KIND_TRAINING: "LearningProgram",
    LearningOutcome.KIND_INTERNSHIP: "ext:Internship",
    LearningOutcome.KIND_PROJECT: "ext:Project",
}
_APPRENTICESHIP: Final = "ApprenticeshipCertificate"


def to_badge(outcome: LearningOutcome, *, did: str, names: Mapping[str, str]) -> Document:
    """Return the credential of a verified outcome, without its proof.

    It says what the verifier stands for: that the evidence proves the outcome. `names` says what
    organisations are called, by their resource names.
    """
    subject: Document = {
        "id": _urn(outcome.person),
        "type": ["AchievementSubject"],
        "activityEndDate": f"{_date(outcome.achieve_date)}T00:00:00Z",
        "achievement": _achievement(outcome, names),
    }
    if outcome.recognised_credit_tenths or outcome.credit_tenths:
        tenths = outcome.recognised_credit_tenths or outcome.credit_tenths
        subject["creditsEarned"] = tenths / 10
    if outcome.certificate_number:
        subject["licenseNumber"] = outcome.certificate_number
    return {
        "@context": [_CREDENTIALS, _BADGES],
        "id": _urn(outcome.name),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": outcome.title,
        "issuer": {"id": did, "type": ["Profile"], "name": names[outcome.verifier]},
        "validFrom": f"{_date(outcome.verify_date)}T00:00:00Z",
        "credentialSubject": subject,
        "evidence": [
            {"id": _digest(outcome.evidence_sha256), "type": ["Evidence"], "name": outcome.title}
        ],
    }


def to_record(
    badges: Sequence[Document], *, person_id: UUID, new_id: UUID, did: str, name: str, now: datetime
) -> Document:
    """Return the record of a person's signed badges, without its own proof."""
    return {
        "@context": [_CREDENTIALS, _RECORDS, _BADGES],
        "id": f"urn:uuid:{new_id}",
        "type": ["VerifiableCredential", "ClrCredential"],
        "name": "个人学习账号",
        "issuer": {"id": did, "type": ["Profile"], "name": name},
        "validFrom": to_instant(now),
        "credentialSubject": {
            "id": f"urn:uuid:{person_id}",
            "type": ["ClrSubject"],
            "verifiableCredential": list(badges),
        },
    }


def _achievement(outcome: LearningOutcome, names: Mapping[str, str]) -> Document:
    kind = _APPRENTICESHIP if outcome.is_apprenticeship else _TYPES[outcome.kind]
    grade = LearningOutcome.Grade.Name(outcome.grade).removeprefix("GRADE_")
    facts = [outcome.title]
    facts += [OUTCOME_GRADES[grade]] if outcome.grade else []
    facts += [f"{outcome.hours} 学时"] if outcome.hours else []
    issuer = outcome.issuer_name or names[outcome.issuer]
    found: dict[str, Any] = {
        "id": f"{_urn(outcome.name)}#achievement",
        "type": ["Achievement"],
        "achievementType": kind,
        "name": outcome.title,
        "description": "，".join(facts),
        "criteria": {"narrative": f"颁发单位：{issuer}"},
    }
    if outcome.issuer_uscc:
        found["creator"] = {
            "id": f"urn:uscc:{outcome.issuer_uscc}",
            "type": ["Profile"],
            "name": issuer,
        }
    if outcome.credit_tenths:
        found["creditsAvailable"] = outcome.credit_tenths / 10
    return found


def _urn(name: str) -> str:
    return f"urn:uuid:{name.partition('/')[2]}"


def _date(value: Any) -> str:
    return f"{value.year:04}-{value.month:02}-{value.day:02}"


def _digest(sha256: str) -> str:
    """Return the name of a file by its content (RFC 6920)."""
    digest = base64.urlsafe_b64encode(bytes.fromhex(sha256)).rstrip(b"=").decode()
    return f"ni:///sha-256;{digest}"
