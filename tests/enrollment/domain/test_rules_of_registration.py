"""学籍电子注册 and who counts as a student, as tables to read."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from chassis.errors import DomainError
from services.enrollment.domain import refusals, status_refusals
from services.enrollment.domain.electronic_registration import (
    ElectronicRegistration,
    ReturnReason,
    Season,
    Window,
    open_window,
)
from services.enrollment.domain.policies import Place, SchoolKind
from services.enrollment.domain.status_record import State
from services.enrollment.domain.student_status import IN_SCHOOL, ON_BOOKS, StudentStatus
from services.enrollment.edge.policies import load_policies
from tests.enrollment import made
from tests.enrollment.domain.rules import Line, ids_of, judge

POLICIES = load_policies()
PLACE = Place("32", SchoolKind.SECONDARY)
BUREAU = "szedu"
TODAY = date(2020, 10, 15)


def on(month: int, day: int) -> Callable[[], Window]:
    return lambda: open_window(POLICIES, on=date(2021, month, day), place=PLACE)


def files(*, party: str = made.FRONT, **changes: Any) -> Callable[[], ElectronicRegistration]:
    def case() -> ElectronicRegistration:
        record = made.front_record()
        for name, value in changes.items():
            setattr(record, name, value)
        registration = ElectronicRegistration.file(
            record,
            new_id=uuid4(),
            party=party,
            approver=BUREAU,
            window=open_window(POLICIES, on=TODAY, place=PLACE),
            today=TODAY,
        )
        registration.event = None
        return registration

    return case


def decides(*parties: str) -> Callable[[], None]:
    """Let parties approve one after the other."""

    def case() -> None:
        registration = files()()
        for party in parties:
            registration.approve(party=party, today=TODAY)
            registration.event = None

    return case


def approves_what_was_returned() -> None:
    registration = files()()
    registration.send_back(party=BUREAU, today=TODAY, return_reason=ReturnReason.IDENTITY_UNCLEAR)
    registration.event = None
    registration.approve(party=BUREAU, today=TODAY)


CLOSED = status_refusals.RegistrationWindowClosed
LINES: list[Line] = [
    ("the autumn window begins with the term", "GK", on(9, 1), None),
    ("none is open before the autumn term", "GK", on(8, 31), CLOSED),
    ("autumn by 20 Nov: the last day", "XJE", on(11, 20), None),
    ("autumn by 20 Nov: a day late", "XJE", on(11, 21), CLOSED),
    ("the spring window begins with the term", "GK", on(2, 20), None),
    ("none is open before the spring term", "GK", on(2, 19), CLOSED),
    ("spring by 20 Apr: the last day", "XJE", on(4, 20), None),
    ("spring by 20 Apr: a day late", "XJE", on(4, 21), CLOSED),
    ("the school of the student files", "XJE", files(), None),
    ("the back college files no front-stage student", "XJE", files(party=made.BACK),
     refusals.NotRecordHolder),
    ("duplicates are not registered", "XJE", files(register_date=date(2020, 11, 1)),
     status_refusals.ElectronicRegistrationAlreadyFiled),
    ("who has left school is not registered", "XJE", files(state=State.ENDED),
     refusals.StudentNotInSchool),
    ("who is away is not registered", "XJE", files(state=State.AWAY),
     refusals.StudentNotInSchool),
    ("the bureau gives 核准", "XJE", decides(BUREAU), None),
    ("the school gives none to itself", "XJE", decides(made.FRONT),
     status_refusals.NotRegistrationApprover),
    ("核准 is given once", "XJE", decides(BUREAU, BUREAU),
     status_refusals.ElectronicRegistrationNotFiled),
    ("what was returned is filed anew, not approved", "XJE", approves_what_was_returned,
     status_refusals.ElectronicRegistrationNotFiled),
]  # fmt: skip


@pytest.mark.parametrize(("case", "verdict"), [each[2:] for each in LINES], ids=ids_of(LINES))
def test_the_rules_of_registration(
    case: Callable[[], Any], verdict: type[DomainError] | None
) -> None:
    judge(case, verdict)


@pytest.mark.parametrize(
    ("day", "season", "year"),
    [
        (date(2020, 10, 15), Season.AUTUMN, 2020),
        (date(2021, 4, 20), Season.SPRING, 2021),
        (date(2021, 9, 1), Season.AUTUMN, 2021),
    ],
    ids=["October: autumn of the year", "April: spring of the year", "the next school year"],
)
def test_a_filing_is_of_the_season_whose_window_is_open(
    day: date, season: Season, year: int
) -> None:
    window = open_window(POLICIES, on=day, place=PLACE)
    assert (window.season, window.year) == (season, year)


# Status, in school, on the books (XJC): in-school is 在读 and 复学, and who repeats a year is 在读;
# on the books are 休学, 保留学籍 and 保留入学资格 too.
S = StudentStatus
COUNTED = [
    ("01 在读", S.STUDYING, True, True),
    ("05 复学", S.RETURNED, True, True),
    ("02 休学", S.SUSPENDED, False, True),
    ("保留学籍", S.RECORD_RETAINED, False, True),
    ("12 保留入学资格", S.ADMISSION_RETAINED, False, True),
    ("04 停学", S.STOPPED, False, False),
    ("13 公派出国", S.STUDYING_ABROAD, False, False),
    ("03 退学", S.WITHDRAWN, False, False),
    ("06 流失", S.LOST, False, False),
    ("07 毕业", S.GRADUATED, False, False),
    ("08 结业", S.COMPLETED, False, False),
    ("09 肄业", S.ATTENDED, False, False),
    ("10 转学（转出）", S.TRANSFERRED_OUT, False, False),
    ("11 死亡", S.DECEASED, False, False),
    ("14 开除", S.EXPELLED, False, False),
    ("15 下落不明", S.MISSING, False, False),
    ("取消学籍", S.CANCELLED, False, False),
    ("99 其他", S.OTHER, False, False),
]


@pytest.mark.parametrize(
    ("status", "in_school", "on_books"),
    [each[1:] for each in COUNTED],
    ids=[each[0] for each in COUNTED],
)
def test_who_counts_as_a_student(status: StudentStatus, *, in_school: bool, on_books: bool) -> None:
    assert (status in IN_SCHOOL, status in ON_BOOKS) == (in_school, on_books)


def test_each_status_is_counted_or_not_by_the_table() -> None:
    assert {each[1] for each in COUNTED} == set(StudentStatus)
