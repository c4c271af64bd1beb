"""The fast check of a row and the contract's own say the same of every row."""

from typing import Any

import pytest
from google.protobuf.message import Message
from guantong.enrollment.v1.cohort_service_pb2 import (
    EnrollCohortMemberRequest,
    ListCohortMembersRequest,
    ListCohortsRequest,
)
from guantong.enrollment.v1.import_service_pb2 import ImportRosterRequest
from hypothesis import given
from hypothesis import strategies as st

from chassis import row_rules
from chassis.errors import FieldsInvalid
from chassis.row_rules import RowRules
from chassis.validation import validate

RIGHT: dict[str, Any] = {
    "cohort": "cohorts/01a20823-5bc1-7677-972b-d4d5f96274f5",
    "class_name": "食品2001",
    "display_name": "欧阳𬭎一",
    "id_number": "32132320050314001X",
    "admission_number": "2032132377001",
    "ethnicity_code": "01",
    "made_up": True,
}
WRONG = ["", " ", "a", "\0", "a\u202eb", "01\n", "0" * 61, "cohorts/1", RIGHT["cohort"], "𬭎" * 60]


def said_by_the_contract(row: Message) -> tuple[Any, ...]:
    try:
        validate(row)
    except FieldsInvalid as refusal:
        return refusal.violations
    return ()


def said_by_the_fast_check(row: Message) -> tuple[Any, ...]:
    refusal = RowRules(row.DESCRIPTOR).check(row)
    return () if refusal is None else refusal.violations


def test_a_right_row_is_told_apart_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_rules, "validate", pytest.fail)
    row = ImportRosterRequest.Row(**RIGHT)
    assert RowRules(row.DESCRIPTOR).check(row) is None


@pytest.mark.parametrize("field", [name for name in RIGHT if name != "made_up"])
@pytest.mark.parametrize("value", WRONG)
def test_a_wrong_field_is_told_as_the_contract_tells_it(field: str, value: str) -> None:
    row = ImportRosterRequest.Row(**RIGHT | {field: value})
    assert said_by_the_fast_check(row) == said_by_the_contract(row)


TEXTS = st.one_of(
    st.text(max_size=70), st.sampled_from(WRONG), st.sampled_from([*map(str, RIGHT.values())])
)


@given(
    fields=st.fixed_dictionaries({}, optional={name: TEXTS for name in RIGHT if name != "made_up"})
)
def test_any_row_is_told_as_the_contract_tells_it(fields: dict[str, Any]) -> None:
    row = ImportRosterRequest.Row(**fields)
    assert said_by_the_fast_check(row) == said_by_the_contract(row)


@pytest.mark.parametrize("size", [-1, 0, 1, 2**31 - 1])
@pytest.mark.parametrize("state", [0, 4, 99])
def test_numbers_enums_and_values_that_may_be_missing_too(size: int, state: int) -> None:
    given_state: Any = state
    for row in (
        ListCohortMembersRequest(page_size=size, state=given_state),
        ListCohortsRequest(page_size=size, pathway_project="x" if state else ""),
        EnrollCohortMemberRequest(request_id=str(state)),
    ):
        assert said_by_the_fast_check(row) == said_by_the_contract(row)
