"""Cooperations: which parties and facts a kind has, who signs, and when it is in force."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.enrollment.domain.cooperation import Cooperation
from services.enrollment.domain.cooperation_facts import State
from services.enrollment.domain.cooperation_parts import (
    Grade,
    Kind,
)
from services.enrollment.domain.events import Event
from tests.enrollment import cooperations as made
from tests.enrollment.cooperations import (
    AGREEMENT,
    APPRENTICESHIP,
    ARTICULATION,
    COLLEGE,
    CONSORTIUM,
    KNOWN,
    LIBRARY,
    NAMED_CLASS,
    OTHER_SHA,
    PAPER,
    TODAY,
    bureau,
    college,
    drafted,
    enterprise,
    in_force,
    reason_of,
    school,
    settled,
    sign,
    signed,
    start,
)

TOMORROW = TODAY + timedelta(days=1)
LONG = replace(AGREEMENT, valid_to_date=date(2022, 8, 31))


PARTIES = "COOPERATION_PARTIES_WRONG"
FACTS = "COOPERATION_FACTS_WRONG"
KNOWN_ALL = {**KNOWN, "no-uscc": replace(KNOWN["tongcheng"], id="no-uscc", uscc="")}
# Rule, source, what is drafted, verdict.
DRAFTS: list[tuple[str, str, dict[str, Any], str]] = [
    ("an apprenticeship of two schools", "S0", {**APPRENTICESHIP, "agreement": None}, ""),
    ("an apprenticeship with its agreement", "S0", APPRENTICESHIP, ""),
    ("an enterprise college with its grade", "S0", COLLEGE, ""),
    ("衔接 of a college and two schools", "S0", ARTICULATION, ""),
    ("a named class of one enterprise", "S0", NAMED_CLASS, ""),
    ("an order class of one enterprise", "S4", {**NAMED_CLASS, "kind": Kind.ORDER_CLASS}, ""),
    ("a consortium that both sides lead", "S0", CONSORTIUM, ""),
    ("a shared library", "S0", LIBRARY, ""),
    (
        "who is registered takes part",
        "-",
        {**LIBRARY, "entrants": (college("lvcai"), replace(school("jingmao"), organisation="no"))},
        f"{PARTIES}: not registered",
    ),
    (
        "a role is what the organisation is",
        "-",
        {**LIBRARY, "entrants": (college("lvcai"), school("gaobo"))},
        f"{PARTIES}: the role does not fit what it is",
    ),
    (
        "an enterprise has a USCC",
        "GB 32100",
        {**COLLEGE, "entrants": (college("suzhougongye"), enterprise("no-uscc"))},
        f"{PARTIES}: an enterprise without a USCC",
    ),
    (
        "nobody is twice a party",
        "-",
        {**LIBRARY, "entrants": (college("lvcai"), school("lvcai"))},
        f"{PARTIES}: one is named twice",
    ),
    (
        "a school takes part",
        "-",
        {**LIBRARY, "entrants": (bureau("szedu"), enterprise("tongcheng")), "party": "szedu"},
        f"{PARTIES}: no school or college",
    ),
    (
        "a named class is of one enterprise",
        "S4",
        {**NAMED_CLASS, "entrants": (college("suzhougongye"), college("gaobo"))},
        f"{PARTIES}: not exactly one enterprise",
    ),
    (
        "an order class is of one enterprise only",
        "S4",
        {
            **NAMED_CLASS,
            "kind": Kind.ORDER_CLASS,
            "entrants": (
                college("suzhougongye"),
                enterprise("hengtong"),
                enterprise("chuangyuan"),
            ),
        },
        f"{PARTIES}: not exactly one enterprise",
    ),
    (
        "an enterprise college is one college's",
        "S0",
        {**COLLEGE, "entrants": (college("suzhougongye"), college("gaobo"))},
        f"{PARTIES}: not one college with enterprises",
    ),
    (
        "衔接 has a college and a school",
        "S0",
        {
            **ARTICULATION,
            "entrants": (school("shuyang"), school("suqianxinxi")),
            "party": "shuyang",
        },
        f"{PARTIES}: not a school and a college",
    ),
    (
        "an enterprise leads a consortium",
        "S0",
        {**CONSORTIUM, "entrants": (college("cslg", is_lead=True), enterprise("shenghong"))},
        f"{PARTIES}: no leading enterprise or no leading school",
    ),
    (
        "an enterprise does not draft",
        "-",
        {**COLLEGE, "party": "chuangyuan"},
        f"{PARTIES}: who drafts is no school of it",
    ),
    (
        "a stranger does not draft",
        "-",
        {**COLLEGE, "party": "gaobo"},
        f"{PARTIES}: who drafts is no school of it",
    ),
    ("a named class has its class", "S4", {**NAMED_CLASS, "class_name": ""}, f"{FACTS}: the class"),
    ("no other kind has one", "S4", {**LIBRARY, "class_name": "地铁班"}, f"{FACTS}: the class"),
    (
        "a named class has a number of students",
        "S4",
        {**NAMED_CLASS, "student_count": 0},
        f"{FACTS}: the number of students",
    ),
    (
        "衔接 carries no quota",
        "S0",
        {**ARTICULATION, "student_count": 30},
        f"{FACTS}: the kind has no quota",
    ),
    ("an enterprise college has a grade", "S0", {**COLLEGE, "grade": None}, f"{FACTS}: the grade"),
    ("no other kind has one", "S0", {**LIBRARY, "grade": Grade.MAJOR}, f"{FACTS}: the grade"),
    (
        "an agreement ends after it begins",
        "-",
        {**APPRENTICESHIP, "agreement": LONG},
        "COOPERATION_PERIOD_REVERSED",
    ),
]


@pytest.mark.parametrize(
    ("rule", "source", "case", "verdict"), DRAFTS, ids=[f"{row[0]} ({row[1]})" for row in DRAFTS]
)
def test_parties_and_facts_fit_the_kind(
    rule: str, source: str, case: dict[str, Any], verdict: str
) -> None:
    assert rule
    assert source

    def draft() -> Cooperation:
        return drafted(case, organisations=KNOWN_ALL)

    if verdict:
        assert reason_of(draft) == verdict
    else:
        assert draft().state is State.DRAFTED


def test_whose_turn_it_is_goes_from_party_to_party() -> None:
    found = drafted(APPRENTICESHIP)
    turns = []
    while found.state is State.DRAFTED:
        turns.append(found.holder)
        sign(found, str(found.holder))
    assert turns == ["lvcai", "jingmao", "tongcheng"]
    assert (found.state, found.holder) == (State.SIGNED, "lvcai")
    start(found)
    assert (found.state, found.holder) == (State.IN_FORCE, None)
    assert found.is_in_force(TODAY)


def blocked(slug: str) -> dict[str, Any]:
    organisation = made.organisation(slug)
    organisation.block(reason="核查")
    return {**KNOWN, slug: organisation}


def closed(slug: str) -> dict[str, Any]:
    return {**KNOWN, slug: replace(KNOWN[slug], end_date=TODAY)}


# Rule, source, who signs, how, verdict.
SIGNATURES: list[tuple[str, str, str, dict[str, Any], str]] = [
    ("a party signs the attached document", "-", "jingmao", {}, ""),
    (
        "and no other",
        "-",
        "jingmao",
        {"agreement_sha256": OTHER_SHA},
        "SIGNED_DOCUMENT_MISMATCH",
    ),
    ("once", "-", "lvcai", {}, "COOPERATION_ALREADY_SIGNED"),
    ("a stranger does not sign", "-", "gaobo", {}, "NOT_SIGNATORY"),
    ("a school records an enterprise's paper", "-", "lvcai", {"enterprise": "tongcheng"}, ""),
    (
        "only with the paper",
        "-",
        "lvcai",
        {"enterprise": "tongcheng", "paper_sha256": ""},
        "SIGNATURE_PAPER_MISSING",
    ),
    ("nobody signs for a school", "-", "lvcai", {"enterprise": "jingmao"}, "NOT_SIGNATORY"),
    (
        "an enterprise records for nobody",
        "-",
        "tongcheng",
        {"enterprise": "jingmao"},
        "PARTY_NOT_ENTITLED: a school or college",
    ),
    (
        "who is blocked does not sign",
        "-",
        "jingmao",
        {"organisations": blocked("jingmao")},
        "ORGANISATION_BLOCKED",
    ),
    (
        "nor does anybody for it",
        "-",
        "lvcai",
        {"enterprise": "tongcheng", "organisations": blocked("tongcheng")},
        "ORGANISATION_BLOCKED",
    ),
    (
        "who has ended does not sign",
        "-",
        "jingmao",
        {"organisations": closed("jingmao")},
        "ORGANISATION_ENDED",
    ),
]


@pytest.mark.parametrize(
    ("rule", "source", "party", "how", "verdict"), SIGNATURES, ids=[row[0] for row in SIGNATURES]
)
def test_who_signs_what(
    rule: str, source: str, party: str, how: dict[str, Any], verdict: str
) -> None:
    assert rule
    assert source
    found = drafted(APPRENTICESHIP)
    sign(found, "lvcai")

    def attempt() -> None:
        sign(found, party, **({"paper_sha256": PAPER} if "enterprise" in how else {}) | how)

    if verdict:
        assert reason_of(attempt) == verdict
        return
    attempt()
    signer = found.find_party(how.get("enterprise") or party)
    assert signer is not None
    assert (signer.sign_date, signer.signature_recorder) == (TODAY, party)


def test_a_bureau_signs_where_it_is_asked_to() -> None:
    entrants = (*APPRENTICESHIP["entrants"], bureau("szedu"))
    assert "szedu" not in [
        each.organisation
        for each in drafted({**APPRENTICESHIP, "entrants": entrants}).parties
        if each.is_awaited
    ]
    asked = (*APPRENTICESHIP["entrants"], bureau("szedu", must_sign=True))
    found = signed({**APPRENTICESHIP, "entrants": asked})
    assert found.find_party("szedu") is not None
    assert all(each.sign_date == TODAY for each in found.parties)


def test_another_agreement_voids_the_signatures_under_the_first() -> None:
    found = signed(APPRENTICESHIP)
    found.attach_agreement(replace(AGREEMENT, sha256=OTHER_SHA), party="jingmao")
    assert found.event is Event.COOPERATION_AGREEMENT_ATTACHED
    assert (found.state, found.holder) == (State.DRAFTED, "lvcai")
    assert not any(each.sign_date for each in found.parties)


# Rule, source, cooperation, how it is started, verdict.
STARTS: list[tuple[str, str, Callable[[], Cooperation], dict[str, Any], str]] = [
    ("what is signed is put in force", "S0", lambda: signed(APPRENTICESHIP), {}, ""),
    (
        "an apprenticeship is never in force without an agreement",
        "LAW 职业教育法 art 30, S0",
        lambda: signed({**APPRENTICESHIP, "agreement": None}),
        {},
        "COOPERATION_AGREEMENT_MISSING",
    ),
    ("a library is", "S0", lambda: signed(LIBRARY), {}, ""),
    ("not before all have signed", "-", lambda: drafted(LIBRARY), {}, "COOPERATION_NOT_AT_STEP"),
    (
        "not by an enterprise",
        "-",
        lambda: signed(APPRENTICESHIP),
        {"party": "tongcheng"},
        "PARTY_NOT_ENTITLED: a school or college",
    ),
    (
        "not after the agreement's last day",
        "-",
        lambda: signed(APPRENTICESHIP),
        {"today": date(2025, 9, 1)},
        "OUTSIDE_AGREEMENT_PERIOD",
    ),
    (
        "not before its first day",
        "-",
        lambda: signed(APPRENTICESHIP),
        {"today": date(2022, 8, 31)},
        "OUTSIDE_AGREEMENT_PERIOD",
    ),
    (
        "not with a party that is blocked",
        "-",
        lambda: signed(APPRENTICESHIP),
        {"organisations": blocked("jingmao")},
        "ORGANISATION_BLOCKED",
    ),
    ("not twice", "-", lambda: in_force(LIBRARY), {}, "COOPERATION_NOT_AT_STEP"),
]


@pytest.mark.parametrize(
    ("rule", "source", "make", "how", "verdict"), STARTS, ids=[row[0] for row in STARTS]
)
def test_when_a_cooperation_is_put_in_force(
    rule: str, source: str, make: Callable[[], Cooperation], how: dict[str, Any], verdict: str
) -> None:
    assert rule
    assert source
    found = make()
    if verdict:
        assert reason_of(lambda: start(found, **how)) == verdict
        assert found.in_force_periods == [] or found.state is State.IN_FORCE
    else:
        start(found, **how)
        assert found.state is State.IN_FORCE


def test_it_was_in_force_on_the_days_between_a_start_and_a_suspension_or_an_end() -> None:
    found = in_force(APPRENTICESHIP)
    found.suspend(party="tongcheng", reason="经营调整", today=date(2023, 3, 1))
    settled(found)
    assert reason_of(lambda: found.suspend(party="lvcai", reason="", today=TODAY)) == (
        "COOPERATION_NOT_AT_STEP"
    )
    found.resume(party="jingmao", organisations=KNOWN, today=date(2023, 4, 1))
    settled(found)
    found.end(party="tongcheng", reason="到期", today=date(2023, 5, 1))
    days = [(1, 31), (2, 28), (3, 1), (3, 31), (4, 1), (4, 30), (5, 1)]
    held = [found.is_in_force(date(2023, month, day)) for month, day in days]
    assert held == [True, True, False, False, True, True, False]
    assert not found.is_in_force(TODAY - timedelta(days=1))
    settled(found)
    for change in (
        lambda: found.end(party="lvcai", reason="", today=TODAY),
        lambda: sign(found, "lvcai"),
        lambda: found.attach_agreement(AGREEMENT, party="lvcai"),
    ):
        assert reason_of(change) == "COOPERATION_NOT_AT_STEP"


def test_after_the_agreements_last_day_it_is_in_force_no_more() -> None:
    found = in_force(APPRENTICESHIP)
    assert found.is_in_force(AGREEMENT.valid_to_date)
    assert not found.is_in_force(AGREEMENT.valid_to_date + timedelta(days=1))
