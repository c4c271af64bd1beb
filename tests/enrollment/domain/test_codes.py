"""National codes: ID numbers (GB 11643), USCC (GB 32100), regions (GB/T 2260)."""

from datetime import date

import pytest

from services.enrollment.domain.codes import check_region_code, check_uscc, uscc_check_character
from services.enrollment.domain.id_numbers import IdNumber
from services.enrollment.domain.refusals import (
    IdNumberInvalid,
    RegionCodeUnknown,
    UsccCheckDigitWrong,
)
from tests.enrollment.made import with_check

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("number", "birth_date", "sex_code"),
    [
        # The vectors of the domain's section 10.
        ("11010519491231002X", date(1949, 12, 31), "2"),
        ("440524188001010014", date(1880, 1, 1), "1"),
        # A county that no longer exists: 泗阳 was 320825 to 1996.
        (with_check("32082519960229123"), date(1996, 2, 29), "1"),
        (with_check("32132320050314002"), date(2005, 3, 14), "2"),
        (with_check("32132320261123001"), date(2026, 11, 23), "1"),
    ],
)
def test_a_valid_number_tells_birth_date_and_sex(
    number: str, birth_date: date, sex_code: str
) -> None:
    parsed = IdNumber.parse(number, today=TODAY)
    assert (parsed.birth_date, parsed.sex_code) == (birth_date, sex_code)


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("110105194912310021", "check digit"),
        ("11010519491231002x", "check digit"),
        ("1101051949123100", "form"),
        ("11010519491231002XX", "form"),
        ("１1010519491231002X", "form"),
        ("11010519491231O02X", "form"),
        ("", "form"),
        (with_check("11010520050229002"), "birth date"),
        (with_check("11010519000229002"), "birth date"),
        (with_check("11010520051301002"), "birth date"),
        (with_check("11010520050100002"), "birth date"),
        (with_check("11010520261124002"), "birth date"),
        (with_check("11010517991231002"), "birth date"),
        (with_check("11010500000101002"), "birth date"),
    ],
)
def test_an_invalid_number_is_refused_and_not_repeated(number: str, problem: str) -> None:
    with pytest.raises(IdNumberInvalid) as refused:
        IdNumber.parse(number, today=TODAY)
    assert refused.value.metadata == {"problem": problem}
    assert refused.value.violations[0].field == "id_number"


def test_each_single_wrong_digit_is_found() -> None:
    number = "11010519491231002X"
    for place in range(17):
        for digit in set("0123456789") - {number[place]}:
            with pytest.raises(IdNumberInvalid):
                IdNumber.parse(number[:place] + digit + number[place + 1 :], today=TODAY)


def test_the_masked_number_hides_birth_date_and_serial() -> None:
    number = IdNumber.parse("11010519491231002X", today=TODAY)
    assert number.masked == "110105***********X"
    assert "19491231" not in repr(number)


@pytest.mark.parametrize("uscc", ["91350100M000100Y43", "91110108551385082Q", "12320500MB00000090"])
def test_a_right_uscc_passes(uscc: str) -> None:
    check_uscc(uscc)


def test_a_uscc_whose_remainder_is_zero_ends_in_zero() -> None:
    assert uscc_check_character("12320500MB0000009") == "0"


@pytest.mark.parametrize(
    "uscc",
    [
        "91350100M000100Y44",
        "91110108551385082q",
        "12320500MB0000009",
        "12320500MB000000900",
        "9111010855138508IQ",
        "",
    ],
)
def test_a_wrong_uscc_is_refused(uscc: str) -> None:
    with pytest.raises(UsccCheckDigitWrong) as refused:
        check_uscc(uscc)
    assert refused.value.violations[0].field == "uscc"


@pytest.mark.parametrize(
    "code",
    ["320500", "321323", "320825", "110000", "710000", "820000"],
    ids=["苏州", "泗阳", "泗阳 to 1996", "北京", "台湾", "澳门"],
)
def test_a_region_of_a_province_passes(code: str) -> None:
    check_region_code(code)


@pytest.mark.parametrize("code", ["000000", "160000", "990101", "32050", "3205000", "３20500", ""])
def test_a_region_of_no_province_is_refused(code: str) -> None:
    with pytest.raises(RegionCodeUnknown) as refused:
        check_region_code(code)
    assert refused.value.violations[0].field == "region_code"
