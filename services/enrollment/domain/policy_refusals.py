"""What is refused because no policy says what holds."""

from typing import ClassVar

from chassis.errors import Kind
from services.enrollment.domain import words
from services.enrollment.domain.refusals import EnrollmentRefusal


class PolicyNotInForce(EnrollmentRefusal):
    """No row of the policy holds on the date, in the province, for the kind of school."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"school_kind": words.SCHOOL_KINDS}
    zh = (
        "{date} 没有生效的政策“{policy}”（省份 {province}，学校类型 {school_kind}）。"
        "请核对日期；日期无误的，请联系管理员补充政策数据。"
    )
    en = (
        "No policy {policy} is in force on {date} (province {province}, school kind "
        "{school_kind}). Check the date; if it is right, ask the administrator to add the policy."
    )
