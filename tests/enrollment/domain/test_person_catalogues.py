"""The enums of what belongs to persons have the values of the contract."""

import pytest
from guantong.enrollment.v1 import (
    consent_pb2,
    guardian_pb2,
    person_access_pb2,
    person_correction_pb2,
    person_erasure_pb2,
    person_pb2,
    student_number_pb2,
)

from services.enrollment.domain import (
    consent,
    guardian,
    person,
    person_correction,
    person_erasure,
    student_numbers,
)
from services.enrollment.store import person_accesses


@pytest.mark.parametrize(
    ("ours", "theirs", "prefix"),
    [
        (person.State, person_pb2.Person.State, "STATE_"),
        (person_correction.State, person_correction_pb2.PersonCorrection.State, "STATE_"),
        (person_erasure.State, person_erasure_pb2.PersonErasure.State, "STATE_"),
        (guardian.State, guardian_pb2.Guardian.State, "STATE_"),
        (consent.State, consent_pb2.Consent.State, "STATE_"),
        (consent.Purpose, consent_pb2.Consent.Purpose, "PURPOSE_"),
        (student_numbers.Kind, student_number_pb2.StudentNumber.Kind, "KIND_"),
        (person_accesses.Action, person_access_pb2.PersonAccess.Action, "ACTION_"),
    ],
)
def test_the_enums_have_the_values_of_the_contract(
    ours: object, theirs: object, prefix: str
) -> None:
    keys = set(theirs.keys())  # type: ignore[attr-defined]
    names = {key.removeprefix(prefix) for key in keys}
    assert {each.value for each in ours} == names - {"UNSPECIFIED"}  # type: ignore[attr-defined]
