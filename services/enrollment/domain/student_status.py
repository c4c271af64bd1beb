"""学生当前状态 and 学籍异动类别: the two code lists of JY/T 1001 (JYT), and what each kind does.

A status is held while a student is on the books, or ends a record. The list has no code of its own
for 保留学籍 and 取消学籍: both are 99 其他 there, and kept apart here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class StudentStatus(StrEnum):
    """学生当前状态, with the two that the list counts as 其他."""

    STUDYING = "STUDYING"
    SUSPENDED = "SUSPENDED"
    WITHDRAWN = "WITHDRAWN"
    STOPPED = "STOPPED"
    RETURNED = "RETURNED"
    LOST = "LOST"
    GRADUATED = "GRADUATED"
    COMPLETED = "COMPLETED"
    ATTENDED = "ATTENDED"
    TRANSFERRED_OUT = "TRANSFERRED_OUT"
    DECEASED = "DECEASED"
    ADMISSION_RETAINED = "ADMISSION_RETAINED"
    STUDYING_ABROAD = "STUDYING_ABROAD"
    EXPELLED = "EXPELLED"
    MISSING = "MISSING"
    OTHER = "OTHER"
    RECORD_RETAINED = "RECORD_RETAINED"
    CANCELLED = "CANCELLED"


STATUS_CODES: Final[Mapping[StudentStatus, str]] = {
    StudentStatus.STUDYING: "01",
    StudentStatus.SUSPENDED: "02",
    StudentStatus.WITHDRAWN: "03",
    StudentStatus.STOPPED: "04",
    StudentStatus.RETURNED: "05",
    StudentStatus.LOST: "06",
    StudentStatus.GRADUATED: "07",
    StudentStatus.COMPLETED: "08",
    StudentStatus.ATTENDED: "09",
    StudentStatus.TRANSFERRED_OUT: "10",
    StudentStatus.DECEASED: "11",
    StudentStatus.ADMISSION_RETAINED: "12",
    StudentStatus.STUDYING_ABROAD: "13",
    StudentStatus.EXPELLED: "14",
    StudentStatus.MISSING: "15",
    StudentStatus.OTHER: "99",
    StudentStatus.RECORD_RETAINED: "99",
    StudentStatus.CANCELLED: "99",
}
# XJC: in-school is 在读 and 复学; who repeats a year is 在读. On the books are also 休学, 保留学籍
# and 保留入学资格.
IN_SCHOOL: Final = frozenset({StudentStatus.STUDYING, StudentStatus.RETURNED})
ON_BOOKS: Final = IN_SCHOOL | {
    StudentStatus.SUSPENDED,
    StudentStatus.RECORD_RETAINED,
    StudentStatus.ADMISSION_RETAINED,
}
# A record ends with these.
ENDING: Final = frozenset(
    {
        StudentStatus.WITHDRAWN,
        StudentStatus.LOST,
        StudentStatus.GRADUATED,
        StudentStatus.COMPLETED,
        StudentStatus.ATTENDED,
        StudentStatus.TRANSFERRED_OUT,
        StudentStatus.DECEASED,
        StudentStatus.EXPELLED,
        StudentStatus.MISSING,
        StudentStatus.CANCELLED,
    }
)


class ChangeKind(StrEnum):
    """学籍异动类别."""

    STUDY_ABROAD = "STUDY_ABROAD"
    REPEAT_YEAR = "REPEAT_YEAR"
    DEMOTE = "DEMOTE"
    SKIP_YEAR = "SKIP_YEAR"
    STUDY_ON_TRIAL = "STUDY_ON_TRIAL"
    EXTEND_YEARS = "EXTEND_YEARS"
    PASS_TRIAL = "PASS_TRIAL"  # noqa: S105 - 试读通过
    RETURN_FROM_ABROAD = "RETURN_FROM_ABROAD"
    SUSPEND = "SUSPEND"
    RETURN = "RETURN"
    STOP = "STOP"
    RETAIN_ADMISSION = "RETAIN_ADMISSION"
    RESTORE_ADMISSION = "RESTORE_ADMISSION"
    CANCEL_ADMISSION = "CANCEL_ADMISSION"
    RESTORE_RECORD = "RESTORE_RECORD"
    CANCEL_RECORD = "CANCEL_RECORD"
    RETAIN_RECORD = "RETAIN_RECORD"
    TRANSFER_OUT = "TRANSFER_OUT"
    TRANSFER_IN = "TRANSFER_IN"
    CHANGE_MAJOR = "CHANGE_MAJOR"
    DIPLOMA_TO_BACHELOR = "DIPLOMA_TO_BACHELOR"
    BACHELOR_TO_DIPLOMA = "BACHELOR_TO_DIPLOMA"
    CHANGE_DEPARTMENT = "CHANGE_DEPARTMENT"
    CHANGE_CLASS = "CHANGE_CLASS"
    WITHDRAW = "WITHDRAW"
    EXPEL = "EXPEL"
    DIE = "DIE"
    VISIT = "VISIT"
    RETURN_FROM_VISIT = "RETURN_FROM_VISIT"
    OTHER = "OTHER"


CHANGE_CODES: Final[Mapping[ChangeKind, str]] = dict(
    zip(
        ChangeKind,
        (
            *("01", "02", "03", "04", "05", "06", "07", "08", "11", "12", "13", "14", "15", "16"),
            *("17", "18", "19", "21", "22", "23", "24", "25", "26", "29", "31", "42", "51"),
            *("64", "65", "99"),
        ),
        strict=True,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a kind of change does: from which statuses, to which, and how the year of study moves.

    `to` is None where the status stays as it is.
    """

    begins: frozenset[StudentStatus]
    to: StudentStatus | None = None
    grade_shift: int = 0
    years_shift: int = 0
    # Before 学籍 exists (保留入学资格) there is nothing that 核准 could have given.
    needs_registration: bool = True


