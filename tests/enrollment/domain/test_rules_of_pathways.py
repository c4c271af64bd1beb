"""The rules on pathway projects and on who belongs to a cohort, as a table to read."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.errors import DomainError
from services.enrollment.domain import pathway_refusals, refusals
from services.enrollment.domain.cohort import Cohort
from services.enrollment.domain.cohort_member import CohortMember, State, Why
from services.enrollment.domain.organisation import Kind
from services.enrollment.domain.pathway_project import PathwayProject
from services.enrollment.domain.pathway_project import State as ProjectState
from services.enrollment.domain.pathways import InternshipArrangement, Type
from services.enrollment.domain.roster_refusals import ClassNameTaken
from tests.enrollment import made
from tests.enrollment.domain.rules import Line, ids_of, judge

NOW = datetime(2023, 3, 1, tzinfo=UTC)
ON = date(2023, 3, 1)
OTHER_CLASS = "食品2009"


def declare(**changes: Any) -> Callable[[], PathwayProject]:
    return lambda: made.declared_project(**changes)


def of_types(type_: Type, front: Kind, back: Kind) -> Callable[[], PathwayProject]:
    return declare(type=type_, front_kind=front, back_kind=back)


def arranged(**changes: Any) -> Callable[[], None]:
    def case() -> None:
        project = made.declared_project()
        for name, value in changes.items():
            setattr(project, name, value)
        project.check_arrangements()

    return case


def in_state(state: ProjectState) -> PathwayProject:
    project = made.approved_project()
    project.state = state
    return project


def opens(
    project: PathwayProject,
    *,
    party: str = made.FRONT,
    on: date = date(2020, 9, 1),
    taken: dict[str, UUID] | None = None,
) -> Callable[[], Cohort]:
    return lambda: Cohort.open(
        party=party,
        new_id=uuid4(),
        project=project,
        intake_date=on,
        class_names=made.CLASSES,
        taken=taken or {},
    )


def closes(students: int, graduates: int, *, year: int, party: str = made.BACK) -> Any:
    project = in_state(ProjectState.STOPPED)
    return lambda: project.close(party=party, students=students, graduates=graduates, year=year)


def joins(*, party: str = made.FRONT, class_name: str = made.CLASSES[0], ever: int = 0) -> Any:
    cohort = made.open_cohort(made.approved_project(front_plan=40))
    return lambda: cohort.check_may_join(party=party, class_name=class_name, enrolled_count=ever)


def joins_frozen() -> None:
    cohort = made.open_cohort()
    cohort.freeze(party=made.FRONT, now=NOW)
    cohort.check_may_join(party=made.FRONT, class_name=made.CLASSES[0], enrolled_count=0)


def member_in(state: State) -> CohortMember:
    member = made.active_member()
    member.state = state
    return member


def leaves(state: State) -> Callable[[], None]:
    def case() -> None:
        member_in(state).leave(left_reason="转专业", why=Why.CHANGED_MAJOR, on=ON, now=NOW)

    return case


def bars(state: State, *, same_cohort: bool) -> Callable[[], None]:
    """Refuse a person whom an earlier membership keeps from joining, as the command does."""

    def case() -> None:
        member = member_in(state)
        if member.bars_enrolment_in(member.cohort_id if same_cohort else uuid4()):
            raise refusals.PersonAlreadyEnrolled

    return case


SEC, HIGH, UNI = Kind.SECONDARY_VOCATIONAL, Kind.HIGHER_VOCATIONAL, Kind.UNIVERSITY
LEVELS, ENROLLED = refusals.PathwayLevelsWrong, refusals.PersonAlreadyEnrolled
LINES: list[Line] = [
    # Who teaches which stage.
    ("3+3 is 中职 to 高职", "JS21", of_types(Type.ZG_3_3, SEC, HIGH), None),
    ("3+3 is never 中职 to 本科", "JS21", of_types(Type.ZG_3_3, SEC, UNI), LEVELS),
    ("3+3 begins at no college", "JS21", of_types(Type.ZG_3_3, HIGH, HIGH), LEVELS),
    ("4+2 is the medical 3+3", "JS24", of_types(Type.ZG_4_2, SEC, HIGH), None),
    ("3+4 is 中职 to 本科", "JS21", of_types(Type.ZB_3_4, SEC, UNI), None),
    ("3+4 ends at no 高职", "JS21", of_types(Type.ZB_3_4, SEC, HIGH), LEVELS),
    ("3+2 in Jiangsu is 高职 to 本科", "JS21", of_types(Type.GB_3_2, HIGH, UNI), None),
    ("3+2 in Guangdong is 中职 to 高职", "GD21", of_types(Type.ZG_3_2, SEC, HIGH), None),
    ("the two 3+2 are not one", "GD21", of_types(Type.ZG_3_2, HIGH, UNI), LEVELS),
    ("5+2 is 五年制 to 本科", "JS21",
     of_types(Type.GB_5_2, Kind.FIVE_YEAR_VOCATIONAL, UNI), None),
    ("技工学校 may be the front school", "JS21",
     of_types(Type.ZG_3_3, Kind.TECHNICIAN, HIGH), None),
    ("the back college declares", "JS18", declare(party=made.BACK), None),
    ("the front school does not declare", "JS18", declare(party=made.FRONT),
     refusals.NotBackCollege),
    # Arrangements inside a stage make no transfer.
    ("2.5+0.5 divides the three years of 中职", "S1",
     arranged(front_internship_arrangement=InternshipArrangement.TWO_AND_HALF), None),
    ("4.5+0.5 divides no three years", "S1",
     arranged(front_internship_arrangement=InternshipArrangement.FOUR_AND_HALF),
     pathway_refusals.InternshipArrangementWrong),
    # The yearly cycle.
    ("a project that waits for approval takes nobody in", "JS24",
     opens(made.declared_project()), refusals.PathwayProjectNotApproved),
    ("an approved project opens its cohort", "JS24", opens(made.approved_project()), None),
    ("the intake is of the year of the list", "JS25",
     opens(made.approved_project(), on=date(2021, 9, 1)), refusals.IntakeYearWrong),
    ("a stopped project takes nobody in", "GK", opens(in_state(ProjectState.STOPPED)),
     pathway_refusals.PathwayProjectTakesNoIntake),
    ("a closed project takes nobody in", "GK", opens(in_state(ProjectState.CLOSED)),
     pathway_refusals.PathwayProjectTakesNoIntake),
    ("the front school opens the cohort", "JS21", opens(made.approved_project(), party=made.BACK),
     refusals.NotFrontSchool),
    ("单独编班: a class is one cohort's", "JS21",
     opens(made.approved_project(), taken={made.CLASSES[0]: uuid4()}), ClassNameTaken),
    # Taught out.
    ("no student left, so it is closed", "GK", closes(0, 0, year=2023), None),
    ("students are taught out first", "GK", closes(1, 0, year=2023),
     pathway_refusals.StudentsNotTaughtOut),
    ("the back college closes", "GK", closes(0, 0, year=2023, party=made.FRONT),
     refusals.NotBackCollege),
    # The roster.
    ("the last place of the plan", "SD23", joins(ever=39), None),
    ("nobody exceeds a published plan", "SD23", joins(ever=40), refusals.PlanFull),
    ("a vacated place is not refilled", "GD19", joins(ever=41), refusals.PlanFull),
    ("identity is fixed at admission: nobody joins a frozen roster", "GD19", joins_frozen,
     refusals.RosterFrozen),
    ("another class is not the pathway's", "JS21", joins(class_name=OTHER_CLASS),
     refusals.ClassUnknown),
    ("the back college enrols nobody", "GD19", joins(party=made.BACK), refusals.NotFrontSchool),
    # Leaving.
    ("who studies may change major, and is out", "GD19", leaves(State.ACTIVE), None),
    ("who is away may too", "GD19", leaves(State.SUSPENDED), None),
    ("who has left leaves once", "GD19", leaves(State.LEFT), refusals.MemberNotActive),
    ("who has graduated leaves nothing", "GD19", leaves(State.GRADUATED),
     refusals.MemberNotActive),
    ("who has left cannot come back", "GD19", bars(State.LEFT, same_cohort=True), ENROLLED),
    ("nor into another pathway", "GD19", bars(State.LEFT, same_cohort=False), ENROLLED),
    ("nobody is in two pathways", "GD19", bars(State.ACTIVE, same_cohort=False), ENROLLED),
    ("who is away is still in one", "GD19", bars(State.SUSPENDED, same_cohort=False), ENROLLED),
    ("who has graduated may begin another", "GK", bars(State.GRADUATED, same_cohort=False), None),
    ("and not the same again", "GK", bars(State.GRADUATED, same_cohort=True), ENROLLED),
]  # fmt: skip


@pytest.mark.parametrize(("case", "verdict"), [each[2:] for each in LINES], ids=ids_of(LINES))
def test_the_rules_of_pathways(case: Callable[[], Any], verdict: type[DomainError] | None) -> None:
    judge(case, verdict)
