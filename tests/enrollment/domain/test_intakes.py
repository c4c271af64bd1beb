"""The warning of JS22: a college whose 3+3 intake exceeds 500 a year must cut it from 2023."""

import pytest

from services.enrollment.domain.intakes import find_limit, list_limits
from services.enrollment.domain.pathways import Type
from services.enrollment.edge.policies import load_policies

POLICIES = load_policies()


@pytest.mark.parametrize(
    ("province", "year", "planned", "warned"),
    [
        # Source: JS22, of the list of 2022; it says nothing of other provinces and earlier years.
        ("32", 2022, 500, False),
        ("32", 2022, 501, True),
        ("32", 2025, 820, True),
        ("32", 2021, 820, False),
        ("44", 2022, 820, False),
    ],
)
def test_a_planned_intake_is_warned_of(
    province: str, year: int, planned: int, *, warned: bool
) -> None:
    limit = find_limit(POLICIES, province=province, approval_year=year)
    warning = limit and limit.check(back="szai", approval_year=year, planned_intake=planned)
    assert (warning is not None) is warned
    if warning:
        assert (warning.intake_max, warning.cut_from_year, warning.source) == (500, 2023, "JS22")


def test_the_medical_variant_counts_as_3_3() -> None:
    """JS24: 3+3 includes 4+2; no other type counts."""
    (limit,) = list_limits(POLICIES, approval_year=2024)
    assert limit.types == {Type.ZG_3_3, Type.ZG_4_2}
    assert list_limits(POLICIES, approval_year=2021) == []
