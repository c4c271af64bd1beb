"""What enrollment refuses of majors."""

from typing import ClassVar

from chassis.errors import Kind
from services.enrollment.domain import words
from services.enrollment.domain.refusals import EnrollmentRefusal, FieldRefusal


class MajorUnknown(EnrollmentRefusal):
    """The catalogue that is kept for that day has no such code."""

    kind = Kind.NOT_FOUND
    zh = "{date} 的专业目录中没有代码“{code}”。请核对专业代码，或先导入当年目录。"
    en = "The catalogue of {date} has no code {code}. Correct it, or import that catalogue first."


class MajorAlreadyRetired(EnrollmentRefusal):
    """The entry has a last day already."""

    kind = Kind.FAILED_PRECONDITION
    zh = "专业“{name}”已于 {valid_to_date} 停用。请刷新后核对。"
    en = "{name} has left the catalogue on {valid_to_date}. Read it again."


class MajorCodeWrong(FieldRefusal):
    """The first digit is of another level in the catalogues of that time."""

    field = "code"
    zh = "专业代码“{code}”的首位不属于该层次（应为：{digits}）。请核对代码和层次。"
    en = "The first digit of {code} is not of this level ({digits}). Correct the code or level."


class MajorCodeTaken(EnrollmentRefusal):
    """Another entry has the code on some of these days, and is not said to be followed by this."""

    kind = Kind.ALREADY_EXISTS
    zh = "代码“{code}”在该时段属于专业“{name}”。如系更名，请在替代代码中列出；否则请先停用原专业。"
    en = (
        "In that time the code {code} is that of {name}. If it was renamed, list the code among "
        "those that are replaced; if not, retire that major first."
    )


class MajorDatesWrong(EnrollmentRefusal):
    """The last day would be before the first, or what follows begins before the end."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"problem": words.MAJOR_PROBLEMS}
    zh = "专业“{name}”的起止日期不合（{problem}）。请更正日期。"
    en = "The dates of {name} do not fit ({problem}). Correct the date."


class MajorRowRepeated(FieldRefusal):
    """A code is in more than one row of an import."""

    field = "code"
    zh = "代码“{code}”在本次导入中出现多次。请只保留一行。"
    en = "The code {code} is in more than one row. Keep one of them."
