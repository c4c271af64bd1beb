"""Rosters of cooperations: who may join from when, with which papers, and when they are off."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import DomainError
from services.enrollment.domain.cooperation import Cooperation
from services.enrollment.domain.cooperation_parts import Kind
from services.enrollment.domain.cooperation_pupil import CooperationPupil, State
from services.enrollment.domain.events import Event
from services.enrollment.domain.status_record import State as RecordState
from services.enrollment.domain.status_record import StatusRecord
from tests.enrollment import made
from tests.enrollment.cooperations import (
    APPRENTICESHIP,
    ARTICULATION,
    COLLEGE,
    CONSORTIUM,
    LIBRARY,
    NAMED_CLASS,
    SHA,
    TODAY,
    drafted,
    enterprise,
    in_force,
)

NO_ROSTER = "COOPERATION_HAS_NO_ROSTER"
TOMORROW = TODAY + timedelta(days=1)


def record_at(school: str, **changes: Any) -> StatusRecord:
    return replace(made.front_record(), organisation=school, front=school, **changes)


def join(cooperation: Cooperation, party: str, **changes: Any) -> CooperationPupil:
    facts: dict[str, Any] = {
        "new_id": uuid4(),
        "cooperation": cooperation,
        "record": changes.pop("record", None) or record_at(party),
        "party": party,
        "enterprise": "",
        "join_date": TODAY,
        "agreement_sha256": SHA,
        "others": (),
    }
    pupil = CooperationPupil.join(**{**facts, **changes})
    pupil.event = None
    return pupil


def verdict_of(change: Any) -> str:
    try:
        change()
    except DomainError as refusal:
        problem = refusal.metadata.get("problem", "")
        return f"{refusal.reason}: {problem}" if problem else refusal.reason
    return ""


# Rule, source, cooperation, party, first day, how many are on the roster, verdict.
JOINING: list[tuple[str, str, Cooperation, str, date, int, str]] = [
    ("an apprentice joins", "S0", in_force(APPRENTICESHIP), "jingmao", TODAY, 0, ""),
    ("a class has the number agreed on", "S4", in_force(NAMED_CLASS), "suzhougongye", TODAY, 1, ""),
    (
        "and no more",
        "S4",
        in_force(NAMED_CLASS),
        "suzhougongye",
        TODAY,
        2,
        "COOPERATION_FULL",
    ),
    (
        "an articulation makes no place",
        "S0",
        in_force(ARTICULATION),
        "shuyang",
        TODAY,
        0,
        NO_ROSTER,
    ),
    (
        "nor does a college",
        "-",
        in_force(COLLEGE),
        "suzhougongye",
        TODAY,
        0,
        NO_ROSTER,
    ),
    ("nor a library", "-", in_force(LIBRARY), "lvcai", TODAY, 0, NO_ROSTER),
    (
        "nor a consortium",
        "-",
        in_force(CONSORTIUM),
        "cslg",
        TODAY,
        0,
        NO_ROSTER,
    ),
    (
        "nobody joins a draft",
        "-",
        drafted(NAMED_CLASS),
        "suzhougongye",
        TODAY,
        0,
        "COOPERATION_NOT_AT_STEP",
    ),
    (
        "an enterprise adds nobody",
        "-",
        in_force(NAMED_CLASS),
        "hengtong",
        TODAY,
        0,
        "PARTY_NOT_ENTITLED: a school or college",
    ),
    (
        "nobody joins ahead",
        "-",
        in_force(NAMED_CLASS),
        "suzhougongye",
        TOMORROW,
        0,
        "PUPIL_DATES_WRONG: it lies ahead",
    ),
    (
        "nobody joins before it was in force",
        "-",
        in_force(NAMED_CLASS),
        "suzhougongye",
        TODAY - timedelta(days=1),
        0,
        "PUPIL_DATES_WRONG: not in force",
    ),
]


@pytest.mark.parametrize(
    ("rule", "source", "cooperation", "party", "join_date", "count", "verdict"),
    JOINING,
    ids=[row[0] for row in JOINING],
)
def test_when_a_roster_is_open(
    *,
    rule: str,
    source: str,
    cooperation: Cooperation,
    party: str,
    join_date: date,
    count: int,
    verdict: str,
) -> None:
    assert rule
    assert source

    def check() -> None:
        cooperation.check_may_join(
            party=party, join_date=join_date, today=TODAY, on_roster_count=count
        )

    assert verdict_of(check) == verdict


# Rule, source, what is wrong, verdict.
PAPERS: list[tuple[str, str, dict[str, Any], str]] = [
    ("with all papers", "LAW 职业教育法 art 30", {}, ""),
    (
        "an apprentice has an agreement",
        "LAW 职业教育法 art 30",
        {"agreement_sha256": ""},
        "APPRENTICE_PAPERS_MISSING: agreement",
    ),
    (
        "the enterprise is one of the cooperation's",
        "-",
        {"enterprise": "hengtong"},
        "COOPERATION_PARTIES_WRONG: no enterprise of the cooperation",
    ),
    (
        "the pupil is at the school",
        "-",
        {"record": record_at("lvcai")},
        "PUPIL_NOT_OF_SCHOOL",
    ),
    (
        "and in school",
        "-",
        {"record": record_at("jingmao", state=RecordState.AWAY)},
        "PUPIL_NOT_OF_SCHOOL",
    ),
    (
        "on that day",
        "-",
        {"record": record_at("jingmao", valid_from_date=TOMORROW)},
        "PUPIL_NOT_OF_SCHOOL",
    ),
]


@pytest.mark.parametrize(
    ("rule", "source", "changes", "verdict"), PAPERS, ids=[row[0] for row in PAPERS]
)
def test_what_an_apprentice_needs(
    rule: str, source: str, changes: dict[str, Any], verdict: str
) -> None:
    assert rule
    assert source
    cooperation = in_force(APPRENTICESHIP)
    assert verdict_of(lambda: join(cooperation, "jingmao", **changes)) == verdict


def test_an_apprentice_of_two_schools_alone_has_no_enterprise_and_no_place() -> None:
    """The law's agreement is with an enterprise: that of the two schools is not the pupil's."""
    cooperation = in_force({**APPRENTICESHIP, "entrants": APPRENTICESHIP["entrants"][:2]})
    assert verdict_of(lambda: join(cooperation, "jingmao")) == (
        "APPRENTICE_PAPERS_MISSING: enterprise"
    )


def test_of_several_enterprises_one_is_named() -> None:
    entrants = (*APPRENTICESHIP["entrants"], enterprise("bazhuayu"))
    cooperation = in_force({**APPRENTICESHIP, "entrants": entrants})
    assert verdict_of(lambda: join(cooperation, "jingmao")) == (
        "APPRENTICE_PAPERS_MISSING: enterprise"
    )
    assert join(cooperation, "jingmao", enterprise="bazhuayu").enterprise == "bazhuayu"


CONSENT = UUID(int=7)
UNCONSENTED = "APPRENTICE_PAPERS_MISSING: guardian's consent"


@pytest.mark.parametrize(
    ("case", "party", "is_minor", "consent_id", "verdict", "kept"),
    [
        (
            APPRENTICESHIP,
            "jingmao",
            True,
            None,
            "APPRENTICE_PAPERS_MISSING: guardian's consent",
            None,
        ),
        (APPRENTICESHIP, "jingmao", True, CONSENT, "", CONSENT),
        (APPRENTICESHIP, "jingmao", False, None, "", None),
        (NAMED_CLASS, "suzhougongye", True, None, "", None),
    ],
)
def test_a_minors_guardian_consents_to_the_work(
    case: dict[str, Any],
    party: str,
    *,
    is_minor: bool,
    consent_id: UUID | None,
    verdict: str,
    kept: UUID | None,
) -> None:
    pupil = join(in_force(case), party)
    given = verdict_of(lambda: pupil.approve_work(is_minor=is_minor, consent_id=consent_id))
    assert (given, pupil.consent_id) == (verdict, kept)


def left(pupil: CooperationPupil, on: date) -> CooperationPupil:
    pupil.leave(party=pupil.school, leave_date=on, sealed_leave_reason=b"sealed", today=on)
    pupil.event = None
    return pupil


def test_nobody_is_twice_on_a_roster_or_an_apprentice_of_two_at_once() -> None:
    cooperation, other = in_force(APPRENTICESHIP), in_force(APPRENTICESHIP)
    first = join(cooperation, "jingmao")
    for again in (cooperation, other):
        assert verdict_of(lambda again=again: join(again, "jingmao", others=[first])) == (
            "PUPIL_PLACES_OVERLAP"
        )
    # A day off the roster is the first of another.
    left(first, TOMORROW)
    assert verdict_of(lambda: join(other, "jingmao", others=[first], join_date=TODAY)) == (
        "PUPIL_PLACES_OVERLAP"
    )
    assert join(other, "jingmao", others=[first], join_date=TOMORROW).join_date == TOMORROW


def test_an_apprentice_may_be_in_a_named_class_too() -> None:
    apprentice = join(in_force(APPRENTICESHIP), "jingmao")
    named = in_force({**NAMED_CLASS, "entrants": NAMED_CLASS["entrants"]})
    assert join(named, "suzhougongye", others=[apprentice]).kind is Kind.NAMED_CLASS


@pytest.mark.parametrize(
    ("party", "leave_date", "verdict"),
    [
        ("jingmao", TODAY, ""),
        ("jingmao", TOMORROW, ""),
        ("lvcai", TOMORROW, "PARTY_NOT_ENTITLED: the school of the pupil"),
        ("jingmao", TODAY - timedelta(days=1), "PUPIL_DATES_WRONG: before joining or ahead"),
        ("jingmao", TOMORROW + timedelta(days=1), "PUPIL_DATES_WRONG: before joining or ahead"),
    ],
)
def test_a_pupil_leaves_by_the_own_school(party: str, leave_date: date, verdict: str) -> None:
    pupil = join(in_force(APPRENTICESHIP), "jingmao")

    def leave() -> None:
        pupil.leave(
            party=party, leave_date=leave_date, sealed_leave_reason=b"sealed", today=TOMORROW
        )

    assert verdict_of(leave) == verdict
    assert pupil.state is (State.ACTIVE if verdict else State.LEFT)


def test_who_has_left_does_not_leave_again() -> None:
    pupil = left(join(in_force(APPRENTICESHIP), "jingmao"), TODAY)
    assert verdict_of(lambda: left(pupil, TODAY)) == "PUPIL_DATES_WRONG: has left"


def test_with_the_end_of_a_cooperation_its_pupils_leave() -> None:
    pupil = join(in_force(APPRENTICESHIP), "jingmao")
    pupil.follow_end(on=TOMORROW)
    assert (pupil.leave_date, pupil.sealed_leave_reason) == (TOMORROW, b"")
    assert pupil.event is Event.COOPERATION_PUPIL_LEFT


DAYS = st.integers(min_value=0, max_value=40)


def days_of(pupil: CooperationPupil) -> set[int]:
    last = pupil.leave_date or TODAY + timedelta(days=100)
    first = (pupil.join_date - TODAY).days
    return set(range(first, (last - TODAY).days))


@given(spans=st.lists(st.tuples(DAYS, DAYS), max_size=8))
def test_however_pupils_come_and_go_no_day_is_on_a_roster_twice(
    spans: Sequence[tuple[int, int]],
) -> None:
    cooperation = in_force(APPRENTICESHIP)
    places: list[CooperationPupil] = []
    for first, length in spans:
        join_date = TODAY + timedelta(days=first)
        try:
            pupil = join(cooperation, "jingmao", join_date=join_date, others=places)
        except DomainError:
            # Refused for a reason: the day, or a later one, is taken.
            assert any(max(days_of(each), default=-1) >= first for each in places)
            continue
        left(pupil, join_date + timedelta(days=length))
        places.append(pupil)
    taken = [day for each in places for day in days_of(each)]
    assert len(taken) == len(set(taken))
