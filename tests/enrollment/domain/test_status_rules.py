"""The rules of 学籍异动 as a table: rule, source, case, verdict (None: the change may be proposed).

A case is a 休学 for illness of a registered front-stage student (中职, entered on 1 September 2020,
born in 2005) unless it says otherwise.
"""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chassis.errors import DomainError
from services.enrollment.domain import status_change_refusals as refused
from services.enrollment.domain.pathways import Level
from services.enrollment.domain.policies import Place, SchoolKind
from services.enrollment.domain.status_change import AttachmentKind, Ground, Initiator
from services.enrollment.domain.status_change import GuardianOpinion as Opinion
from services.enrollment.domain.status_record import Stage, State, StatusRecord
from services.enrollment.domain.status_rules import Case, Facts, check_case
from services.enrollment.domain.student_status import ChangeKind, StudentStatus
from services.enrollment.edge.policies import load_policies
from tests.enrollment import made

K, G, A, S = ChangeKind, Ground, AttachmentKind, StudentStatus
POLICIES = load_policies()
LEVEL = {"receiving_levels": frozenset({Level.SECONDARY_VOCATIONAL})}
CUTOFF = {"facts": Facts(present_cutoff=500, target_cutoff=480)}
ADULT = {"birth_year": 2001}
WITHDRAWN = {"kind": K.WITHDRAW, "initiator": Initiator.SCHOOL, "until_date": None}
MOVE = {**LEVEL, **CUTOFF, "until_date": None, "receiving": made.STRANGER}
AWAY = {"status": S.SUSPENDED, "status_from_date": date(2021, 9, 1)}


def record(**changes: Any) -> StatusRecord:
    found = made.front_record()
    found.register_date = date(2020, 11, 1)
    for name, value in changes.items():
        setattr(found, name, value)
    return found


def case(on: dict[str, Any], **changes: Any) -> Case:
    facts: dict[str, Any] = {
        "record": record(**on),
        "birth_year": 2005,
        "leave_until": None,
        "kind": K.SUSPEND,
        "ground": G.ILLNESS,
        "initiator": Initiator.STUDENT,
        "guardian_opinion": Opinion.AGREED,
        "apply_date": date(2021, 9, 6),
        "effective_date": date(2021, 9, 13),
        "until_date": date(2022, 8, 31),
        "receiving": "",
        "documents": frozenset({A.HOSPITAL_CERTIFICATE}),
        "place": Place("32", SchoolKind.SECONDARY),
        "policies": POLICIES,
    }
    return Case(**{**facts, **changes})


HIGHER = {"place": Place("32", SchoolKind.HIGHER), **ADULT}
IN_COLLEGE = {"stage": Stage.BACK, "level": Level.HIGHER_VOCATIONAL}
ARMY = {"ground": G.ARMY_SERVICE, "documents": frozenset({A.ENLISTMENT_NOTICE})}


def serves(until: date, end: date | None) -> dict[str, Any]:
    return {**ARMY, "until_date": until, "facts": Facts(service_end_date=end)}


