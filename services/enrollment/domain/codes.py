"""National codes: 统一社会信用代码 (GB 32100), 学校标识码, provinces of regions (GB/T 2260)."""

from typing import Final

from services.enrollment.domain.organisation_refusals import SchoolCodeWrong
from services.enrollment.domain.refusals import RegionCodeUnknown, UsccCheckDigitWrong

# Without I O S V Z.
_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUES: Final = {character: value for value, character in enumerate(_ALPHABET)}
_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
# The first two digits of every province, autonomous region, municipality and SAR (AREA).
_PROVINCES: Final = frozenset(
    (
        *("11", "12", "13", "14", "15"),
        *("21", "22", "23"),
        *("31", "32", "33", "34", "35", "36", "37"),
        *("41", "42", "43", "44", "45", "46"),
        *("50", "51", "52", "53", "54"),
        *("61", "62", "63", "64", "65"),
        *("71", "81", "82"),
    )
)
_REGION_CODE_LENGTH: Final = 6
_SCHOOL_CODE_LENGTH: Final = 10
# 学校(机构)标识码: 2 digits of type, 2 of the province, 6 of serial number (GK).
_SCHOOL_PROVINCE: Final = slice(2, 4)
_SCHOOL_SERIAL: Final = slice(4, 10)


def check_uscc(uscc: str) -> None:
    """Raise UsccCheckDigitWrong unless the last of the 18 characters fits the others."""
    is_formed = len(uscc) == len(_WEIGHTS) + 1 and _VALUES.keys() >= set(uscc)
    if not is_formed or uscc[-1] != uscc_check_character(uscc[:-1]):
        raise UsccCheckDigitWrong(uscc=uscc)


def uscc_check_character(characters: str) -> str:
    """Return the check character of the first seventeen; a remainder of 0 gives "0"."""
    pairs = zip(_WEIGHTS, characters, strict=True)
    total = sum(weight * _VALUES[character] for weight, character in pairs)
    return _ALPHABET[-total % 31]


def check_region_code(region_code: str) -> None:
    """Raise RegionCodeUnknown unless six digits begin with those of a province.

    Counties are not compared with a list: sources of earlier years name retired codes (AREA),
    and functional zones have none but their host's.
    """
    is_formed = len(region_code) == _REGION_CODE_LENGTH and region_code.isdecimal()
    if not is_formed or region_code[:2] not in _PROVINCES:
        raise RegionCodeUnknown(region_code=region_code)


def check_school_code(school_code: str, *, region_code: str, is_higher: bool) -> None:
    """Raise SchoolCodeWrong unless type, province and serial number fit.

    10 digits: 2 type, 2 province, 6 serial; of higher education the serial is 0 and the national
    code of five digits (GK). The province is that of the school's region.
    """
    if len(school_code) != _SCHOOL_CODE_LENGTH or not school_code.isdecimal():
        raise SchoolCodeWrong(school_code=school_code, problem="form")
    if school_code[_SCHOOL_PROVINCE] != region_code[:2]:
        raise SchoolCodeWrong(school_code=school_code, problem="province")
    if is_higher and not higher_education_code(school_code):
        raise SchoolCodeWrong(school_code=school_code, problem="serial number")


def higher_education_code(school_code: str) -> str:
    """Return the national code of five digits in a school code; empty where it has none."""
    serial = school_code[_SCHOOL_SERIAL]
    return serial[1:] if serial.startswith("0") and serial[1:].strip("0") else ""
