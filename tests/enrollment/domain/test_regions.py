"""Region codes by year: a retired code is right for facts of its time (AREA)."""

from datetime import date

import pytest

from services.enrollment.domain.organisation_refusals import RegionCodeNotInForce
from services.enrollment.domain.refusals import RegionCodeUnknown
from services.enrollment.domain.regions import check_region
from services.enrollment.edge.regions import RegionList

REGIONS = RegionList()


@pytest.mark.parametrize(
    ("code", "year", "name"),
    [
        ("320823", 1995, "沭阳县"),
        # The lists say years: in the year of a change both are right.
        ("320823", 1996, "沭阳县"),
        ("321322", 1996, "沭阳县"),
        ("320823", 1997, None),
        ("320825", 1990, "泗阳县"),
        ("320825", 2023, None),
        ("321323", 2023, "泗阳县"),
        ("321323", 1990, None),
        ("320584", 2012, "吴江市"),
        ("320584", 2013, None),
        ("320509", 2011, None),
        ("320509", 2023, "吴江区"),
        ("320500", 2023, "苏州市"),
        ("321300", 2023, "宿迁市"),
        ("320612", 2023, "通州区"),
        ("320683", 2008, "通州市"),
        ("320800", 1999, "淮阴市"),
        ("320800", 2023, "淮安市"),
        ("320000", 2023, "江苏省"),
        ("710000", 2023, "台湾省"),
    ],
)
def test_a_code_names_what_it_named_then(code: str, year: int, name: str | None) -> None:
    on = date(year, 6, 1)
    if name is None:
        with pytest.raises(RegionCodeNotInForce) as refused:
            check_region(REGIONS, code, on=on)
        assert refused.value.violations[0].field == "region_code"
    else:
        assert check_region(REGIONS, code, on=on).name == name


@pytest.mark.parametrize("code", ["000000", "990101", "329999", "32050", "3205000", "３20500", ""])
def test_what_never_was_a_code_is_refused(code: str) -> None:
    with pytest.raises(RegionCodeUnknown):
        check_region(REGIONS, code, on=date(2023, 6, 1))
