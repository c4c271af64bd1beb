"""Organisations: names and regions with their days, ends and successors, blocks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chassis.errors import DomainError
from services.enrollment.domain.events import Event
from services.enrollment.domain.organisation import Kind, Organisation, State
from services.enrollment.domain.organisation_names import normalise, search_text
from services.enrollment.domain.organisation_parts import DatedName, EndKind, NameKind, Succession
from services.enrollment.domain.successions import next_holder
from services.enrollment.edge.regions import RegionList

REGIONS = RegionList()
TODAY = date(2023, 3, 1)
SHUYANG: dict[str, Any] = {
    "regions": REGIONS,
    "on": TODAY,
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


def organisation(**changes: Any) -> Organisation:
    """Return an organisation as a later command would load it."""
    made = Organisation.register(**SHUYANG | changes)
    made.event = None
    return made


def reason_of(change: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as refused:
        change()
    return refused.value.reason


def test_an_organisation_keeps_the_name_that_a_source_prints() -> None:
    made = Organisation.register(**SHUYANG)
    assert made.display_name == "沭阳中等专业学校"
    assert made.raw_names == ["沐阳中等专业学校"]
    assert (made.version, made.event) == (1, Event.ORGANISATION_REGISTERED)


def test_a_raw_name_said_twice_is_kept_once() -> None:
    names = ["沐阳中等专业学校", "沭阳中专", "沐阳中等专业学校"]
    assert organisation(raw_names=names).raw_names == ["沐阳中等专业学校", "沭阳中专"]


# Rule, source, what is registered, verdict.
REGISTRATIONS: list[tuple[str, str, dict[str, Any], str]] = [
    ("a region is one of GB/T 2260", "AREA", {"region_code": "991322"}, "REGION_CODE_UNKNOWN"),
    (
        "a region is not only of a province",
        "AREA",
        {"region_code": "329999"},
        "REGION_CODE_UNKNOWN",
    ),
    (
        "a retired code is not of today",
        "AREA: 沭阳 320823 to 1996",
        {"region_code": "320823"},
        "REGION_CODE_NOT_IN_FORCE",
    ),
    (
        "a retired code is of its time",
        "AREA: 沭阳 320823 to 1996",
        {"region_code": "320823", "on": date(1995, 9, 1)},
        "",
    ),
    (
        "a new code is not of before",
        "AREA: 沭阳 321322 since 1996",
        {"region_code": "321322", "on": date(1995, 9, 1)},
        "REGION_CODE_NOT_IN_FORCE",
    ),
    (
        "a USCC has its check digit",
        "GB 32100",
        {"uscc": "12320500MB00000091"},
        "USCC_CHECK_DIGIT_WRONG",
    ),
    ("a remainder of 0 gives 0", "GB 32100", {"uscc": "12320500MB00000090"}, ""),
    (
        "a school code has the province of the region",
        "GK",
        {"school_code": "3633012345"},
        "SCHOOL_CODE_WRONG",
    ),
    ("a school code of the province", "GK", {"school_code": "3632012345"}, ""),
    (
        "of higher education the serial is 0 and the national code",
        "GK",
        {"kind": Kind.UNIVERSITY, "school_code": "4132110333"},
        "SCHOOL_CODE_WRONG",
    ),
    (
        "of higher education the serial is 0 and the national code",
        "GK",
        {"kind": Kind.UNIVERSITY, "school_code": "4132010333"},
        "",
    ),
    ("a zone has its host's code", "AREA", {"kind": Kind.ZONE, "region_code": "321300"}, ""),
    ("several superiors", "JS21, JS22", {"reports_to": ["jsedu", "sqedu"]}, ""),
    ("none is its own superior", "JS21", {"reports_to": ["shuyang"]}, "REPORTS_TO_ITSELF"),
]


@pytest.mark.parametrize(("rule", "source", "facts", "verdict"), REGISTRATIONS)
def test_registering(rule: str, source: str, facts: dict[str, Any], verdict: str) -> None:
    assert rule
    assert source
    if verdict:
        assert reason_of(lambda: organisation(**facts)) == verdict
    else:
        organisation(**facts)


def test_a_renamed_organisation_is_found_by_its_former_name_of_its_time() -> None:
    made = organisation()
    made.rename(
        display_name="江苏省沭阳中等专业学校",
        english_name="",
        effective_date=date(2015, 9, 1),
        today=TODAY,
    )
    assert made.event is Event.ORGANISATION_RENAMED
    assert made.display_name == "江苏省沭阳中等专业学校"
    now, former = made.names
    assert (now.valid_from_date, now.valid_to_date) == (date(2015, 9, 1), None)
    assert (former.text, former.valid_to_date) == ("沭阳中等专业学校", date(2015, 8, 31))


@pytest.mark.parametrize(
    ("effective_date", "name", "verdict"),
    [
        (date(2015, 9, 1), "丙", "EFFECTIVE_DATE_WRONG"),
        (date(2014, 9, 1), "丙", "EFFECTIVE_DATE_WRONG"),
        (date(2023, 3, 2), "丙", "EFFECTIVE_DATE_WRONG"),
        (date(2023, 3, 1), "乙", "NAME_UNCHANGED"),
    ],
    ids=["the day of the last", "before the last", "tomorrow", "the same name"],
)
def test_a_name_follows_the_last_one_and_is_not_ahead(
    effective_date: date, name: str, verdict: str
) -> None:
    made = organisation()
    facts = {"english_name": "", "today": TODAY}
    made.rename(display_name="乙", effective_date=date(2015, 9, 1), **facts)  # type: ignore[arg-type]
    made.event = None
    change = {"display_name": name, "effective_date": effective_date, **facts}
    assert reason_of(lambda: made.rename(**change)) == verdict  # type: ignore[arg-type]


def test_an_alias_is_kept_once_with_its_days() -> None:
    made = organisation()
    alias = DatedName(text="沭阳中专", kind=NameKind.ALIAS)
    made.add_alias(alias)
    made.event = None
    made.add_alias(replace(alias, valid_from_date=date(2000, 1, 1)))
    assert [each.valid_from_date for each in made.names[1:]] == [date(2000, 1, 1)]


def test_names_are_looked_for_in_one_form() -> None:
    assert normalise("苏州农业职业技术学院（本部） ＳＺＡＩ-1") == "苏州农业职业技术学院本部szai1"
    assert search_text(["沭阳 中专", "沭阳中专", "", "沐阳中专"]) == "沭阳中专\n沐阳中专"


def test_a_renumbered_region_is_taken_over_with_its_day() -> None:
    """吴江 320584 became 320509 in 2012 (AREA)."""
    made = organisation(region_code="320584", on=date(2010, 9, 1))
    facts: dict[str, Any] = {"zone": "", "effective_date": date(2012, 9, 1), "today": TODAY}
    refused = reason_of(lambda: made.relocate(REGIONS, region_code="320506x", **facts))
    assert refused == "REGION_CODE_UNKNOWN"
    made.relocate(REGIONS, region_code="320509", **facts)
    assert [each.region_code for each in made.regions] == ["320509", "320584"]
    assert made.regions[1].valid_to_date == date(2012, 8, 31)


MERGER = date(2024, 7, 1)


def test_a_merged_organisation_acts_until_its_end_and_not_after() -> None:
    made, successor = organisation(), organisation(new_id="siyang")
    made.merge(successor, effective_date=MERGER)
    assert (made.state, made.end_kind, made.end_date) == (State.ENDED, EndKind.MERGED, MERGER)
    made.check_open_to_new(on=date(2024, 6, 30))
    assert reason_of(lambda: made.check_open_to_new(on=MERGER)) == "ORGANISATION_ENDED"


# What is wrong with the end, and the verdict.
ENDS: list[tuple[str, Callable[[Organisation, Organisation], object], str]] = [
    ("into itself", lambda one, _: one.merge(one, effective_date=MERGER), "SUCCESSORS_WRONG"),
    (
        "into one that ends on the day",
        lambda one, other: one.merge(ended(other, MERGER), effective_date=MERGER),
        "SUCCESSOR_NOT_IN_OPERATION",
    ),
    (
        "into one that is blocked",
        lambda one, other: one.merge(blocked(other), effective_date=MERGER),
        "SUCCESSOR_NOT_IN_OPERATION",
    ),
    (
        "into one that is founded later",
        lambda one, _: one.merge(
            organisation(new_id="new", established_date=date(2025, 1, 1)), effective_date=MERGER
        ),
        "SUCCESSOR_NOT_IN_OPERATION",
    ),
    (
        "twice",
        lambda one, other: ended(one, MERGER).merge(other, effective_date=date(2025, 7, 1)),
        "ORGANISATION_ENDED",
    ),
    (
        "before another comes to it",
        lambda one, other: one.check_does_not_take_over([merged(other, one)], until=MERGER),
        "ORGANISATION_TAKES_OVER_LATER",
    ),
    (
        "renamed after the end",
        lambda one, _: ended(one, date(2020, 1, 1)).rename(
            display_name="乙", english_name="", effective_date=date(2021, 1, 1), today=TODAY
        ),
        "ORGANISATION_ENDED",
    ),
]


def ended(made: Organisation, on: date) -> Organisation:
    made.close(None, effective_date=on)
    made.event = None
    return made


def blocked(made: Organisation) -> Organisation:
    made.block(reason="核查")
    return made


def merged(made: Organisation, successor: Organisation) -> Organisation:
    made.merge(successor, effective_date=MERGER)
    return made


@pytest.mark.parametrize(("problem", "end", "verdict"), ENDS)
def test_an_end_leaves_no_record_without_a_holder(
    problem: str, end: Callable[[Organisation, Organisation], object], verdict: str
) -> None:
    assert problem
    one, other = organisation(), organisation(new_id="siyang")
    assert reason_of(lambda: end(one, other)) == verdict


def link(to: str, *majors: str, on: date = MERGER) -> Succession:
    return Succession(organisation=to, effective_date=on, major_codes=majors)


# The links, whether it goes on, and the verdict.
SPLITS: list[tuple[list[Succession], bool, str]] = [
    ([link("a", "690101"), link("b")], False, ""),
    ([link("a", "690101")], True, ""),
    ([link("a", "690101"), link("b", "740101")], False, "SUCCESSORS_WRONG"),
    ([link("a"), link("b")], False, "SUCCESSORS_WRONG"),
    ([link("a", "690101"), link("b", "690101"), link("c")], False, "SUCCESSORS_WRONG"),
    ([link("a", "690101"), link("a")], False, "SUCCESSORS_WRONG"),
    ([link("a", "690101"), link("b")], True, "SUCCESSORS_WRONG"),
]


@pytest.mark.parametrize(("links", "continues", "verdict"), SPLITS)
def test_in_a_split_each_major_goes_to_exactly_one(
    links: list[Succession], *, continues: bool, verdict: str
) -> None:
    made = organisation()
    parts = [organisation(new_id=each.organisation) for each in links]
    if verdict:
        assert reason_of(lambda: made.split(links, parts, continues=continues)) == verdict
    else:
        made.split(links, parts, continues=continues)
        assert (made.end_date is None) is continues
        assert made.successors == links


@pytest.mark.parametrize(
    ("on", "since", "major", "holder"),
    [
        (date(2019, 12, 31), date.min, "690101", None),
        (date(2020, 1, 1), date.min, "690101", "a"),
        (date(2020, 1, 1), date.min, "740101", None),
        (date(2024, 7, 1), date.min, "740101", "b"),
        (date(2024, 7, 1), date.min, "", "b"),
        # Given away before the merger: it stays with whom it went to.
        (date(2024, 7, 1), date.min, "690101", "a"),
        # It came here after that part had gone.
        (date(2024, 7, 1), date(2022, 1, 1), "690101", "b"),
        (date(2024, 7, 1), date(2024, 7, 1), "690101", None),
    ],
)
def test_records_go_the_first_way_that_opens_to_them(
    on: date, since: date, major: str, holder: str | None
) -> None:
    links = [link("a", "690101", on=date(2020, 1, 1)), link("b")]
    found = next_holder(links, on=on, since=since, major_code=major)
    assert (found.organisation if found else None) == holder


def test_a_blocked_organisation_is_open_to_nothing_new_until_it_is_unblocked() -> None:
    made = blocked(organisation())
    assert str(made.state) == "BLOCKED"
    made.event = None
    assert reason_of(lambda: made.check_open_to_new(on=TODAY)) == "ORGANISATION_BLOCKED"
    assert reason_of(lambda: made.block(reason="再次")) == "ORGANISATION_BLOCKED"
    made.unblock()
    made.event = None
    made.check_open_to_new(on=TODAY)
    assert str(made.state) == "ACTIVE"
    assert reason_of(made.unblock) == "ORGANISATION_NOT_BLOCKED"


def test_an_organisation_changes_once_in_a_command() -> None:
    made = Organisation.register(**SHUYANG)
    with pytest.raises(RuntimeError):
        made._happened(Event.ORGANISATION_REGISTERED)
