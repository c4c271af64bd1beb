"""Why the transfer service refuses: each class is a fact, its name the reason on the wire."""

from typing import ClassVar

from chassis.errors import DomainError, Kind
from services.transfer.domain.words import (
    APPLICATION_STATES,
    BATCH_STATES,
    MEMBER_STATES,
    OBJECTION_STATES,
)


class TransferRefusal(DomainError):
    """A refusal of this service."""

    domain = "transfer.guantong"
    kind = Kind.FAILED_PRECONDITION
    # Of an application, unless a refusal says otherwise.
    words: ClassVar = {"state": APPLICATION_STATES}


# Who may act.


class NotFrontSchool(TransferRefusal):
    kind = Kind.PERMISSION_DENIED
    zh = "此操作须由前段学校办理，贵单位“{party}”不是。请由前段学校经办人登录后办理。"
    en = "Only the front school may do this, and {party} is not it. Ask the front school to do it."


class NotBackCollege(TransferRefusal):
    kind = Kind.PERMISSION_DENIED
    zh = "此操作须由后段院校办理，贵单位“{party}”不是。请由后段院校经办人登录后办理。"
    en = "Only the back college may do this, and {party} is not it. Ask the back college to do it."


class NotAParty(TransferRefusal):
    kind = Kind.PERMISSION_DENIED
    zh = "贵单位“{party}”不是该转段项目的一方。请由前段学校或后段院校办理。"
    en = "{party} is not one of the two schools. Ask the front school or the back college."


class SelfConfirmation(TransferRefusal):
    zh = "提交人与确认人不能是同一人（{actor}）。请由前段学校另一名人员确认。"
    en = "{actor} submitted this application and cannot confirm it. Ask a colleague to confirm."


class SelfResolution(TransferRefusal):
    zh = "异议登记人与处理人不能是同一人（{actor}）。请由其他人员处理。"
    en = "{actor} recorded this objection and cannot decide it. Ask a colleague to decide."


# The batch and its scheme.


class TransferBatchAlreadyDrafted(TransferRefusal):
    kind = Kind.ALREADY_EXISTS
    zh = "该项目已有转段批次。请在已有批次上办理。"
    en = "The project has a transfer batch already. Continue with that one."


class TransferBatchStateWrong(TransferRefusal):
    words: ClassVar = {"actual": BATCH_STATES, "expected": BATCH_STATES}
    zh = "批次当前状态为“{actual}”，此操作要求“{expected}”。请先完成前一步。"
    en = "The batch is {actual}; this step needs {expected}. Complete the step before."


class WeightsNotHundred(TransferRefusal):
    kind = Kind.INVALID_ARGUMENT
    zh = "各考核项目权重之和为 {total}，应为 100。请调整权重。"
    en = "The weights add up to {total}, not 100. Adjust them."


class ComponentRepeated(TransferRefusal):
    kind = Kind.INVALID_ARGUMENT
    zh = "考核项目“{component}”重复。请使用不同的编号。"
    en = "The component {component} is there twice. Use different ids."


class PassMarkAboveFullMark(TransferRefusal):
    kind = Kind.INVALID_ARGUMENT
    zh = "考核项目“{component}”的合格分高于满分。请更正。"
    en = "The pass mark of {component} is above its full mark. Correct it."


class SchemeAlreadySigned(TransferRefusal):
    zh = "贵单位已签署考核方案，无需重复签署。"
    en = "Your side has signed the scheme already. Nothing is left to do."


class SchemeNotSigned(TransferRefusal):
    zh = "考核方案尚未由双方签署（缺：{missing}）。请先完成签署再备案。"
    en = "The scheme is not signed by {missing}. Have it signed before filing."


class QuotaAbovePlan(TransferRefusal):
    zh = "转段名额 {quota} 超过项目后段计划 {plan}。请调低名额。"
    en = "The quota {quota} is above the project's back plan {plan}. Lower the quota."


class PathwayProjectNotApproved(TransferRefusal):
    zh = "该贯通培养项目尚未批复。请在批复后再建立转段批次。"
    en = "The pathway project is not approved. Wait for its approval."


class ApplicationsUndecided(TransferRefusal):
    words: ClassVar = {"states": APPLICATION_STATES}
    zh = "还有 {count} 份申请处于“{states}”状态。请先逐一办结。"
    en = "{count} applications are still {states}. Decide each of them first."