_STUDYING: Final = IN_SCHOOL
_AWAY: Final = frozenset({StudentStatus.SUSPENDED, StudentStatus.RECORD_RETAINED})
_HELD: Final = frozenset(StudentStatus) - ENDING
_RETAINED: Final = frozenset({StudentStatus.ADMISSION_RETAINED})
_Status = StudentStatus

# The code lists name the kinds; from where to where each leads is GK. Kinds that are absent are
# admissions (24, 25, never a change of record), the mirror of another (22), or say nothing (99).
EFFECTS: Final[Mapping[ChangeKind, Effect]] = {
    ChangeKind.STUDY_ABROAD: Effect(begins=_STUDYING, to=_Status.STUDYING_ABROAD),
    ChangeKind.REPEAT_YEAR: Effect(begins=_STUDYING, to=_Status.STUDYING, grade_shift=1),
    ChangeKind.DEMOTE: Effect(begins=_STUDYING, to=_Status.STUDYING, grade_shift=1),
    ChangeKind.SKIP_YEAR: Effect(begins=_STUDYING, to=_Status.STUDYING, grade_shift=-1),
    ChangeKind.STUDY_ON_TRIAL: Effect(begins=_STUDYING),
    ChangeKind.EXTEND_YEARS: Effect(begins=_STUDYING, years_shift=1),
    ChangeKind.PASS_TRIAL: Effect(begins=_STUDYING),
    ChangeKind.RETURN_FROM_ABROAD: Effect(
        begins=frozenset({_Status.STUDYING_ABROAD}), to=_Status.RETURNED
    ),
    # 休学 may follow 休学 at once: the limit counts both together (XJ).
    ChangeKind.SUSPEND: Effect(begins=_STUDYING | {_Status.SUSPENDED}, to=_Status.SUSPENDED),
    ChangeKind.RETURN: Effect(
        begins=frozenset({_Status.SUSPENDED, _Status.STOPPED}), to=_Status.RETURNED
    ),
    ChangeKind.STOP: Effect(begins=_STUDYING, to=_Status.STOPPED),
    ChangeKind.RETAIN_ADMISSION: Effect(
        begins=frozenset({_Status.STUDYING}),
        to=_Status.ADMISSION_RETAINED,
        needs_registration=False,
    ),
    ChangeKind.RESTORE_ADMISSION: Effect(
        begins=_RETAINED, to=_Status.STUDYING, needs_registration=False
    ),
    ChangeKind.CANCEL_ADMISSION: Effect(
        begins=_RETAINED | {_Status.STUDYING}, to=_Status.CANCELLED, needs_registration=False
    ),
    ChangeKind.RESTORE_RECORD: Effect(
        begins=frozenset({_Status.RECORD_RETAINED}), to=_Status.RETURNED
    ),
    ChangeKind.CANCEL_RECORD: Effect(begins=_HELD, to=_Status.CANCELLED),
    ChangeKind.RETAIN_RECORD: Effect(begins=_STUDYING, to=_Status.RECORD_RETAINED),
    ChangeKind.TRANSFER_OUT: Effect(begins=_STUDYING, to=_Status.TRANSFERRED_OUT),
    ChangeKind.CHANGE_MAJOR: Effect(begins=_STUDYING),
    ChangeKind.CHANGE_DEPARTMENT: Effect(begins=_STUDYING),
    ChangeKind.CHANGE_CLASS: Effect(begins=_STUDYING),
    ChangeKind.WITHDRAW: Effect(begins=_HELD, to=_Status.WITHDRAWN),
    ChangeKind.EXPEL: Effect(begins=_STUDYING | _AWAY, to=_Status.EXPELLED),
    ChangeKind.DIE: Effect(begins=_HELD, to=_Status.DECEASED, needs_registration=False),
    ChangeKind.VISIT: Effect(begins=_STUDYING),
    ChangeKind.RETURN_FROM_VISIT: Effect(begins=_STUDYING),
}
