"""What is refused about pathway projects after their approval."""

from chassis.errors import FieldViolation, Kind
from services.enrollment.domain.refusals import EnrollmentRefusal


class InternshipArrangementWrong(EnrollmentRefusal):
    """The stage has not the years that the arrangement divides (S1, S4); it names the field."""

    kind = Kind.INVALID_ARGUMENT
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
    zh = "项目当前状态为 {state}，不再招收新生。请选择在招项目。"
    en = "The project is {state} and takes nobody in any more. Choose a project that recruits."


class PathwayProjectNotStoppable(EnrollmentRefusal):
    """The project has no intake to stop."""

    kind = Kind.FAILED_PRECONDITION
    zh = "项目当前状态为 {state}，没有可停止的招生。请刷新后核对。"
    en = "The project is {state}: it has no intake to stop. Read it again."


class PathwayProjectNotClosable(EnrollmentRefusal):
    """The project is neither running nor stopped."""

    kind = Kind.FAILED_PRECONDITION
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
