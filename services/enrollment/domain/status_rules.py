"""The rules of status changes at 中职 (XJ, XJC) and 高职 (XJC), one function a rule.

Numbers and lists are policies in force on the day of the application, in the school's province,
for its kind. Each rule raises its refusal, or says nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from services.enrollment.domain.pathways import Level
from services.enrollment.domain.policies import Place, PolicyTable, SchoolKind
from services.enrollment.domain.separate_classes import SeparateClasses
from services.enrollment.domain.status_change import AttachmentKind, Ground, Initiator
from services.enrollment.domain.status_change import GuardianOpinion as Opinion
from services.enrollment.domain.status_change_refusals import (
    BackStageIsFixed,
    GuardianOpinionMissing,
    LeaveEndMissing,
    LeaveNotAsLongAsService,
    LeaveTooLong,
    MinorNotForcedOut,
    NewClassMissing,
    NewMajorMissing,
    NoChangeInGraduationYear,
    OutsideOfTransferWindow,
    ReceivingSchoolWrong,
    ReturnAppliedTooLate,
    StageTransitionIsNoTransfer,
    StartUpTooEarly,
    StatusChangeDocumentMissing,
    StatusChangeGroundNotOffered,
    StatusChangeKindNotOffered,
    StatusChangeNotPossible,
    StatusRecordNotRegistered,
    TargetCutoffHigher,
    WithdrawalGroundNotMet,
)
from services.enrollment.domain.status_record import Stage, StatusRecord
from services.enrollment.domain.student_status import EFFECTS, ChangeKind, StudentStatus
from services.enrollment.domain.terms import add_months, begin_of_term, begins_of_terms

_FORCED: Final = frozenset({ChangeKind.WITHDRAW, ChangeKind.EXPEL})
_MOVES: Final = frozenset({ChangeKind.TRANSFER_OUT, ChangeKind.CHANGE_MAJOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the school says of the case, for the rules that count."""

    unexcused_hours: int = 0
    away_days: int = 0
    earned_credits: int = 0
    required_credits: int = 0
    service_end_date: date | None = None
    present_cutoff: int = 0
    target_cutoff: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A change that is asked for, with all that the rules look at."""

    record: StatusRecord
    birth_year: int
    # Until when the student was to be away, if away.
    leave_until: date | None
    kind: ChangeKind
    ground: Ground
    initiator: Initiator
    guardian_opinion: Opinion
    apply_date: date
    effective_date: date
    until_date: date | None
    receiving: str
    # The levels that the receiving school teaches.
    receiving_levels: frozenset[Level] = frozenset()
    new_major_code: str = ""
    new_class_name: str = ""
    documents: frozenset[AttachmentKind] = frozenset()
    facts: Facts = field(default_factory=Facts)
    classes: SeparateClasses = field(default_factory=SeparateClasses)
    place: Place
    policies: PolicyTable

    def number(self, name: str) -> int:
        """Return a policy of the day of application."""
        return self.policies.number(f"status.{name}", on=self.apply_date, place=self.place)

    def texts(self, name: str) -> list[str]:
        """Return a policy of the day of application."""
        return self.policies.texts(f"status.{name}", on=self.apply_date, place=self.place)

    def table(self, name: str) -> dict[str, list[str]]:
        """Return a policy of the day of application."""
        return self.policies.table(f"status.{name}", on=self.apply_date, place=self.place)

    @property
    def may_be_minor(self) -> bool:
        """Whether the student may be under age; only the year of birth is known here."""
        return self.apply_date.year - self.birth_year <= self.number("adult_age_years")


def check_case(case: Case) -> None:
    """Apply every rule; raises the first refusal."""
    for rule in RULES:
        rule(case)


def offered(case: Case) -> None:
    """Only changes that the school's rules know.

    中职 has no 保留学籍 (XJC, XJ); 24, 25 and 22 are never proposed: the first two are admissions,
    the last is the mirror of 21.
    """
    if case.kind not in EFFECTS or case.kind not in case.texts("kinds"):
        raise StatusChangeKindNotOffered(kind=case.kind, school_kind=school_kind_of(case.record))


def possible(case: Case) -> None:
    """Only from a status that the change begins from."""
    if not case.record.is_open or case.record.status not in EFFECTS[case.kind].begins:
        raise StatusChangeNotPossible(kind=case.kind, status=case.record.status)


def registered(case: Case) -> None:
    """Only 核准 gives 学籍, and only 学籍 has changes (XJE); 保留入学资格 comes before it."""
    registered_on = case.record.register_date
    if EFFECTS[case.kind].needs_registration and registered_on is None:
        raise StatusRecordNotRegistered
    if case.kind is ChangeKind.RETAIN_ADMISSION and registered_on is not None:
        raise StatusChangeNotPossible(kind=case.kind, status=case.record.status)


def granted_for(case: Case) -> None:
    """Only for a ground that the rules name: illness, army, start-up, special reasons (XJ)."""
    grounds = case.table("grounds").get(case.kind)
    if grounds is not None and case.ground not in grounds:
        raise StatusChangeGroundNotOffered(kind=case.kind, grounds=", ".join(grounds))


def proved(case: Case) -> None:
    """With the proofs that the rules name: of a county-level hospital, of enlistment ... (XJ)."""
    table = case.table("documents")
    needed = [*table.get(case.kind, ()), *table.get(f"{case.kind}.{case.ground}", ())]
    missing = [each for each in needed if each not in case.documents]
    if missing:
        raise StatusChangeDocumentMissing(documents=", ".join(missing))


def not_forced(case: Case) -> None:
    """A school may not order an underage student out (XJ)."""
    if case.kind in _FORCED and case.initiator is Initiator.SCHOOL and case.may_be_minor:
        raise MinorNotForcedOut(adult_age=str(case.number("adult_age_years")))


def guardian_agrees(case: Case) -> None:
    """A minor's guardian agrees: 退学 is by student and guardian, 休学 by agreement (XJ)."""
    is_asked = case.kind in case.texts("guardian_kinds") and case.may_be_minor
    if is_asked and case.guardian_opinion is not Opinion.AGREED:
        raise GuardianOpinionMissing(adult_age=str(case.number("adult_age_years")))


