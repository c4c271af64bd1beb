"""Organisations are registered with right codes and the names that sources print."""

from typing import Any

import pytest

from services.enrollment.domain.events import Event
from services.enrollment.domain.organisation import Kind, Organisation
from services.enrollment.domain.refusals import RegionCodeUnknown, UsccCheckDigitWrong

SHUYANG: dict[str, Any] = {
    "new_id": "shuyang",
    "display_name": "沭阳中等专业学校",
    "english_name": "Shuyang Secondary Vocational School",
    "raw_names": ["沐阳中等专业学校"],
    "kind": Kind.SECONDARY_VOCATIONAL,
    "region_code": "321322",
    "school_code": "",
    "uscc": "",
    "made_up": False,
}


def test_an_organisation_keeps_the_name_that_a_source_prints() -> None:
    organisation = Organisation.register(**SHUYANG)
    assert organisation.display_name == "沭阳中等专业学校"
    assert organisation.raw_names == ["沐阳中等专业学校"]
    assert (organisation.version, organisation.event) == (1, Event.ORGANISATION_REGISTERED)


def test_a_raw_name_said_twice_is_kept_once() -> None:
    names = ["沐阳中等专业学校", "沭阳中专", "沐阳中等专业学校"]
    organisation = Organisation.register(**SHUYANG | {"raw_names": names})
    assert organisation.raw_names == ["沐阳中等专业学校", "沭阳中专"]


def test_an_organisation_of_no_province_is_refused() -> None:
    with pytest.raises(RegionCodeUnknown):
        Organisation.register(**SHUYANG | {"region_code": "991322"})


def test_an_organisation_with_a_wrong_uscc_is_refused() -> None:
    with pytest.raises(UsccCheckDigitWrong):
        Organisation.register(**SHUYANG | {"uscc": "12320500MB00000091"})


def test_an_organisation_changes_once_in_a_command() -> None:
    organisation = Organisation.register(**SHUYANG)
    with pytest.raises(RuntimeError):
        organisation._happened(Event.ORGANISATION_REGISTERED)