class NoticeTooShort(TransferRefusal):
    kind = Kind.INVALID_ARGUMENT
    zh = "自今日起公示期只有 {days} 个工作日，至少应为 {minimum} 个。请延长公示期。"
    en = "From today the notice has {days} working days; at least {minimum} are needed. Extend it."


class NoticeNotOver(TransferRefusal):
    zh = "公示期至 {end} 结束，尚未期满。请在期满后上报。"
    en = "The notice runs until {end}. Report the list when it is over."


class NoticeOver(TransferRefusal):
    zh = "公示期为 {begin} 至 {end}，现不在公示期内，不能提出异议。"
    en = "The notice runs from {begin} to {end}; objections are taken only within it."


class ObjectionOpen(TransferRefusal):
    zh = "还有 {count} 项异议未处理。请先处理异议再上报。"
    en = "{count} objections are not decided. Decide them before reporting."


# The application.


class ApplicationAlreadyExists(TransferRefusal):
    kind = Kind.ALREADY_EXISTS
    zh = "该学生在本批次已有申请。请在已有申请上办理。"
    en = "The member has an application in this batch already. Continue with that one."


class MemberNotOfProject(TransferRefusal):
    zh = "该学生不是本项目学生，不能报名转段。请核对名册。"
    en = "The student is not of this project, whose students alone may apply. Check the roster."


class MemberNotInPathway(TransferRefusal):
    words: ClassVar = {"state": MEMBER_STATES}
    zh = "该学生已不在贯通培养项目中（{state}），不能办理转段。"
    en = "The student has left the pathway ({state}) and cannot transfer."


class RegistrationNotOpen(TransferRefusal):
    words: ClassVar = {"state": BATCH_STATES}
    zh = "批次当前状态为“{state}”，不在报名阶段。请与后段院校核对时间安排。"
    en = "The batch is {state} and takes no registrations now. Ask the back college for the dates."


class ApplicationNotDraft(TransferRefusal):
    zh = "申请当前状态为“{state}”，只有草稿可以提交。请刷新后核对。"
    en = "The application is {state}; only a draft can be submitted. Read it again."


class ApplicationNotSubmitted(TransferRefusal):
    zh = "申请当前状态为“{state}”，只有已提交的申请可以确认。请刷新后核对。"
    en = "The application is {state}; only a submitted one can be confirmed. Read it again."


class ApplicationNotConfirmed(TransferRefusal):
    zh = "申请当前状态为“{state}”，须先由前段学校确认。请联系前段学校。"
    en = "The application is {state}; the front school has to confirm it first."


class ApplicationNotQualified(TransferRefusal):
    zh = "申请当前状态为“{state}”，只有资格审核通过的申请可以登记考核结果。"
    en = "The application is {state}; only a qualified one can be assessed."


class ApplicationNotProposed(TransferRefusal):
    zh = "申请当前状态为“{state}”，不是拟录取。请刷新后核对。"
    en = "The application is {state}, not PROPOSED. Read it again."


class ApplicationNotAdmitted(TransferRefusal):
    zh = "申请当前状态为“{state}”，只有已录取的申请可以办理此项。请刷新后核对。"
    en = "The application is {state}; this is for admitted ones. Read it again."


class ApplicationNotArrived(TransferRefusal):
    zh = "申请当前状态为“{state}”，只有已报到或已注册的可以取消。请刷新后核对。"
    en = "The application is {state}; only an arrived or registered one can be cancelled."


class ApplicationNotRejectable(TransferRefusal):
    zh = "申请当前状态为“{state}”，没有可以退回的事项。请刷新后核对。"
    en = "The application is {state}; there is nothing to reject. Read it again."


class ApplicationNotWithdrawable(TransferRefusal):
    zh = "申请当前状态为“{state}”，录取后或已办结的申请不能撤回。"
    en = "The application is {state}; it can be withdrawn only before admission."


class ApplicationNotDivertible(TransferRefusal):
    zh = "申请当前状态为“{state}”，只有未通过或放弃的申请可以登记分流去向。"
    en = "The application is {state}; only one that failed or was given up can be diverted."


