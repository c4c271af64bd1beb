"""What is refused of rows of imported outcomes and status changes.

A row names its student by a number or a name that nobody else may learn of: no refusal repeats it.
"""

from typing import ClassVar

from chassis.errors import Kind
from services.enrollment.domain import words
from services.enrollment.domain.refusals import EnrollmentRefusal


class ImportedPersonUnknown(EnrollmentRefusal):
    """No student of the school is known so; whether another school knows one is not said."""

    kind = Kind.NOT_FOUND
    zh = "本校没有该学生。请核对身份证号、学籍号或者学生编号；不是本校学生的，由其所在学校导入。"
    en = (
        "The school has no such student. Compare the ID number, 学籍号 or name; students of "
        "other schools are imported by those."
    )


class ImportedOutcomeStands(EnrollmentRefusal):
    """The outcome is there otherwise, and others may have relied on it."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"state": words.OUTCOME_STATES}
    zh = "成果“{name}”已存在且内容不同（{state}），导入不能改动。请先撤销该成果，再重新导入。"
    en = (
        "The outcome {name} is there with other content ({state}), and an import does not change "
        "it. Revoke it, then import the row again to declare it anew."
    )


class ImportedOutcomeWasRefused(EnrollmentRefusal):
    """The very same outcome was rejected or revoked: a file does not bring it back."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"state": words.OUTCOME_STATES}
    zh = "同样的成果“{name}”{state}，不能靠导入恢复。请更正内容，或者单独申报。"
    en = (
        "The same outcome, {name}, was {state}, and an import does not bring it back. Correct the "
        "row, or declare it by itself."
    )


class ImportedChangeStands(EnrollmentRefusal):
    """The change is there otherwise, and somebody has decided on it or was given notice."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"state": words.STATUS_CHANGE_STATES}
    zh = "异动“{name}”已存在且内容不同（{state}），导入不能改动。请先撤回，再重新导入。"
    en = (
        "The change {name} is there with other content ({state}), and an import does not change "
        "it. Withdraw it, then import the row again."
    )


class ImportedChangeWasRefused(EnrollmentRefusal):
    """The very same change was rejected or withdrawn: a file does not bring it back."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"state": words.STATUS_CHANGE_STATES}
    zh = "同样的异动“{name}”{state}，不能靠导入恢复。请更正内容，或者单独申请。"
    en = (
        "The same change, {name}, was {state}, and an import does not bring it back. Correct the "
        "row, or propose it by itself."
    )
