"""The rules of rosters, classes and ends of stages as tables: rule, source, case, verdict."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest

from chassis.errors import DomainError
from services.enrollment.domain import roster_refusals as refused
from services.enrollment.domain.cohort import Cohort
from services.enrollment.domain.cohort_member import WHY_IN_CLASS, WHY_LEFT, CohortMember, Why
from services.enrollment.domain.cohort_member import State as MemberState
from services.enrollment.domain.conclusions import check_conclusion
from services.enrollment.domain.events import Event
from services.enrollment.domain.policies import Place, SchoolKind
from services.enrollment.domain.refusals import (
    ClassUnknown,
    MemberNotActive,
    NotFrontSchool,
    NotRecordHolder,
    StudentNotInSchool,
)
from services.enrollment.domain.separate_classes import SeparateClasses
from services.enrollment.domain.status_record import State
from services.enrollment.domain.status_refusals import EffectiveBeforePresentStatus
from services.enrollment.domain.student_status import ChangeKind, StudentStatus
from services.enrollment.edge.policies import load_policies
from tests.enrollment import made

K, S = ChangeKind, StudentStatus
ON = date(2021, 3, 1)
NOW = datetime(2021, 3, 1, tzinfo=UTC)
PATHWAY = SeparateClasses(of_school=frozenset({"食品2001", "食品2002", "酒店2001"}))
MEMBER = SeparateClasses(of_school=PATHWAY.of_school, own=frozenset(made.CLASSES))
ONE, OTHER = made.CLASSES
SEPARATE = refused.ClassIsSeparate
Verdict = type[DomainError] | None


@pytest.mark.parametrize(
    ("rule", "source", "classes", "kind", "class_name", "verdict"),
    [
        ("within the cohort", "JS21", MEMBER, K.CHANGE_CLASS, OTHER, None),
        ("not out of them", "JS21", MEMBER, K.CHANGE_CLASS, "普通2001", SEPARATE),
        ("not to another cohort", "JS21", MEMBER, K.CHANGE_CLASS, "酒店2001", SEPARATE),
        ("nobody else joins", "GD21", PATHWAY, K.CHANGE_CLASS, ONE, SEPARATE),
        ("nor by another year", "GD19", PATHWAY, K.REPEAT_YEAR, ONE, SEPARATE),
        ("nor on coming back", "GD19", PATHWAY, K.RETURN, ONE, SEPARATE),
        ("others are free", "JS21", PATHWAY, K.CHANGE_CLASS, "普通2001", None),
        ("back into the own class", "GD19", MEMBER, K.RETURN, ONE, None),
        ("a year later elsewhere", "GK", MEMBER, K.REPEAT_YEAR, "普通2101", None),
        ("a new major is outside", "GD19", MEMBER, K.CHANGE_MAJOR, "普通2001", None),
        ("and no own class", "GD19", MEMBER, K.CHANGE_MAJOR, ONE, SEPARATE),
        ("no class, no rule", "JS21", PATHWAY, K.SUSPEND, "", None),
    ],
)
def test_classes_stay_separate(  # noqa: PLR0917
    rule: str,
    source: str,
    classes: SeparateClasses,
    kind: ChangeKind,
    class_name: str,
    verdict: Verdict,
) -> None:
    assert rule
    assert source
    check(verdict, lambda: classes.check(class_name, kind=kind))


def member(state: MemberState = MemberState.ACTIVE) -> CohortMember:
    found = made.active_member()
    found.state = state
    return found


@pytest.mark.parametrize(
    ("source", "state", "class_name", "verdict"),
    [
        ("JS21", MemberState.ACTIVE, OTHER, None),
        ("JS21", MemberState.SUSPENDED, OTHER, None),
        ("JS21", MemberState.ACTIVE, ONE, refused.ClassUnchanged),
        ("GD19", MemberState.LEFT, OTHER, MemberNotActive),
        ("GD19", MemberState.GRADUATED, OTHER, MemberNotActive),
    ],
)
def test_who_is_in_the_pathway_may_change_class(
    source: str, state: MemberState, class_name: str, verdict: Verdict
) -> None:
    assert source
    found = member(state)
    check(verdict, lambda: found.assign_class(class_name, why=Why.CLASS_WISH, on=ON))
    assert found.class_name == (OTHER if verdict is None else ONE)
    assert found.state is state


@pytest.mark.parametrize(
    ("source", "party", "class_name", "verdict"),
    [
        ("JS21", made.FRONT, OTHER, None),
        ("JS21", made.FRONT, "普通2001", ClassUnknown),
        ("JS21", made.BACK, OTHER, NotFrontSchool),
    ],
)
@pytest.mark.parametrize("is_frozen", [False, True])
def test_classes_are_assigned_by_the_front_school_whether_the_roster_is_frozen_or_not(
    source: str,
    party: str,
    class_name: str,
    verdict: Verdict,
    is_frozen: bool,  # noqa: FBT001
) -> None:
    assert source
    cohort = made.open_cohort()
    if is_frozen:
        cohort.freeze_as_it_is(now=NOW)
    check(verdict, lambda: cohort.check_may_assign(party=party, class_name=class_name))


@pytest.mark.parametrize(
    ("source", "party", "names", "taken", "verdict"),
    [
        ("JS21", made.FRONT, (ONE, "食品2009"), {}, None),
        ("JS21", made.FRONT, (ONE, "食品2009"), {ONE: "own"}, None),
        ("JS21", made.FRONT, (ONE, OTHER), {}, refused.ClassNameTaken),
        ("JS21", made.FRONT, (ONE, "酒店2001"), {"酒店2001": "other"}, refused.ClassNameTaken),
        ("JS21", made.FRONT, (ONE, ONE), {}, refused.ClassUnchanged),
        ("JS21", made.FRONT, ("普通2001", "食品2009"), {}, ClassUnknown),
        ("JS21", made.BACK, (ONE, "食品2009"), {}, NotFrontSchool),
    ],
)
def test_a_class_has_one_name_that_no_other_class_has(
    source: str, party: str, names: tuple[str, str], taken: dict[str, Any], verdict: Verdict
) -> None:
    assert source
    cohort = made.open_cohort()
    holders = {name: cohort.id if whose == "own" else uuid4() for name, whose in taken.items()}
    check(
        verdict,
        lambda: cohort.rename_class(
            party=party, class_name=names[0], new_class_name=names[1], taken=holders
        ),
    )
    if verdict is None:
        assert cohort.class_names == [names[1], OTHER]
        assert cohort.event is Event.CLASS_RENAMED


def test_a_cohort_opens_no_class_of_another() -> None:
    with pytest.raises(refused.ClassNameTaken):
        Cohort.open(
            party=made.FRONT,
            new_id=uuid4(),
            project=made.approved_project(),
            intake_date=date(2020, 9, 1),
            class_names=made.CLASSES,
            taken={OTHER: uuid4()},
        )


@pytest.mark.parametrize("why", list(Why))
def test_a_removal_gives_a_reason_for_leaving(why: Why) -> None:
    found = member()
    facts: dict[str, Any] = {"sealed_left_reason": b"", "why": why, "on": ON, "now": NOW}
    verdict = None if why in WHY_LEFT else refused.WhyWrong
    check(verdict, lambda: found.remove(party=made.FRONT, **facts))
    assert set(WHY_LEFT).isdisjoint(WHY_IN_CLASS)


@pytest.mark.parametrize(("on", "since"), [(date(2020, 8, 1), date(2020, 9, 1)), (ON, ON)])
def test_history_before_the_present_state_is_not_rewritten(on: date, since: date) -> None:
    found = member()
    found.suspend(on=on)
    assert (found.state_from_date, found.why) == (since, Why.AWAY)


@pytest.mark.parametrize(
    ("rule", "source", "status", "on", "verdict"),
    [
        ("all years done", "GK", S.COMPLETED, date(2023, 6, 30), None),
        ("in the last year", "GK", S.COMPLETED, date(2023, 1, 1), None),
        ("before the last year", "GK", S.COMPLETED, date(2022, 12, 31), refused.CompletionTooEarly),
        ("a year and more", "GK", S.ATTENDED, date(2022, 6, 30), None),
        ("a year to the day", "GK", S.ATTENDED, date(2021, 9, 1), None),
        ("a day less", "GK", S.ATTENDED, date(2021, 8, 31), refused.AttendanceTooShort),
        ("not in advance", "GK", S.COMPLETED, date(2023, 7, 2), refused.ConclusionInFuture),
        ("not in advance", "GK", S.ATTENDED, date(2023, 7, 2), refused.ConclusionInFuture),
    ],
)
def test_a_stage_ends_without_a_diploma_when_enough_of_it_is_done(
    rule: str, source: str, status: StudentStatus, on: date, verdict: Verdict
) -> None:
    assert rule
    assert source
    check(
        verdict,
        lambda: check_conclusion(
            made.front_record(),
            status,
            on=on,
            today=date(2023, 7, 1),
            place=Place("32", SchoolKind.SECONDARY),
            policies=load_policies(),
        ),
    )


@pytest.mark.parametrize(
    ("source", "changes", "facts", "verdict"),
    [
        ("JYT 08", {}, {}, None),
        ("JYT 08", {}, {"party": made.BACK}, NotRecordHolder),
        ("JYT 08", {"state": State.AWAY}, {}, StudentNotInSchool),
        ("JYT 08", {"state": State.GRADUATED}, {}, StudentNotInSchool),
        (
            "JYT 08",
            {"status_from_date": date(2023, 8, 1)},
            {},
            EffectiveBeforePresentStatus,
        ),
    ],
)
def test_who_has_concluded_has_a_certificate_and_no_diploma(
    source: str, changes: dict[str, Any], facts: dict[str, Any], verdict: Verdict
) -> None:
    assert source
    record = made.front_record()
    for name, value in changes.items():
        setattr(record, name, value)
    given: dict[str, Any] = {
        "party": made.FRONT,
        "sealed_certificate_number": b"sealed",
        "conclude_date": date(2023, 6, 30),
        **facts,
    }
    check(verdict, lambda: record.conclude(S.COMPLETED, **given))
    if verdict is None:
        assert (record.state, record.status_code) == (State.ENDED, "08")
        assert (record.has_diploma, record.valid_to_date) == (False, date(2023, 6, 30))
        assert record.event is Event.STUDENT_COMPLETED


def check(verdict: Verdict, act: Any) -> None:
    if verdict is None:
        act()
    else:
        with pytest.raises(verdict):
            act()