CASES: list[tuple[str, str, dict[str, Any], dict[str, Any], type[DomainError] | None]] = [
    # rule, source, the record, the case, verdict
    ("休学 for illness with hospital proof", "XJ", {}, {}, None),
    ("no proof, no 休学", "XJ", {}, {"documents": frozenset()},
     refused.StatusChangeDocumentMissing),
    ("only 核准 gives 学籍", "XJE", {"register_date": None}, {}, refused.StatusRecordNotRegistered),
    ("休学 at most a year", "GK", {}, {"until_date": date(2022, 9, 12)}, None),
    ("休学 at most a year", "GK", {}, {"until_date": date(2022, 9, 13)}, refused.LeaveTooLong),
    ("休学 has an end", "XJ", {}, {"until_date": None}, refused.LeaveEndMissing),
    ("two years one after the other", "XJ", AWAY, {
        "apply_date": date(2022, 8, 1), "effective_date": date(2022, 9, 1),
        "until_date": date(2023, 8, 31)}, None),
    ("two years one after the other", "XJ", {**AWAY, "status_from_date": date(2021, 3, 1)}, {
        "apply_date": date(2022, 8, 1), "effective_date": date(2022, 9, 1),
        "until_date": date(2023, 3, 1)}, refused.LeaveTooLong),
    ("a minor's guardian agrees", "XJ", {}, {"guardian_opinion": Opinion.OBJECTED},
     refused.GuardianOpinionMissing),
    ("who is of age decides alone", "LAW", {}, {**ADULT, "guardian_opinion": Opinion.NOT_ASKED},
     None),
    ("start-up after one year", "XJ", {}, {"ground": G.START_UP, "documents": frozenset(
        {A.EMPLOYMENT_PROOF, A.GUARDIAN_AGREEMENT})}, None),
    ("start-up after one year", "XJ", {"valid_from_date": date(2020, 9, 14)}, {
        "ground": G.START_UP, "documents": frozenset({A.EMPLOYMENT_PROOF, A.GUARDIAN_AGREEMENT})},
     refused.StartUpTooEarly),
    ("or a third of the credits", "XJ", {"valid_from_date": date(2020, 9, 14)}, {
        "ground": G.START_UP, "documents": frozenset({A.EMPLOYMENT_PROOF, A.GUARDIAN_AGREEMENT}),
        "facts": Facts(earned_credits=60, required_credits=180)}, None),
    ("or a third of the credits", "XJ", {"valid_from_date": date(2020, 9, 14)}, {
        "ground": G.START_UP, "documents": frozenset({A.EMPLOYMENT_PROOF, A.GUARDIAN_AGREEMENT}),
        "facts": Facts(earned_credits=59, required_credits=180)}, refused.StartUpTooEarly),
    ("中职 army: 休学 as long as the service", "XJC", {},
     serves(date(2023, 9, 1), date(2023, 9, 1)), None),
    ("中职 army: 休学 as long as the service", "XJC", {},
     serves(date(2023, 9, 2), date(2023, 9, 1)), refused.LeaveNotAsLongAsService),
    ("the end of service is given", "XJC", {}, serves(date(2023, 9, 2), None),
     refused.LeaveNotAsLongAsService),
    ("中职 has no 保留学籍", "XJC", {}, {"kind": K.RETAIN_RECORD},
     refused.StatusChangeKindNotOffered),
    ("高职 army: 保留学籍 to two years after", "41号令 art 27", IN_COLLEGE, {
        **HIGHER, "kind": K.RETAIN_RECORD, **serves(date(2025, 9, 1), date(2023, 9, 1))}, None),
    ("高职 army: 保留学籍 to two years after", "41号令 art 27", IN_COLLEGE, {
        **HIGHER, "kind": K.RETAIN_RECORD, **serves(date(2025, 9, 2), date(2023, 9, 1))},
     refused.LeaveNotAsLongAsService),
    ("高职 army is no 休学", "41号令 art 27", IN_COLLEGE, {
        **HIGHER, **serves(date(2023, 9, 1), date(2023, 9, 1))},
     refused.StatusChangeGroundNotOffered),
    ("高职 留级 is the school's matter", "41号令 art 15", IN_COLLEGE, {
        **HIGHER, "kind": K.REPEAT_YEAR, "ground": G.STUDIES, "until_date": None}, None),
    ("复学 one month before term", "XJ", AWAY, {
        "kind": K.RETURN, "apply_date": date(2022, 8, 1), "effective_date": date(2022, 9, 1)},
     None),
    ("复学 one month before term", "XJ", AWAY, {
        "kind": K.RETURN, "apply_date": date(2022, 8, 2), "effective_date": date(2022, 9, 1)},
     refused.ReturnAppliedTooLate),
    ("复学 from illness needs hospital proof", "XJ", AWAY, {
        "kind": K.RETURN, "apply_date": date(2022, 8, 1), "effective_date": date(2022, 9, 1),
        "documents": frozenset()}, refused.StatusChangeDocumentMissing),
    ("only who is away comes back", "XJ", {}, {"kind": K.RETURN}, refused.StatusChangeNotPossible),
    ("退学 by student and guardian", "XJ", {}, {
        "kind": K.WITHDRAW, "ground": G.OWN_WISH, "until_date": None}, None),
    ("90 hours in a term", "XJ", {}, {**WITHDRAWN, **ADULT, "ground": G.UNEXCUSED_HOURS,
     "documents": frozenset({A.ATTENDANCE_RECORD}), "facts": Facts(unexcused_hours=90)}, None),
    ("90 hours in a term", "XJ", {}, {**WITHDRAWN, **ADULT, "ground": G.UNEXCUSED_HOURS,
     "documents": frozenset({A.ATTENDANCE_RECORD}), "facts": Facts(unexcused_hours=89)},
     refused.WithdrawalGroundNotMet),
    ("away two weeks", "XJ", {}, {**WITHDRAWN, **ADULT, "ground": G.AWAY_DAYS,
     "documents": frozenset({A.ATTENDANCE_RECORD}), "facts": Facts(away_days=14)}, None),
    ("away two weeks", "XJ", {}, {**WITHDRAWN, **ADULT, "ground": G.AWAY_DAYS,
     "documents": frozenset({A.ATTENDANCE_RECORD}), "facts": Facts(away_days=13)},
     refused.WithdrawalGroundNotMet),
    ("not back two weeks after 休学", "XJ", AWAY, {**WITHDRAWN, **ADULT,
     "ground": G.OVERDUE_RETURN, "leave_until": date(2022, 8, 31),
     "apply_date": date(2022, 9, 14)}, None),
    ("not back two weeks after 休学", "XJ", AWAY, {**WITHDRAWN, **ADULT,
     "ground": G.OVERDUE_RETURN, "leave_until": date(2022, 8, 31),
     "apply_date": date(2022, 9, 13)}, refused.WithdrawalGroundNotMet),
    ("two years of 休学", "XJ", AWAY, {**WITHDRAWN, **ADULT, "ground": G.SUSPENSION_LIMIT,
     "apply_date": date(2023, 9, 1)}, None),
    ("two years of 休学", "XJ", AWAY, {**WITHDRAWN, **ADULT, "ground": G.SUSPENSION_LIMIT,
     "apply_date": date(2023, 8, 31)}, refused.WithdrawalGroundNotMet),
    ("no minor is forced out", "XJ", {}, {**WITHDRAWN, "ground": G.UNEXCUSED_HOURS,
     "documents": frozenset({A.ATTENDANCE_RECORD}), "facts": Facts(unexcused_hours=300)},
     refused.MinorNotForcedOut),
    ("no minor is expelled", "XJ", {}, {**WITHDRAWN, "kind": K.EXPEL, "ground": G.DISCIPLINE,
     "documents": frozenset({A.DECISION})}, refused.MinorNotForcedOut),
    ("who is of age may be expelled", "GK", {}, {**WITHDRAWN, **ADULT, "kind": K.EXPEL,
     "ground": G.DISCIPLINE, "documents": frozenset({A.DECISION})}, None),
    ("a school says why", "XJ", {}, {**WITHDRAWN, **ADULT, "ground": G.OWN_WISH},
     refused.StatusChangeGroundNotOffered),
    ("死亡 by certificate", "XJ", {}, {"kind": K.DIE, "ground": G.DEATH, "until_date": None,
     "documents": frozenset({A.DEATH_CERTIFICATE})}, None),
    ("转学 in the first two weeks", "CQPS", {}, {**MOVE, "kind": K.TRANSFER_OUT,
     "apply_date": date(2021, 9, 14)}, None),
    ("转学 in the first two weeks", "CQPS", {}, {**MOVE, "kind": K.TRANSFER_OUT,
     "apply_date": date(2021, 9, 15)}, refused.OutsideOfTransferWindow),
    ("转学 in the second term", "CQPS", {}, {**MOVE, "kind": K.TRANSFER_OUT,
     "apply_date": date(2022, 3, 5)}, None),
    ("none in the graduation year", "fsou", {}, {**MOVE, "kind": K.TRANSFER_OUT,
     "apply_date": date(2022, 9, 2), **ADULT}, refused.NoChangeInGraduationYear),
    ("not to a higher cut-off", "fsou", {}, {**MOVE, "kind": K.TRANSFER_OUT,
     "facts": Facts(present_cutoff=500, target_cutoff=501)}, refused.TargetCutoffHigher),
    ("转段 is no 转学", "JS18", {}, {**MOVE, "kind": K.TRANSFER_OUT, "receiving": made.BACK},
     refused.StageTransitionIsNoTransfer),
    ("to a school of the same level", "GK", {}, {**MOVE, "kind": K.TRANSFER_OUT,
     "receiving_levels": frozenset({Level.BACHELOR})}, refused.ReceivingSchoolWrong),
    ("back stage: no other school", "GD19", IN_COLLEGE, {**HIGHER, **MOVE, "kind": K.TRANSFER_OUT},
     refused.BackStageIsFixed),
    ("back stage: no other major", "GD16", IN_COLLEGE, {**HIGHER, **MOVE, "kind": K.CHANGE_MAJOR},
     refused.BackStageIsFixed),
    ("转专业 names a major", "GK", {}, {**MOVE, "kind": K.CHANGE_MAJOR}, refused.NewMajorMissing),
    ("转专业 names a major", "GK", {}, {**MOVE, "kind": K.CHANGE_MAJOR, "new_major_code": "690102"},
     None),
    ("22 is the mirror of 21", "JYT", {}, {"kind": K.TRANSFER_IN},
     refused.StatusChangeKindNotOffered),
    ("专升本 is an admission", "JS18", IN_COLLEGE, {**HIGHER, "kind": K.DIPLOMA_TO_BACHELOR},
     refused.StatusChangeKindNotOffered),
    ("保留入学资格 before 学籍 exists", "JYT", {"register_date": None}, {
        "kind": K.RETAIN_ADMISSION, "ground": G.ARMY_SERVICE}, None),
    ("保留入学资格 before 学籍 exists", "JYT", {}, {
        "kind": K.RETAIN_ADMISSION, "ground": G.ARMY_SERVICE}, refused.StatusChangeNotPossible),
    # Beside those above: each term and each school once more, and what has no other table.
    ("复学 in spring: one month before the term", "XJ", AWAY, {
        "kind": K.RETURN, "apply_date": date(2022, 1, 20), "effective_date": date(2022, 2, 20)},
     None),
    ("复学 in spring: one month before the term", "XJ", AWAY, {
        "kind": K.RETURN, "apply_date": date(2022, 1, 21), "effective_date": date(2022, 2, 20)},
     refused.ReturnAppliedTooLate),
    ("下落不明 by proof", "XJ", {}, {"kind": K.CANCEL_RECORD, "ground": G.MISSING,
     "until_date": None, "documents": frozenset({A.MISSING_PROOF})}, None),
    ("死亡 not without a certificate", "XJ", {}, {"kind": K.DIE, "ground": G.DEATH,
     "until_date": None, "documents": frozenset()}, refused.StatusChangeDocumentMissing),
    ("退学 of a minor not against the guardian", "XJ", {}, {"kind": K.WITHDRAW,
     "ground": G.OWN_WISH, "until_date": None, "guardian_opinion": Opinion.OBJECTED},
     refused.GuardianOpinionMissing),
    ("转专业 in the first two weeks", "CQPS", {}, {**MOVE, "kind": K.CHANGE_MAJOR,
     "new_major_code": "690102", "apply_date": date(2021, 9, 15)},
     refused.OutsideOfTransferWindow),
    ("转专业 in spring: the last day of the window", "CQPS", {}, {**MOVE,
     "kind": K.CHANGE_MAJOR, "new_major_code": "690102", "apply_date": date(2022, 3, 5)}, None),
    ("转专业 in spring: a day late", "CQPS", {}, {**MOVE, "kind": K.CHANGE_MAJOR,
     "new_major_code": "690102", "apply_date": date(2022, 3, 6)},
     refused.OutsideOfTransferWindow),
    ("转专业 not in the graduation year", "fsou", {}, {**MOVE, "kind": K.CHANGE_MAJOR,
     "new_major_code": "690102", "apply_date": date(2022, 9, 2), **ADULT},
     refused.NoChangeInGraduationYear),
    ("转学 with an equal cut-off", "fsou", {}, {**MOVE, "kind": K.TRANSFER_OUT,
     "facts": Facts(present_cutoff=500, target_cutoff=500)}, None),
    ("转学 says both cut-offs", "fsou", {}, {**MOVE, "kind": K.TRANSFER_OUT,
     "facts": Facts(present_cutoff=500)}, refused.TargetCutoffHigher),
    ("转学 not to the own school", "GK", {}, {**MOVE, "kind": K.TRANSFER_OUT,
     "receiving": made.FRONT}, refused.ReceivingSchoolWrong),
    ("转班级 names another class", "JYT", {}, {"kind": K.CHANGE_CLASS, "until_date": None,
     "new_class_name": made.CLASSES[0]}, refused.NewClassMissing),
    ("转班级 names another class", "JYT", {}, {"kind": K.CHANGE_CLASS, "until_date": None,
     "new_class_name": made.CLASSES[1]}, None),
    ("本转专 is an admission", "JYT", IN_COLLEGE, {**HIGHER, "kind": K.BACHELOR_TO_DIPLOMA},
     refused.StatusChangeKindNotOffered),
    ("高职 保留学籍 for joint training", "41号令 art 28", IN_COLLEGE, {**HIGHER,
     "kind": K.RETAIN_RECORD, "ground": G.JOINT_TRAINING,
     "documents": frozenset({A.TRAINING_AGREEMENT})}, None),
    ("高职 not back after 保留学籍: may be 退学", "41号令 art 30",
     {**IN_COLLEGE, "status": S.RECORD_RETAINED, "status_from_date": date(2021, 9, 1)}, {
        **HIGHER, **WITHDRAWN, "place": Place("32", SchoolKind.HIGHER),
        "ground": G.OVERDUE_RETURN, "leave_until": date(2022, 8, 31),
        "apply_date": date(2022, 9, 14)}, None),
    ("who has ended changes nothing more", "XJC", {"state": State.ENDED}, {},
     refused.StatusChangeNotPossible),
    ("two years of 休学 counts months, not terms", "XJ", {**AWAY,
     "status_from_date": date(2021, 9, 15)}, {**WITHDRAWN, **ADULT,
     "ground": G.SUSPENSION_LIMIT, "apply_date": date(2023, 9, 14)},
     refused.WithdrawalGroundNotMet),
]  # fmt: skip


@pytest.mark.parametrize(
    ("on", "changes", "verdict"),
    [each[2:] for each in CASES],
    ids=[f"{rule} ({source})" for rule, source, *_ in CASES],
)
def test_a_change_is_proposed_or_refused(
    on: dict[str, Any], changes: dict[str, Any], verdict: type[DomainError] | None
) -> None:
    given = case(on, **changes)
    if verdict is None:
        check_case(given)
        return
    with pytest.raises(verdict) as raised:
        check_case(given)
    assert "?" not in raised.value.message("en")


def test_two_leaves_with_a_return_between_are_not_consecutive() -> None:
    away = record(**AWAY)
    away.study(S.RETURNED, on=date(2022, 3, 1), change_id=away.id)
    given = case({}, effective_date=date(2022, 9, 1), until_date=date(2023, 8, 31))
    check_case(replace(given, record=away))
