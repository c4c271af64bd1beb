"""What is refused about the history of 学籍 and about its electronic registration."""

from typing import ClassVar

from chassis.errors import Kind
from services.enrollment.domain import words
from services.enrollment.domain.refusals import EnrollmentRefusal


class EffectiveBeforePresentStatus(EnrollmentRefusal):
    """A status does not begin before the present one did: history is not rewritten."""

    kind = Kind.FAILED_PRECONDITION
    zh = "生效日期 {effective_date} 早于当前状态的起始日期 {status_from_date}。请更正生效日期。"
    en = (
        "The effective date {effective_date} is before the present status began on "
        "{status_from_date}. Correct the date."
    )


class StatusRecordOverlaps(EnrollmentRefusal):
    """The person has a record of this level in that time (XJE: duplicates are not registered)."""

    kind = Kind.ALREADY_EXISTS
    zh = (
        "该学生在 {organisation} 已有同层次学籍“{name}”，起止日期重叠。请先结束原学籍，或更正日期。"
    )
    en = (
        "The person holds the record {name} of this level at {organisation} in that time. End that "
        "record first, or correct the date."
    )


class RegistrationWindowClosed(EnrollmentRefusal):
    """Electronic registration has windows: autumn by 20 Nov, spring by 20 Apr (XJE)."""

    kind = Kind.FAILED_PRECONDITION
    zh = "学籍电子注册窗口已关闭。下一窗口为 {first} 至 {last}，请届时办理。"
    en = "The window of electronic registration is closed. The next is from {first} to {last}."


class ElectronicRegistrationAlreadyFiled(EnrollmentRefusal):
    """The student is filed or registered: duplicates are not registered (XJE)."""

    kind = Kind.ALREADY_EXISTS
    zh = "该生已申报或已注册学籍“{name}”，不得重复注册。"
    en = "The student is filed or registered already as {name}: nobody is registered twice."


class ElectronicRegistrationNotFiled(EnrollmentRefusal):
    """The registration was decided on."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"state": words.REGISTRATION_STATES}
    zh = "该注册当前状态为 {state}，不是待核准。请刷新后核对。"
    en = "The registration is {state}, not FILED. Read it again."


class NotRegistrationApprover(EnrollmentRefusal):
    """Another organisation approves this registration."""

    kind = Kind.PERMISSION_DENIED
    zh = "该注册由“{approver}”核准，贵单位“{party}”不能办理。"
    en = "{approver} decides on this registration, not {party}."
