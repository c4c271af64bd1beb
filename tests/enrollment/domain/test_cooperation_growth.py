"""What cooperations grow by in force: grades, bodies, members, items of a library, heads."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from services.enrollment.domain.cooperation import Cooperation
from services.enrollment.domain.cooperation_facts import State
from services.enrollment.domain.cooperation_head import check_may_name
from services.enrollment.domain.cooperation_parts import (
    BodyKind,
    Contribution,
    DatedGrade,
    Grade,
)
from tests.enrollment.cooperations import (
    COLLEGE,
    CONSORTIUM,
    KNOWN,
    LIBRARY,
    TODAY,
    college,
    enterprise,
    in_force,
    parties,
    reason_of,
    settled,
    sign,
)

TOMORROW = TODAY + timedelta(days=1)
FACTS = "COOPERATION_FACTS_WRONG"


# From, to, by whom, in which state, verdict; GK but for the names of the grades (S0).
GRADINGS: list[tuple[Grade, Grade, str, bool, str]] = [
    (Grade.MAJOR, Grade.DEPARTMENT, "suzhougongye", True, ""),
    (Grade.DEPARTMENT, Grade.SCHOOL, "suzhougongye", True, ""),
    (Grade.SCHOOL, Grade.MAJOR, "suzhougongye", True, ""),
    (Grade.MAJOR, Grade.SCHOOL, "suzhougongye", True, "GRADE_STEP_WRONG"),
    (Grade.MAJOR, Grade.MAJOR, "suzhougongye", True, "GRADE_STEP_WRONG"),
    (
        Grade.MAJOR,
        Grade.DEPARTMENT,
        "chuangyuan",
        True,
        "PARTY_NOT_ENTITLED: a school or college",
    ),
    (Grade.MAJOR, Grade.DEPARTMENT, "suzhougongye", False, "GRADE_STEP_WRONG"),
    (Grade.SCHOOL, Grade.DEPARTMENT, "suzhougongye", False, ""),
]


@pytest.mark.parametrize(("present", "wanted", "party", "is_in_force", "verdict"), GRADINGS)
def test_who_raises_a_grade_and_how_far(
    present: Grade, wanted: Grade, party: str, *, is_in_force: bool, verdict: str
) -> None:
    found = in_force({**COLLEGE, "grade": present})
    if not is_in_force:
        found.suspend(party="suzhougongye", reason="整改", today=TODAY)
        settled(found)

    def change() -> None:
        found.change_grade(wanted, party=party, today=TOMORROW)

    if verdict:
        assert reason_of(change) == verdict
    else:
        change()
        assert found.grades == [
            DatedGrade(grade=present, valid_from_date=TODAY),
            DatedGrade(grade=wanted, valid_from_date=TOMORROW),
        ]


def test_a_grade_that_is_corrected_on_its_day_leaves_one_of_that_day() -> None:
    found = in_force(COLLEGE)
    found.change_grade(Grade.DEPARTMENT, party="suzhougongye", today=TODAY)
    assert found.grades == [DatedGrade(grade=Grade.DEPARTMENT, valid_from_date=TODAY)]


def test_only_an_enterprise_college_has_a_grade_to_change() -> None:
    found = in_force(LIBRARY)
    assert reason_of(lambda: found.change_grade(Grade.SCHOOL, party="lvcai", today=TODAY)) == (
        f"{FACTS}: the grade"
    )


def form(found: Cooperation, **changes: Any) -> None:
    facts: dict[str, Any] = {
        "head": "shenghong",
        "members": ["shenghong", "suzhoujingmao"],
        "party": "suzhoujingmao",
        "today": TODAY,
    }
    found.form_body(changes.pop("kind", BodyKind.COUNCIL), **{**facts, **changes})
    settled(found)


def test_a_consortium_forms_its_three_bodies() -> None:
    found = in_force(CONSORTIUM)
    for kind in (BodyKind.PROJECT_BOARD, BodyKind.COUNCIL, BodyKind.COMMITTEE):
        form(found, kind=kind)
    form(found, kind=BodyKind.COUNCIL, head="suzhoujingmao")
    assert [each.kind for each in found.bodies] == list(BodyKind)
    assert found.bodies[0].head_organisation == "suzhoujingmao"


BODIES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    (
        "its head is a member",
        CONSORTIUM,
        {"head": "cslg"},
        "COOPERATION_BODY_WRONG: its head is no member of it",
    ),
    (
        "members are parties",
        CONSORTIUM,
        {"members": ["shenghong", "gaobo"]},
        "COOPERATION_BODY_WRONG: a member is no party",
    ),
    (
        "each sits in it once",
        CONSORTIUM,
        {"members": ["shenghong", "shenghong"]},
        "COOPERATION_BODY_WRONG: one is named twice",
    ),
    (
        "who leads forms it",
        CONSORTIUM,
        {"party": "cslg"},
        "PARTY_NOT_ENTITLED: a leading party",
    ),
    ("a consortium has it", LIBRARY, {"party": "lvcai"}, f"{FACTS}: no consortium"),
]


@pytest.mark.parametrize(("rule", "case", "how", "verdict"), BODIES, ids=[row[0] for row in BODIES])
def test_what_a_body_is_not(
    rule: str, case: dict[str, Any], how: dict[str, Any], verdict: str
) -> None:
    assert rule
    found = in_force(case)
    assert reason_of(lambda: form(found, **how)) == verdict


def add(found: Cooperation, slug: str = "chenyi", party: str = "suzhoujingmao") -> None:
    found.add_member(enterprise(slug), organisation=KNOWN[slug], party=party, today=TOMORROW)
    settled(found)


def remove(found: Cooperation, slug: str, party: str = "suzhoujingmao") -> None:
    found.remove_member(slug, party=party, today=TOMORROW)
    settled(found)


def test_a_new_member_signs_in_its_turn_while_the_consortium_is_in_force() -> None:
    found = in_force(CONSORTIUM)
    add(found)
    assert (found.state, found.holder) == (State.IN_FORCE, "chenyi")
    sign(found, "chenyi")
    assert (found.state, found.holder) == (State.IN_FORCE, None)


def test_a_member_leaves_and_comes_back_and_both_are_kept() -> None:
    found = in_force(CONSORTIUM)
    form(found, members=["shenghong", "cslg"])
    remove(found, "cslg", party="cslg")
    assert "cslg" not in parties(found)
    assert found.bodies[0].members == ("shenghong",)
    # It signed, and goes on seeing what it signed.
    assert "cslg" in found.audience
    found.add_member(
        college("cslg"), organisation=KNOWN["cslg"], party="suzhoujingmao", today=TOMORROW
    )
    days = [(each.join_date, each.leave_date) for each in found.parties if "cslg" in str(each)]
    assert days == [(TODAY, TOMORROW), (TOMORROW, None)]


MEMBER = "COOPERATION_MEMBER_WRONG"
MEMBERS: list[tuple[str, Callable[[Cooperation], None], str]] = [
    ("twice", lambda found: add(found, "shenghong"), f"{MEMBER}: it takes part already"),
    (
        "by a party that does not lead",
        lambda found: add(found, party="cslg"),
        "PARTY_NOT_ENTITLED: a leading party",
    ),
    (
        "the last enterprise that leads",
        lambda found: remove(found, "shenghong"),
        f"{MEMBER}: it is the last of its side that leads",
    ),
    ("who takes no part", lambda found: remove(found, "gaobo"), f"{MEMBER}: it takes no part"),
    (
        "another, by one that does not lead",
        lambda found: remove(found, "cslg", party="shazhou"),
        "PARTY_NOT_ENTITLED: a leading party",
    ),
]


@pytest.mark.parametrize(("rule", "change", "verdict"), MEMBERS, ids=[row[0] for row in MEMBERS])
def test_who_does_not_come_or_go(
    rule: str, change: Callable[[Cooperation], None], verdict: str
) -> None:
    assert rule
    found = in_force(CONSORTIUM)
    assert reason_of(lambda: change(found)) == verdict


def test_who_heads_a_body_stays_until_another_does() -> None:
    found = in_force(CONSORTIUM)
    form(found, head="cslg", members=["cslg"])
    assert reason_of(lambda: remove(found, "cslg")) == f"{MEMBER}: it heads a body"


def test_a_library_knows_its_contributors_and_how_much_it_is_used() -> None:
    found = in_force(LIBRARY)
    for slug, items, uses in (("lvcai", 80, 1_000), ("jingmao", 20, 300), ("lvcai", 100, 1_200)):
        found.count_items(
            Contribution(organisation=slug, item_count=items, use_count=uses, count_date=TODAY)
        )
        settled(found)
    assert {each.organisation: each.item_count for each in found.contributions} == {
        "lvcai": 100,
        "jingmao": 20,
    }


@pytest.mark.parametrize(
    ("case", "slug", "verdict"),
    [
        (COLLEGE, "suzhougongye", f"{FACTS}: no library"),
        (LIBRARY, "gaobo", "PARTY_NOT_ENTITLED: a present party"),
    ],
)
def test_what_is_no_library_has_no_items(case: dict[str, Any], slug: str, verdict: str) -> None:
    found = in_force(case)
    counted = Contribution(organisation=slug, item_count=1, use_count=1, count_date=TODAY)
    assert reason_of(lambda: found.count_items(counted)) == verdict


@pytest.mark.parametrize(
    ("party", "body", "verdict"),
    [
        ("cslg", None, ""),
        ("shenghong", BodyKind.COUNCIL, ""),
        ("cslg", BodyKind.COUNCIL, "PARTY_NOT_ENTITLED: the party that heads the body"),
        ("shenghong", BodyKind.COMMITTEE, "PARTY_NOT_ENTITLED: the party that heads the body"),
        ("gaobo", None, "PARTY_NOT_ENTITLED: a present party"),
    ],
)
def test_who_names_a_head(party: str, body: BodyKind | None, verdict: str) -> None:
    found = in_force(CONSORTIUM)
    form(found)
    if verdict:
        assert reason_of(lambda: check_may_name(found, party=party, body=body)) == verdict
    else:
        check_may_name(found, party=party, body=body)
