"""What enrollment refuses of organisations and majors, beside their codes (refusals.py)."""

from typing import ClassVar

from chassis.errors import Kind
from services.enrollment.domain import words
from services.enrollment.domain.refusals import EnrollmentRefusal, FieldRefusal

# Codes.


class RegionCodeNotInForce(FieldRefusal):
    """The code was one of GB/T 2260, but not on the date that the fact is of."""

    field = "region_code"
    zh = "行政区划代码“{region_code}”在 {date} 不在使用中（使用年份：{years}）。请改用当时的代码。"
    en = (
        "The region code {region_code} was not in use on {date}, only in {years}. Give the code "
        "of that time."
    )


class SchoolCodeWrong(FieldRefusal):
    """The parts of the 学校(机构)标识码 do not fit; `problem` says which."""

    field = "school_code"
    words: ClassVar = {"problem": words.SCHOOL_CODE_PROBLEMS}
    zh = "学校（机构）标识码“{school_code}”有误（{problem}）。请对照批复文件逐位核对后重填。"
    en = "The school code {school_code} is wrong ({problem}). Compare it with the document."


# What may act and be changed.


class OrganisationBlocked(EnrollmentRefusal):
    """A blocked organisation takes part in nothing new."""

    kind = Kind.FAILED_PRECONDITION
    zh = "单位“{name}”已被停用，不能办理或参与新的业务。请联系平台管理员解除停用。"
    en = "{name} is blocked: nothing new is recorded by it or with it. Ask the administrator."


class OrganisationEnded(EnrollmentRefusal):
    """Merged, split or closed: from its end date on there are no new facts of it."""

    kind = Kind.FAILED_PRECONDITION
    zh = "单位“{name}”自 {end_date} 起已不存在，不能再有新的业务。请由承继单位办理：{successors}。"
    en = "{name} has ended on {end_date}: no new facts of it. Its successors are: {successors}."


class OrganisationNotBlocked(EnrollmentRefusal):
    """There is no block to lift."""

    kind = Kind.FAILED_PRECONDITION
    zh = "单位“{name}”未被停用，无需解除。请刷新后核对。"
    en = "{name} is not blocked. Read it again."


class NotStandIn(EnrollmentRefusal):
    """The caller's organisation has not taken over the records of the other."""

    kind = Kind.PERMISSION_DENIED
    zh = "贵单位“{party}”不是“{name}”档案的承继单位，不能代其办理。请由其承继单位办理。"
    en = "{party} has not taken over the records of {name}. Ask its successor."


# Changes with their dates.


class EffectiveDateWrong(FieldRefusal):
    """The change would take effect before another one of its kind, or lies ahead."""

    field = "effective_date"
    zh = (
        "生效日期 {effective_date} 不可用。须晚于：{after}；不得晚于：{until}（“-”为不限）。"
        "请更正生效日期。"
    )
    en = (
        "The date {effective_date} is not possible. It must be after: {after}; not after: {until} "
        "(- is no limit). Correct it."
    )


class NameUnchanged(FieldRefusal):
    """The new name is the present one."""

    field = "display_name"
    zh = "新名称与现名称相同。请核对后重填。"
    en = "The new name is the present one. Correct it."


class NotZone(FieldRefusal):
    """A zone is named that is none."""

    field = "zone"
    zh = "“{name}”不是功能区。请核对所填功能区。"
    en = "{name} is no functional zone. Correct it."


class ReportsToItself(FieldRefusal):
    """An organisation is named among its own superiors."""

    field = "reports_to"
    zh = "单位不能以自己为主管单位。请更正后重填。"
    en = "An organisation does not report to itself. Correct the list."


class SuccessorsWrong(FieldRefusal):
    """The list of successors does not say for every record where it goes; `problem` says why."""

    field = "successors"
    words: ClassVar = {"problem": words.SUCCESSOR_PROBLEMS}
    zh = "承继单位填写有误（{problem}）。每一专业须有且只有一个承继单位。"
    en = "The successors are wrong ({problem}). Each major goes to exactly one of them."


class SuccessorNotInOperation(EnrollmentRefusal):
    """Who takes over must itself be there on that day."""

    kind = Kind.FAILED_PRECONDITION
    zh = "承继单位“{name}”在 {date} 未在运行（已停用、撤并或尚未设立）。请另选承继单位或日期。"
    en = "{name} is not in operation on {date}. Choose another successor or date."


class OrganisationTakesOverLater(EnrollmentRefusal):
    """It is to take over another organisation on a day on which it would be no more."""

    kind = Kind.FAILED_PRECONDITION
    zh = "该单位将于 {date} 承继“{name}”，不能在此之前或当日终止。请先变更承继安排。"
    en = "It is to take over {name} on {date} and cannot end by then."
