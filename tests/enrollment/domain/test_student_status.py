"""The code lists of JY/T 1001 and the other enums of 学籍 are those of the contract."""

import pytest
from guantong.enrollment.v1.electronic_registration_pb2 import ElectronicRegistration
from guantong.enrollment.v1.status_change_pb2 import StatusChange
from guantong.enrollment.v1.status_record_pb2 import StatusRecord

from services.enrollment.domain import electronic_registration, status_change
from services.enrollment.domain.student_status import (
    CHANGE_CODES,
    EFFECTS,
    STATUS_CODES,
    ChangeKind,
    StudentStatus,
)


@pytest.mark.parametrize(
    ("ours", "theirs", "prefix"),
    [
        (StudentStatus, StatusRecord.Status, "STATUS_"),
        (ChangeKind, StatusChange.Kind, "KIND_"),
        (status_change.State, StatusChange.State, "STATE_"),
        (status_change.Ground, StatusChange.Ground, "GROUND_"),
        (status_change.Initiator, StatusChange.Initiator, "INITIATOR_"),
        (status_change.GuardianOpinion, StatusChange.GuardianOpinion, "GUARDIAN_OPINION_"),
        (status_change.AttachmentKind, StatusChange.AttachmentKind, "ATTACHMENT_KIND_"),
        (status_change.Level, StatusChange.Level, "LEVEL_"),
        (electronic_registration.State, ElectronicRegistration.State, "STATE_"),
        (electronic_registration.Season, ElectronicRegistration.Season, "SEASON_"),
        (
            electronic_registration.ReturnReason,
            ElectronicRegistration.ReturnReason,
            "RETURN_REASON_",
        ),
    ],
)
def test_the_enums_have_the_values_of_the_contract(
    ours: object, theirs: object, prefix: str
) -> None:
    keys = set(theirs.keys())  # type: ignore[attr-defined]
    named = {key.removeprefix(prefix) for key in keys} - {"UNSPECIFIED"}
    assert {each.value for each in ours} == named  # type: ignore[attr-defined]


def test_the_number_of_a_status_and_of_a_kind_is_its_code() -> None:
    for status, code in STATUS_CODES.items():
        number = StatusRecord.Status.Value(f"STATUS_{status}")
        # The list has no code of its own for 保留学籍 and 取消学籍.
        assert code == (f"{number:02d}" if number < 100 else "99")
    for kind, code in CHANGE_CODES.items():
        assert code == f"{StatusChange.Kind.Value(f'KIND_{kind}'):02d}"


def test_kinds_that_are_no_change_of_a_record_have_no_effect() -> None:
    assert {CHANGE_CODES[kind] for kind in ChangeKind if kind not in EFFECTS} == {
        *("22", "24", "25", "99")
    }
