"""What is refused of status changes: by the rules of 中职 and 高职, and by the chain."""

from typing import ClassVar

from chassis.errors import Kind
from services.enrollment.domain import words
from services.enrollment.domain.refusals import EnrollmentRefusal, FieldRefusal


class StatusChangeKindNotOffered(EnrollmentRefusal):
    """The school's rules know no such change: 中职 has no 保留学籍 (XJC)."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"kind": words.STATUS_CHANGE_KINDS, "school_kind": words.SCHOOL_KINDS}
    zh = "“{kind}”不适用于该类学校（{school_kind}）。中职服兵役请办理休学；升学请走招生录取程序。"
    en = (
        "{kind} is not offered at a school of the kind {school_kind}. For army service "
        "a secondary school suspends; moving on to a college is an admission."
    )


class StatusChangeNotPossible(EnrollmentRefusal):
    """The present status does not allow the change."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"kind": words.STATUS_CHANGE_KINDS}
    zh = "当前学籍状态为 {status}，不能办理“{kind}”。请核对学籍状态。"
    en = "With the status {status}, {kind} is not possible. Read the status record again."


class StatusRecordNotRegistered(EnrollmentRefusal):
    """Only 核准 gives 学籍 (XJE): before it there is nothing to change."""

    kind = Kind.FAILED_PRECONDITION
    zh = "该生学籍电子注册尚未核准，不能办理异动。请先完成电子注册。"
    en = (
        "The electronic registration is not approved, so there is no 学籍 to change. Have"
        " it approved first."
    )


class StatusChangeGroundNotOffered(EnrollmentRefusal):
    """The kind of change is not granted for this ground."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"kind": words.STATUS_CHANGE_KINDS, "grounds": words.STATUS_CHANGE_GROUNDS}
    zh = "“{kind}”不能以该理由办理。可选理由：{grounds}。"
    en = "{kind} is not granted on this ground. Choose one of: {grounds}."


class StatusChangeDocumentMissing(EnrollmentRefusal):
    """A proof that the rule asks for is not attached."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"documents": words.STATUS_CHANGE_DOCUMENTS}
    zh = "缺少证明材料：{documents}。请补充后重新提交。"
    en = "Proofs are missing: {documents}. Attach them and propose again."


class GuardianOpinionMissing(EnrollmentRefusal):
    """A minor's change needs the guardian's agreement (XJ)."""

    kind = Kind.FAILED_PRECONDITION
    zh = "学生可能未满 {adult_age} 周岁，须监护人同意。请取得监护人意见后重新提交。"
    en = (
        "The student may be under {adult_age}: the guardian must agree. Ask the "
        "guardian and propose again."
    )


class MinorNotForcedOut(EnrollmentRefusal):
    """A school may not order an underage student out (XJ)."""

    kind = Kind.FAILED_PRECONDITION
    zh = (
        "学生可能未满 {adult_age} 周岁，学校不得责令退学或开除。"
        "请由学生及监护人自愿申请，或继续教育。"
    )
    en = (
        "The student may be under {adult_age}: a school may not force a minor out. Let "
        "the student and the guardian apply, or keep the student."
    )


class LeaveEndMissing(FieldRefusal):
    """A leave has an end, not before it begins."""

    field = "until_date"
    words: ClassVar = {"kind": words.STATUS_CHANGE_KINDS}
    zh = "“{kind}”须填写截止日期，且不早于生效日期。请补充。"
    en = "{kind} needs the last day of the leave, not before it begins. Fill it in."


class LeaveTooLong(EnrollmentRefusal):
    """The leave, with what it follows at once, is longer than the rule allows (XJ)."""

    kind = Kind.FAILED_PRECONDITION
    zh = "自 {since} 起连续计算，截止日期不得晚于 {latest}。请缩短期限。"
    en = "Counted without a break from {since}, the leave may last to {latest} at most. Shorten it."


class StartUpTooEarly(EnrollmentRefusal):
    """Start-up needs a year of study or a third of the credits (XJ)."""

    kind = Kind.FAILED_PRECONDITION
    zh = "创业或就业休学须已学习满 {months} 个月，或已修满总学分的 1/{share}。请待条件具备后申请。"
    en = (
        "Leave for a start-up needs {months} months of study or 1/{share} of the "
        "credits. Apply when either is reached."
    )


class LeaveNotAsLongAsService(EnrollmentRefusal):
    """The leave does not fit the army service (XJ, XJC)."""

    kind = Kind.FAILED_PRECONDITION
    zh = "服兵役离校的截止日期应不晚于 {latest}，且须填写退役日期。请更正。"
    en = (
        "A leave for army service lasts to {latest} at most, and the end of service "
        "must be given. Correct the dates."
    )


class ReturnAppliedTooLate(EnrollmentRefusal):
    """复学 is applied for before the term begins (XJ)."""

    kind = Kind.FAILED_PRECONDITION
    zh = "复学须在开学前申请：该学期不晚于 {latest}。请改申请下一学期复学。"
    en = "A return must be applied for before the term, by {latest}. Return with the next term."


