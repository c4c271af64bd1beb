"""What is refused about separate classes, closed rosters, and stages that end without a diploma."""

from typing import ClassVar

from chassis.errors import Kind
from services.enrollment.domain.refusals import EnrollmentRefusal, FieldRefusal
from services.enrollment.domain.words import WHYS


class ClassIsSeparate(EnrollmentRefusal):
    """A class of a pathway cohort takes nobody else, and its students no other (JS21, GD21)."""

    kind = Kind.FAILED_PRECONDITION
    zh = (
        "贯通培养学生单独编班：“{class_name}”与该生不属于同一届贯通培养班级，不能互转"
        "（苏教职函〔2021〕20号、广东 2021 年三二分段文件）。请改选同一届的班级。"
    )
    en = (
        "Pathway students are taught in separate classes (JS21, GD21): {class_name} is not open to "
        "this student. Choose a class of the same cohort, or outside of pathways one of no cohort."
    )


class ClassNameTaken(EnrollmentRefusal):
    """A class of that name is a cohort's of the same school and year (JS21)."""

    kind = Kind.ALREADY_EXISTS
    zh = (
        "本校同年入学的贯通培养班级已有“{class_name}”（{name}）。单独编班不得合用，请改用其他班名。"
    )
    en = (
        "{name} of the same school and year has a class {class_name}. Cohorts are taught in "
        "separate classes (JS21): use another name."
    )


class ClassUnchanged(FieldRefusal):
    """The member is in that class, or the class has that name."""

    field = "class_name"
    zh = "班级已是“{class_name}”，没有变化。请核对后重填。"
    en = "The class is {class_name} already. Give another one."


class WhyWrong(FieldRefusal):
    """The reason is none for this."""

    field = "why"
    words: ClassVar = {"why": WHYS, "whys": WHYS}
    zh = "“{why}”不能作为此项办理的原因。可选：{whys}。"
    en = "{why} is no reason for this. Choose one of: {whys}."


class CompletionTooEarly(FieldRefusal):
    """结业 follows the whole years of study (GK)."""

    field = "conclude_date"
    zh = "结业日期 {conclude_date} 早于学制届满年份 {graduation_year} 年。未修满学制的请办理肄业。"
    en = (
        "{conclude_date} is before {graduation_year}, when the years of study end. Who leaves "
        "before that has attended."
    )


class AttendanceTooShort(FieldRefusal):
    """肄业 follows a first part of the years (GK)."""

    field = "conclude_date"
    zh = "在校不足 {months} 个月，不能发给肄业证书；最早日期为 {earliest}。请办理退学。"
    en = (
        "Attendance is certified after {months} months in school, on {earliest} at the earliest. "
        "Who leaves before that withdraws."
    )


class ConclusionInFuture(FieldRefusal):
    """The date on the certificate has not come."""

    field = "conclude_date"
    zh = "日期 {conclude_date} 尚未到来。请在当日或之后登记。"
    en = "{conclude_date} has not come. Record it on that day or later."
