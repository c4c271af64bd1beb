"""What is refused of the rows of an imported roster, beside what enrolling refuses."""

from typing import ClassVar

from chassis.errors import Kind
from services.enrollment.domain.refusals import EnrollmentRefusal
from services.enrollment.domain.words import ROSTER_FIELDS


class RosterFieldFixed(EnrollmentRefusal):
    """A row says otherwise what was fixed at admission (GD19); `field` says what.

    Names, and what the ID number says of sex and birth, change by a correction with evidence (XJ).
    """

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"field": ROSTER_FIELDS}
    zh = (
        "该生已在册，“{field}”与登记不符，导入不能改动。"
        "登记有误的，请凭证明办理人员信息更正；文件有误的，请改正文件。"
    )
    en = (
        "The student is on the roster with another {field}, and an import does not change it. "
        "Propose a correction with evidence where the record is wrong, else correct the file."
    )


class RosterClassFixed(EnrollmentRefusal):
    """A row puts a member of a frozen roster into another class."""

    kind = Kind.FAILED_PRECONDITION
    zh = "名册已冻结，导入不能调整班级。需要调班的，请逐人办理班级调整。"
    en = (
        "The roster is frozen, and an import does not change classes any more. Assign the member "
        "another class by itself."
    )