class WithdrawalGroundNotMet(EnrollmentRefusal):
    """What the rule asks for before a school may withdraw a student is not reached (XJ)."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"rule": words.STATUS_CHANGE_GROUNDS}
    zh = "尚未达到学校认定退学的条件（{rule}：要求 {limit}，实际 {reached}）。请核对事实。"
    en = (
        "The condition for a withdrawal by the school is not met ({rule}: {limit} "
        "needed, {reached} found). Check the facts."
    )


class OutsideOfTransferWindow(EnrollmentRefusal):
    """转学 and 转专业 are applied for in the first days of a term."""

    kind = Kind.FAILED_PRECONDITION
    zh = (
        "转学、转专业须在学期开学后 {days} 天内申请；该学期窗口为 {first} 至 {last}。"
        "请在下一学期窗口内申请。"
    )
    en = (
        "A change of school or major is applied for in the first {days} days of a "
        "term: {first} to {last}. Apply in the next term's window."
    )


class NoChangeInGraduationYear(EnrollmentRefusal):
    """In the graduation year nobody changes school or major (older national rule)."""

    kind = Kind.FAILED_PRECONDITION
    zh = "{first} 起为毕业学年，原则上不办理转学、转专业。"
    en = (
        "From {first} the student is in the graduation year, in which school and major "
        "stay as they are."
    )


class TargetCutoffHigher(EnrollmentRefusal):
    """Nobody changes from a lower to a higher cut-off score (older national rule)."""

    kind = Kind.FAILED_PRECONDITION
    zh = "转入学校或专业录取线 {target} 高于原录取线 {present}，不得转入；两条录取线均须填写。"
    en = (
        "The cut-off {target} of the target is above the present {present}, or one is "
        "not given: such a change is not allowed."
    )


class BackStageIsFixed(EnrollmentRefusal):
    """At the back stage school and major stay (GD19, GD16)."""

    kind = Kind.FAILED_PRECONDITION
    zh = "贯通培养后段不得转学，原则上不得转专业。"
    en = "At the back stage of a pathway neither the school nor the major is changed."


class StageTransitionIsNoTransfer(EnrollmentRefusal):
    """转段 is an admission, never 21 or 22 (JS18)."""

    kind = Kind.FAILED_PRECONDITION
    zh = "转段升学属招生录取，不得按转学（21、22）办理。请通过转段批次办理。"
    en = (
        "Moving on to the back college is an admission and never a change of school. "
        "Use a transfer batch."
    )


class ReceivingSchoolWrong(FieldRefusal):
    """The receiving school must be another school of the same level."""

    field = "receiving_organisation"
    zh = "转入学校“{receiving}”须为同层次的另一所学校。请更正。"
    en = (
        "The receiving organisation {receiving} must be another school of the same "
        "level. Correct it."
    )


class ApproverNotRegistered(EnrollmentRefusal):
    """A step of the chain has no organisation that could decide."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"step": words.STEP_LEVELS}
    zh = "审批环节“{step}”（行政区划 {region_code}）尚无登记单位。请联系管理员登记主管部门。"
    en = (
        "No organisation is registered for the step {step} (region {region_code}). Ask "
        "the administrator to register the authority."
    )


class StatusChangePending(EnrollmentRefusal):
    """The record has a change that is not finished."""

    kind = Kind.ALREADY_EXISTS
    zh = "该学籍已有未办结的异动“{name}”。请先办结或撤回。"
    en = "The record has a change that is not finished, {name}. Finish or withdraw it first."


class NotStatusChangeHolder(EnrollmentRefusal):
    """It is another organisation's turn."""

    kind = Kind.PERMISSION_DENIED
    zh = "当前应由“{holder}”办理，贵单位“{party}”不能办理。"
    en = "It is the turn of {holder}, not of {party}. Wait for it."


class StatusChangeNotPending(EnrollmentRefusal):
    """The state of the change does not allow this."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"state": words.STATUS_CHANGE_STATES}
    zh = "异动当前状态为 {state}，不能进行此操作。请刷新后核对。"
    en = "The status change is {state}, which does not allow this. Read it again."


class NoticeNeeded(EnrollmentRefusal):
    """Who cannot be reached is given public notice before the withdrawal (XJ)."""

    kind = Kind.FAILED_PRECONDITION
    zh = "学生无法联系，须先公告满 {days} 天方可审批。请先登记公告，期满后再办理。"
    en = (
        "The student cannot be reached: public notice of {days} days must have ended "
        "first. Record the notice and wait for its end."
    )


class NoticeTooShort(FieldRefusal):
    """The notice is shorter than the policy asks for."""

    field = "notice_to_date"
    zh = "公告期须不少于 {days} 天，最早截止 {earliest}。请更正。"
    en = "The notice lasts {days} days at least, to {earliest} or later. Correct it."


class NotYetEffective(EnrollmentRefusal):
    """The effective date has not come."""

    kind = Kind.FAILED_PRECONDITION
    zh = "生效日期 {effective_date} 未到，请届时办理。"
    en = "The change takes effect on {effective_date}. Wait for that day."


class ApplyDateInFuture(FieldRefusal):
    """Nobody has applied in the future."""

    field = "apply_date"
    zh = "申请日期 {apply_date} 晚于今天。请更正。"
    en = "The application date {apply_date} is in the future. Correct it."


class NewMajorMissing(FieldRefusal):
    """转专业 names another major."""

    field = "new_major_code"
    zh = "转专业须填写与现专业不同的专业代码。请补充。"
    en = "A change of major names another major. Fill in its code."


class NewClassMissing(FieldRefusal):
    """转班级 names another class."""

    field = "new_class_name"
    zh = "转班级须填写与现班级不同的班级。请补充。"
    en = "A change of class names another class. Fill it in."
