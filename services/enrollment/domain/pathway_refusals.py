"""What is refused about pathway projects after their approval."""

from typing import ClassVar

from chassis.errors import FieldViolation, Kind
from services.enrollment.domain import words
from services.enrollment.domain.refusals import EnrollmentRefusal, FieldRefusal


class InternshipArrangementWrong(EnrollmentRefusal):
    """The stage has not the years that the arrangement divides (S1, S4); it names the field."""

    kind = Kind.INVALID_ARGUMENT
    words: ClassVar = {"level": words.LEVELS, "arrangement": words.INTERNSHIP_ARRANGEMENTS}
    zh = "“{arrangement}”安排不适用于 {level} {years} 年的学段。请更正学段安排或项目类型。"
    en = (
        "The arrangement {arrangement} does not divide a stage of {level} of {years} years. "
        "Correct the arrangement or the type of pathway."
    )

    def __init__(self, *, field: str, **metadata: str) -> None:
        super().__init__(violations=(), retry_after_ms=None, **metadata)
        zh, en = self.message("zh-CN"), self.message("en")
        self.violations = (FieldViolation(field, self.reason, zh, en),)


class PathwayProjectTakesNoIntake(EnrollmentRefusal):
    """The project runs already, was stopped for new intake, or is closed."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"state": words.PROJECT_STATES}
    zh = "项目当前状态为 {state}，不再招收新生。请选择在招项目。"
    en = "The project is {state} and takes nobody in any more. Choose a project that recruits."


class PathwayProjectNotStoppable(EnrollmentRefusal):
    """The project has no intake to stop."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"state": words.PROJECT_STATES}
    zh = "项目当前状态为 {state}，没有可停止的招生。请刷新后核对。"
    en = "The project is {state}: it has no intake to stop. Read it again."


class PathwayProjectNotClosable(EnrollmentRefusal):
    """The project is neither running nor stopped."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"state": words.PROJECT_STATES}
    zh = "项目当前状态为 {state}，不能结束。请先由主管部门停止招生，或待名册冻结后再办理。"
    en = (
        "The project is {state} and cannot be closed. Let the authority stop its intake, or "
        "freeze its roster first."
    )


class StudentsNotTaughtOut(EnrollmentRefusal):
    """Students of the project are on the books, or may transfer still."""

    kind = Kind.FAILED_PRECONDITION
    zh = "项目尚有 {count} 名学生在籍或可转段，须培养至结束。请待其毕业或离开后再结束项目。"
    en = (
        "{count} students of the project are on the books or may transfer still. Teach them out "
        "before closing it."
    )


# Provincial lists.


class ProvincialListAlreadyPublished(EnrollmentRefusal):
    """The document is registered for that year and province."""

    kind = Kind.ALREADY_EXISTS
    zh = "文号“{document_number}”的 {approval_year} 年名单已登记为“{name}”。请使用已有名单。"
    en = "The list {document_number} of {approval_year} is registered as {name}. Use that list."


class ListedTypeRepeated(FieldRefusal):
    """Two parts of a list count the same type."""

    field = "parts"
    words: ClassVar = {"type": words.PATHWAY_TYPES}
    zh = "项目类型 {type} 在分项合计中出现了不止一次。请更正。"
    en = "The type {type} is counted by more than one part. Correct the parts."


class NotListKeeper(EnrollmentRefusal):
    """The caller's organisation does not keep the list."""

    kind = Kind.PERMISSION_DENIED
    zh = "该名单由“{keeper}”登记，贵单位“{party}”不能导入。请由登记单位办理。"
    en = "The list is kept by {keeper}, not by {party}. Ask the keeper to import it."


class ListRowRepeated(EnrollmentRefusal):
    """Another row of the call is of the same schools and majors."""

    kind = Kind.INVALID_ARGUMENT
    zh = "与本次导入的第 {index} 行（从 0 起）学校和专业相同。请删除重复行。"
    en = "Row {index} of this call (counted from 0) is of the same schools and majors. Remove one."


class PathwayProjectFactsFixed(EnrollmentRefusal):
    """The project recruits or is past that: a list does not change it any more."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"state": words.PROJECT_STATES}
    zh = "项目当前状态为 {state}，名单不能再更改其内容。请核对该行，或先与项目学校确认。"
    en = "The project is {state}: a list does not change its facts any more. Check the row."


class PathwayProjectOfOtherList(EnrollmentRefusal):
    """Another list of the year names the project."""

    kind = Kind.FAILED_PRECONDITION
    zh = "该项目已列入名单“{name}”。请核对该行属于哪份名单。"
    en = "The project is named by the list {name}. Check of which list the row is."
