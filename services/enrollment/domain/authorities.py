"""Which organisation decides a step: schools by name, bureaus by the region of the school."""

from collections.abc import Mapping, Sequence

from services.enrollment.domain.status_change import Level, Step
from services.enrollment.domain.status_change_refusals import ApproverNotRegistered

_CITY_DIGITS = 4
_PROVINCE_DIGITS = 2


def region_of(level: Level, region_code: str) -> str:
    """Return the region whose bureau decides for a school in a region (GB/T 2260)."""
    if level is Level.CITY_BUREAU:
        return region_code[:_CITY_DIGITS] + "00"
    if level is Level.PROVINCE_BUREAU:
        return region_code[:_PROVINCE_DIGITS] + "0000"
    return region_code


def bureau_of(level: Level, region_code: str, bureaus: Mapping[str, str]) -> str:
    """Return the bureau (by region code in `bureaus`) of a level; raises ApproverNotRegistered."""
    region = region_of(level, region_code)
    if region not in bureaus:
        raise ApproverNotRegistered(step=level, region_code=region)
    return bureaus[region]


def chain_of(
    levels: Sequence[str],
    *,
    school: str,
    receiving: str,
    region_code: str,
    bureaus: Mapping[str, str],
) -> list[Step]:
    """Return the steps of a chain.

    A school that is directly under a city has one bureau for county and city: it decides once.
    """
    steps: list[Step] = []
    for each in map(Level, levels):
        if each is Level.SCHOOL:
            organisation = school
        elif each is Level.RECEIVING_SCHOOL:
            organisation = receiving
        else:
            organisation = bureau_of(each, region_code, bureaus)
        if organisation not in {step.organisation for step in steps}:
            steps.append(Step(level=each, organisation=organisation))
    return steps