def leave_has_an_end(case: Case) -> None:
    """Every leave has a last day."""
    if case.kind not in {ChangeKind.SUSPEND, ChangeKind.RETAIN_RECORD}:
        return
    if case.until_date is None or case.until_date < case.effective_date:
        raise LeaveEndMissing(kind=case.kind)


def leave_is_not_too_long(case: Case) -> None:
    """休学 lasts a year, and two years one after the other (XJ); army service has its own rule."""
    if case.kind is not ChangeKind.SUSPEND or case.ground is Ground.ARMY_SERVICE:
        return
    since = case.effective_date
    latest = _last_day(since, case.number("suspension_months_max"))
    if case.record.status is StudentStatus.SUSPENDED:
        since = case.record.held_away_since(StudentStatus.SUSPENDED)
        latest = min(latest, _last_day(since, case.number("suspension_consecutive_months_max")))
    if case.until_date is not None and case.until_date > latest:
        raise LeaveTooLong(since=since.isoformat(), latest=latest.isoformat())


def leave_fits_the_service(case: Case) -> None:
    """Army service: 中职 休学 as long (XJC, XJ); 高职 保留学籍 to two years after (art 27)."""
    is_leave = case.kind in {ChangeKind.SUSPEND, ChangeKind.RETAIN_RECORD}
    if not is_leave or case.ground is not Ground.ARMY_SERVICE or case.until_date is None:
        return
    end = case.facts.service_end_date or case.effective_date
    latest = add_months(end, case.number("months_after_discharge_max"))
    if case.facts.service_end_date is None or case.until_date > latest:
        raise LeaveNotAsLongAsService(latest=latest.isoformat())


def start_up_is_earned(case: Case) -> None:
    """Start-up or a job: after one year, or a third of the credits (XJ)."""
    if case.kind is not ChangeKind.SUSPEND or case.ground is not Ground.START_UP:
        return
    months = case.number("start_up_study_months_min")
    share = case.number("start_up_credit_share")
    has_studied = add_months(case.record.valid_from_date, months) <= case.effective_date
    required = case.facts.required_credits
    if not has_studied and not (required and case.facts.earned_credits * share >= required):
        raise StartUpTooEarly(months=str(months), share=str(share))


def return_is_applied_for_in_time(case: Case) -> None:
    """复学 is applied for one month before the term (XJ)."""
    if case.kind not in {ChangeKind.RETURN, ChangeKind.RESTORE_RECORD}:
        return
    begins = case.texts("term_begin_dates")
    months = case.number("return_months_before_term")
    latest = add_months(begin_of_term(case.effective_date, begins), -months)
    if months and case.apply_date > latest:
        raise ReturnAppliedTooLate(latest=latest.isoformat())


def withdrawal_is_due(case: Case) -> None:
    """What must have happened before a school may withdraw a student (XJ; 41号令 art 30)."""
    if case.kind is not ChangeKind.WITHDRAW or case.initiator is not Initiator.SCHOOL:
        return
    name = _LIMITS.get(case.ground)
    if name is None:
        raise StatusChangeGroundNotOffered(kind=case.kind, grounds=", ".join(_LIMITS))
    limit, actual = case.number(name), _measured(case)
    if actual < limit:
        raise WithdrawalGroundNotMet(rule=case.ground, limit=str(limit), reached=str(actual))