class MarksIncomplete(TransferRefusal):
    kind = Kind.INVALID_ARGUMENT
    zh = "须填写每个考核项目的成绩，或登记缺考，或登记免试依据，三者只能选一。"
    en = "Give one mark for each component, or an absence, or an exemption: exactly one of these."


class MarkAboveFullMark(TransferRefusal):
    kind = Kind.INVALID_ARGUMENT
    zh = "考核项目“{component}”的成绩高于满分。请更正。"
    en = "The mark of {component} is above its full mark. Correct it."


class LiveAdmissionExists(TransferRefusal):
    kind = Kind.ALREADY_EXISTS
    zh = "该学生 {year} 年已有有效录取，一人一年只能有一个录取。"
    en = "The person has a live admission of {year}; one person has one admission a year."


class ApprovalNotRecorded(TransferRefusal):
    words: ClassVar = {"state": BATCH_STATES}
    zh = "尚未登记省教育考试院的审批文号（批次状态为“{state}”）。请先登记审批。"
    en = "The exam authority's approval is not recorded (batch {state}). Record it first."


class LeaveTooLong(TransferRefusal):
    kind = Kind.INVALID_ARGUMENT
    zh = "请假最长至 {latest}（报到截止后两周）。请缩短请假时间。"
    en = "Leave may last until {latest} at most, two weeks after the deadline. Shorten it."


class RetentionTooLong(TransferRefusal):
    kind = Kind.INVALID_ARGUMENT
    zh = "此类保留入学资格最长至 {latest}。请核对保留期限。"
    en = "A place can be retained on this ground until {latest} at most. Check the date."


class ArrivalPeriodReversed(TransferRefusal):
    kind = Kind.INVALID_ARGUMENT
    zh = "报到截止日期 {deadline} 早于开始日期 {begin}。请更正。"
    en = "The last day of arrival {deadline} is before the first {begin}. Correct the dates."


class ArrivalDeadlinePassed(TransferRefusal):
    kind = Kind.INVALID_ARGUMENT
    zh = "报到截止日期 {deadline} 早于今日 {today}，无人能够报到。请更正。"
    en = "The last day of arrival {deadline} is before today, {today}. Correct the dates."


class ArrivalNotOpen(TransferRefusal):
    words: ClassVar = {"state": BATCH_STATES}
    zh = "报到尚未开始（批次状态为“{state}”，开始日期 {begin}）。请在报到期内办理。"
    en = "Arrival has not begun (batch {state}, first day {begin}). Do this during arrival."


class ArrivalOver(TransferRefusal):
    zh = "报到（含请假、保留）期限 {deadline} 已过。请登记放弃入学资格。"
    en = "The last day for arrival was {deadline}. Record the place as given up."


class ArrivalNotOver(TransferRefusal):
    zh = "报到（含请假、保留）期限为 {deadline}，尚未到期，不能登记放弃。"
    en = "The last day for arrival is {deadline}; until then the place cannot be given up."


class RecheckOver(TransferRefusal):
    zh = "入学复查应在报到后三个月内（至 {latest}）进行，现已超过。"
    en = "The re-check had to be done by {latest}, three months after arrival."


class GuardianConsentMissing(TransferRefusal):
    zh = "学生未满 18 周岁，撤回申请须有监护人书面同意。请取得同意后再办理。"
    en = "The applicant may be under 18: the guardian has to consent in writing first."


class ObjectionAlreadyResolved(TransferRefusal):
    words: ClassVar = {"state": OBJECTION_STATES}
    zh = "该异议已处理（{state}）。请刷新后核对。"
    en = "The objection is decided already ({state}). Read it again."


# Who may act at all.


class OrganisationBlocked(TransferRefusal):
    zh = "单位“{name}”已被停用，不能办理新的业务。请联系平台管理员解除停用。"
    en = "{name} is blocked: it does nothing here. Ask the administrator."


class OrganisationEnded(TransferRefusal):
    zh = "单位“{name}”自 {end_date} 起已不存在，不能再办理业务。请由承继单位办理：{successors}。"
    en = "{name} has ended on {end_date}. Its successors go on with its records: {successors}."


class NotStandIn(TransferRefusal):
    kind = Kind.PERMISSION_DENIED
    zh = "贵单位“{party}”不是“{name}”档案的承继单位，不能代其办理。请由其承继单位办理。"
    en = "{party} has not taken over the records of {name}. Ask its successor."
