"""Identifiers and codes with their check digits, as a table to read."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from chassis.errors import DomainError
from services.enrollment.domain.codes import check_school_code, check_uscc, higher_education_code
from services.enrollment.domain.id_numbers import IdNumber
from services.enrollment.domain.organisation_refusals import (
    RegionCodeNotInForce,
    SchoolCodeWrong,
)
from services.enrollment.domain.person_refusals import (
    StudentNumberInvalid,
    StudentNumberNotReplaceable,
)
from services.enrollment.domain.refusals import (
    IdNumberInvalid,
    RegionCodeUnknown,
    UsccCheckDigitWrong,
)
from services.enrollment.domain.regions import check_region
from services.enrollment.domain.student_numbers import Kind, NumberRecord, StudentNumber
from services.enrollment.edge.regions import RegionList
from tests.enrollment import made
from tests.enrollment.domain.rules import Line, ids_of, judge

TODAY = date(2026, 11, 23)
REGIONS = RegionList()
SUZHOU = "320500"


def identity(number: str) -> Callable[[], IdNumber]:
    return lambda: IdNumber.parse(number, today=TODAY)


def student(number: str) -> Callable[[], StudentNumber]:
    return lambda: StudentNumber.parse(number, today=TODAY)


def follows(number: str, *, after: Kind | None) -> Callable[[], None]:
    former = (
        None
        if after is None
        else NumberRecord(
            id=made.APPLICANT.person_id,
            person_id=made.APPLICANT.person_id,
            kind=after,
            organisation=made.FRONT,
            sealed_number=b"sealed",
            sealed_masked_number=b"masked",
            valid_from_date=date(2020, 9, 1),
        )
    )
    given = StudentNumber.parse(number, today=TODAY)
    return lambda: given.check_follows(former, valid_from_date=date(2021, 9, 1))


def uscc(text: str) -> Callable[[], None]:
    return lambda: check_uscc(text)


def school(code: str, *, region: str = SUZHOU, is_higher: bool = False) -> Callable[[], None]:
    return lambda: check_school_code(code, region_code=region, is_higher=is_higher)


def region(code: str, year: int) -> Callable[[], Any]:
    return lambda: check_region(REGIONS, code, on=date(year, 6, 1))


FORMAL = f"G{made.id_number(1)}"
TEMPORARY, MADE = "L320500200503141234", "J32050000000000123X"
LINES: list[Line] = [
    # 身份证: 18 characters with weights, a real date, odd for men.
    ("身份证: the standard's own example", "GB 11643", identity("11010519491231002X"), None),
    ("身份证: born in 1880", "GB 11643", identity("440524188001010014"), None),
    ("身份证: another check digit", "GB 11643", identity("110105194912310021"), IdNumberInvalid),
    ("身份证: 15 digits are no more", "GB 11643", identity("110105491231002"), IdNumberInvalid),
    ("身份证: 29 February of a common year", "GB 11643",
     identity(made.with_check("11010520050229002")), IdNumberInvalid),
    ("身份证: born tomorrow", "GB 11643", identity(made.with_check("11010520261124002")),
     IdNumberInvalid),
    ("身份证: of a county that is no more (沭阳 to 1996)", "AREA",
     identity(made.with_check("32082319960101123")), None),
    # 学籍号: one person one number, for life.
    ("学籍号: G and the ID number", "HN", student("G11010519491231002X"), None),
    ("学籍号: G and a wrong ID number", "HN", student("G110105194912310021"),
     StudentNumberInvalid),
    ("学籍号: J and a made number", "HN", student(MADE), None),
    ("学籍号: L, region, birth and four digits", "HN", student(TEMPORARY), None),
    ("学籍号: L and no real birth date", "HN", student("L320500200502301234"),
     StudentNumberInvalid),
    ("学籍号: no other letter", "HN", student("X320500200503141234"), StudentNumberInvalid),
    ("学籍号: the first may be temporary", "HN", follows(TEMPORARY, after=None), None),
    ("学籍号: L is upgraded to G", "HN", follows(FORMAL, after=Kind.TEMPORARY), None),
    ("学籍号: J is upgraded to G", "HN", follows(FORMAL, after=Kind.MADE), None),
    ("学籍号: G is for life", "HN", follows(FORMAL, after=Kind.FORMAL),
     StudentNumberNotReplaceable),
    ("学籍号: no way back from G to L", "HN", follows(TEMPORARY, after=Kind.FORMAL),
     StudentNumberNotReplaceable),
    # 统一社会信用代码: a remainder of 0 gives 0.
    ("USCC: the standard's example", "GB 32100", uscc("91350100M000100Y43"), None),
    ("USCC: ends in a letter", "GB 32100", uscc("91110108551385082Q"), None),
    ("USCC: remainder 0 gives 0", "GB 32100", uscc("12320500MB00000090"), None),
    ("USCC: remainder 0 gives no other", "GB 32100", uscc("12320500MB00000091"),
     UsccCheckDigitWrong),
    ("USCC: no letter I", "GB 32100", uscc("9111010855138508IQ"), UsccCheckDigitWrong),
    ("USCC: 17 characters", "GB 32100", uscc("12320500MB0000009"), UsccCheckDigitWrong),
    # 学校(机构)标识码: 2 type, 2 province, 6 serial.
    ("标识码: of a school of Jiangsu", "JY/T 1002", school("3632000123"), None),
    ("标识码: of another province", "JY/T 1002", school("3633000123"), SchoolCodeWrong),
    ("标识码: nine digits", "JY/T 1002", school("363200012"), SchoolCodeWrong),
    ("标识码: a college's serial is 0 and five digits (罗定 12770)", "JY/T 1002",
     school("4144012770", region="445300", is_higher=True), None),
    ("标识码: a college's serial begins with 0", "JY/T 1002",
     school("4132110333", is_higher=True), SchoolCodeWrong),
    # 行政区划: the code at the date.
    ("沭阳 was 320823 to 1996", "AREA", region("320823", 1995), None),
    ("沭阳 is 320823 no more", "AREA", region("320823", 1997), RegionCodeNotInForce),
    ("沭阳 is 321322", "AREA", region("321322", 2023), None),
    ("泗阳 was 320825 to 1996", "AREA", region("320825", 1990), None),
    ("泗阳 was not yet 321323", "AREA", region("321323", 1990), RegionCodeNotInForce),
    ("吴江 was 320584 to 2012", "AREA", region("320584", 2012), None),
    ("吴江 is 320584 no more", "AREA", region("320584", 2013), RegionCodeNotInForce),
    ("a zone has no code of its own", "AREA", region("329999", 2023), RegionCodeUnknown),
]  # fmt: skip


@pytest.mark.parametrize(("case", "verdict"), [each[2:] for each in LINES], ids=ids_of(LINES))
def test_the_rules_of_identifiers(
    case: Callable[[], Any], verdict: type[DomainError] | None
) -> None:
    judge(case, verdict)


@pytest.mark.parametrize(
    ("school_code", "national"),
    [("4144012770", "12770"), ("3632000123", "00123"), ("3632100123", "")],
    ids=["罗定", "a serial that begins with 0", "another serial has none"],
)
def test_the_national_code_of_a_college_lies_in_its_school_code(
    school_code: str, national: str
) -> None:
    assert higher_education_code(school_code) == national