def back_stage_is_fixed(case: Case) -> None:
    """At the back stage no change of school, in principle none of major (GD19, GD16)."""
    if case.kind in _MOVES and case.record.stage is Stage.BACK:
        raise BackStageIsFixed


def transition_is_no_transfer(case: Case) -> None:
    """转段 is an admission: never 21 or 22 (JS18)."""
    record = case.record
    is_front = case.kind is ChangeKind.TRANSFER_OUT and record.stage is Stage.FRONT
    if is_front and case.receiving == record.back != record.front:
        raise StageTransitionIsNoTransfer


def receiving_school_fits(case: Case) -> None:
    """转学 leads to another school of the same level."""
    if case.kind is not ChangeKind.TRANSFER_OUT:
        return
    if case.receiving == case.record.organisation or (
        case.record.level not in case.receiving_levels
    ):
        raise ReceivingSchoolWrong(receiving=case.receiving)


def new_place_is_named(case: Case) -> None:
    """转专业 names another major, 转班级 another class."""
    record = case.record
    if case.kind is ChangeKind.CHANGE_MAJOR and case.new_major_code in {"", record.major_code}:
        raise NewMajorMissing
    if case.kind is ChangeKind.CHANGE_CLASS and case.new_class_name in {"", record.class_name}:
        raise NewClassMissing


def classes_stay_separate(case: Case) -> None:
    """A pathway class takes nobody else, and its students no other class (JS21, GD21)."""
    case.classes.check(case.new_class_name, kind=case.kind)


def moves_in_the_window(case: Case) -> None:
    """转学 and 转专业: in the first two weeks of a term (CQPS)."""
    if case.kind not in _MOVES:
        return
    days = case.number("transfer_window_days")
    first = begin_of_term(case.apply_date, case.texts("term_begin_dates"))
    last = first + timedelta(days=days - 1)
    if case.apply_date > last:
        raise OutsideOfTransferWindow(
            days=str(days), first=first.isoformat(), last=last.isoformat()
        )


def not_in_graduation_year(case: Case) -> None:
    """In the graduation year nobody changes school or major (fsou 161/16111)."""
    if case.kind not in _MOVES:
        return
    first, *_ = begins_of_terms(case.record.graduation_year - 1, case.texts("term_begin_dates"))
    if case.apply_date >= first:
        raise NoChangeInGraduationYear(first=first.isoformat())


def not_to_a_higher_cutoff(case: Case) -> None:
    """Nobody goes from a lower to a higher cut-off score (fsou 161/16111)."""
    present, target = case.facts.present_cutoff, case.facts.target_cutoff
    if case.kind in _MOVES and not 0 < target <= present:
        raise TargetCutoffHigher(present=str(present), target=str(target))


RULES: Final[tuple[Callable[[Case], None], ...]] = (
    offered,
    possible,
    transition_is_no_transfer,
    back_stage_is_fixed,
    registered,
    granted_for,
    not_forced,
    guardian_agrees,
    proved,
    leave_has_an_end,
    leave_is_not_too_long,
    leave_fits_the_service,
    start_up_is_earned,
    return_is_applied_for_in_time,
    withdrawal_is_due,
    receiving_school_fits,
    new_place_is_named,
    classes_stay_separate,
    moves_in_the_window,
    not_in_graduation_year,
    not_to_a_higher_cutoff,
)

_LIMITS: Final = {
    Ground.OVERDUE_RETURN: "overdue_return_days_min",
    Ground.SUSPENSION_LIMIT: "suspension_consecutive_months_max",
    Ground.UNEXCUSED_HOURS: "unexcused_hours_min",
    Ground.AWAY_DAYS: "away_days_min",
}


def _measured(case: Case) -> int:
    """Return what a withdrawal's ground is measured by."""
    if case.ground is Ground.UNEXCUSED_HOURS:
        return case.facts.unexcused_hours
    if case.ground is Ground.AWAY_DAYS:
        return case.facts.away_days
    if case.ground is Ground.OVERDUE_RETURN:
        is_late = case.leave_until is not None and case.apply_date > case.leave_until
        return (case.apply_date - case.leave_until).days if case.leave_until and is_late else 0
    if case.record.status is not StudentStatus.SUSPENDED:
        return 0
    since = case.record.held_away_since(StudentStatus.SUSPENDED)
    months = 0
    while add_months(since, months + 1) <= case.apply_date:
        months += 1
    return months


def school_kind_of(record: StatusRecord) -> SchoolKind:
    """Return by which rules a record is kept."""
    is_secondary = record.level is Level.SECONDARY_VOCATIONAL
    return SchoolKind.SECONDARY if is_secondary else SchoolKind.HIGHER


def _last_day(first: date, months: int) -> date:
    return add_months(first, months) - timedelta(days=1)
