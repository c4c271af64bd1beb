"""National codes of organisations: 统一社会信用代码 (GB 32100) and 行政区划 (GB/T 2260)."""

from typing import Final

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
