"""学籍号, as a registrar would read the rules: rule, source, case, verdict."""

from datetime import date
from uuid import uuid4

import pytest

from services.enrollment.domain.person_refusals import (
    StudentNumberBeforeFormer,
    StudentNumberInvalid,
    StudentNumberNotReplaceable,
)
from services.enrollment.domain.student_numbers import Kind, NumberRecord, StudentNumber
from tests.enrollment import made

TODAY = date(2023, 3, 1)
ID_NUMBER = made.id_number(1)
FORMAL = f"G{ID_NUMBER}"
MADE = "J32050000000000123X"
TEMPORARY = "L320500200503141234"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        # 19 characters, G and the ID number (GB 11643).
        (FORMAL, Kind.FORMAL),
        ("G11010519491231002X", Kind.FORMAL),
        ("G110105194912310021", "check digit"),
        ("G" + made.with_check("32132320050229001"), "birth date"),
        (FORMAL[:-1], "form"),
        (FORMAL + "1", "form"),
        ("g" + ID_NUMBER, "form"),
        # J and a number that was made.
        (MADE, Kind.MADE),
        ("J3205000000000012３X", "form"),
        ("JABCDEFGHIJKLMNOPQR", "form"),
        # L, region, birth date, four random digits; no check digit.
        (TEMPORARY, Kind.TEMPORARY),
        ("L320500200502301234", "birth date"),
        ("L320500202303021234", "birth date"),
        ("L32050020050314123X", "form"),
        # No other letter.
        ("X320500200503141234", "form"),
        ("", "form"),
    ],
)
def test_a_number_is_of_one_of_three_kinds(text: str, verdict: Kind | str) -> None:
    if isinstance(verdict, Kind):
        assert StudentNumber.parse(text, today=TODAY).kind is verdict
        return
    with pytest.raises(StudentNumberInvalid) as raised:
        StudentNumber.parse(text, today=TODAY)
    assert raised.value.metadata == {"problem": verdict}


@pytest.mark.parametrize(
    ("current", "given", "allowed"),
    [
        (None, FORMAL, True),
        (None, MADE, True),
        (None, TEMPORARY, True),
        # A temporary or made number waits for the formal one.
        (TEMPORARY, FORMAL, True),
        (MADE, FORMAL, True),
        (TEMPORARY, MADE, False),
        (MADE, TEMPORARY, False),
        (TEMPORARY, "L320500200503149999", False),
        # One person one number, for life (HN).
        (FORMAL, FORMAL, False),
        (FORMAL, TEMPORARY, False),
        (FORMAL, MADE, False),
    ],
)
def test_a_formal_number_is_for_life_and_the_others_wait_for_it(
    current: str | None, given: str, *, allowed: bool
) -> None:
    record = current_record(current) if current else None
    number = StudentNumber.parse(given, today=TODAY)
    if allowed:
        number.check_follows(record, valid_from_date=date(2020, 11, 20))
        return
    with pytest.raises(StudentNumberNotReplaceable):
        number.check_follows(record, valid_from_date=date(2020, 11, 20))


@pytest.mark.parametrize("day", [date(2020, 8, 31), date(2020, 9, 1)])
def test_a_number_begins_after_the_one_before(day: date) -> None:
    number = StudentNumber.parse(FORMAL, today=TODAY)
    with pytest.raises(StudentNumberBeforeFormer):
        number.check_follows(current_record(TEMPORARY), valid_from_date=day)
    number.check_follows(current_record(TEMPORARY), valid_from_date=date(2020, 9, 2))


def test_a_formal_number_is_the_ID_number_of_its_own_person() -> None:  # noqa: N802 - as written
    number = StudentNumber.parse(FORMAL, today=TODAY)
    number.check_is_of(ID_NUMBER)
    with pytest.raises(StudentNumberInvalid):
        number.check_is_of(made.id_number(2))
    StudentNumber.parse(TEMPORARY, today=TODAY).check_is_of(made.id_number(2))


def test_nothing_shows_the_number() -> None:
    number = StudentNumber.parse(FORMAL, today=TODAY)
    assert ID_NUMBER not in repr(number)
    assert number.masked == f"G321323{'*' * 11}{FORMAL[-1]}"
    assert len(number.masked) == len(FORMAL)


def current_record(text: str) -> NumberRecord:
    return NumberRecord(
        id=uuid4(),
        person_id=uuid4(),
        kind=StudentNumber.parse(text, today=TODAY).kind,
        organisation=made.FRONT,
        sealed_number=b"number",
        sealed_masked_number=b"masked",
        valid_from_date=date(2020, 9, 1),
    )
