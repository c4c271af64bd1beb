"""What is refused of persons: their numbers, corrections, duplicates, consents and erasure.

Metadata leaves the process: it never holds a name, a number or a date of a person.
"""

from typing import ClassVar

from chassis.errors import Kind
from services.enrollment.domain import words
from services.enrollment.domain.refusals import EnrollmentRefusal, FieldRefusal

# The record itself.


class PersonErased(EnrollmentRefusal):
    """The person was erased: nothing can be read or changed."""

    kind = Kind.FAILED_PRECONDITION
    zh = "该人员信息已依法删除，不能再查看或办理。"
    en = "The person has been erased: nothing can be read or done any more."


class PersonMerged(EnrollmentRefusal):
    """The record is a duplicate of another."""

    kind = Kind.FAILED_PRECONDITION
    zh = "该人员已并入“{survivor}”。请改用该人员办理。"
    en = "This person was merged into {survivor}. Use that person."


class SecondPersonNeeded(EnrollmentRefusal):
    """Whoever proposed does not decide."""

    kind = Kind.PERMISSION_DENIED
    zh = "提出人不得自行审批。请由本单位另一名审批人办理。"
    en = "Who proposed it does not decide it. Ask another approver."


# 学籍号.


class StudentNumberInvalid(FieldRefusal):
    """A wrong form, or not of this person; `problem` says which, never the number."""

    field = "number"
    words: ClassVar = {"problem": words.STUDENT_NUMBER_PROBLEMS}
    zh = "学籍号无效（{problem}）。请逐位核对后重填。"
    en = "The student number is not valid ({problem}). Compare it character by character."


class StudentNumberTaken(EnrollmentRefusal):
    """Another person holds the number: perhaps a duplicate."""

    kind = Kind.ALREADY_EXISTS
    zh = "该学籍号已登记在另一人名下。请查询疑似重复人员并核实。"
    en = "Another person holds this student number. List the duplicate candidates and check them."


class StudentNumberNotReplaceable(EnrollmentRefusal):
    """A formal number is for life; the others are followed by a formal one only."""

    kind = Kind.FAILED_PRECONDITION
    zh = "现有学籍号类型为 {current}，不能变更为 {given}。请核对学籍号类型。"
    en = "The present number is {current} and is not followed by one that is {given}. Check it."


class StudentNumberBeforeFormer(FieldRefusal):
    """The new number begins no later than the present one."""

    field = "valid_from_date"
    zh = "起始日期须晚于现有学籍号的起始日期 {valid_from_date}。请更正。"
    en = "The first day must be after that of the present number, {valid_from_date}. Correct it."


# Corrections.


class CorrectionEmpty(FieldRefusal):
    """Neither name nor sex nor birth date is given."""

    field = "display_name"
    zh = "未填写任何更正内容。请至少填写姓名、性别、出生日期中的一项。"
    en = "Nothing is to be corrected. Give the name, the sex or the birth date."


class BirthDateInFuture(FieldRefusal):
    """The birth date is after today."""

    field = "birth_date"
    zh = "出生日期晚于今天。请更正。"
    en = "The birth date is in the future. Correct it."


class CorrectionNotProposed(EnrollmentRefusal):
    """The correction is decided."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"state": words.CORRECTION_STATES}
    zh = "该更正当前状态为 {state}，不是待审批。请刷新后核对。"
    en = "The correction is {state}, not PROPOSED. Read it again."


# Duplicates.


class MergeWithItself(FieldRefusal):
    """Both names are of one person."""

    field = "survivor"
    zh = "不能将人员与其自身合并。请选择另一条人员记录。"
    en = "A person is not merged with itself. Name another record."


class MembershipsConflict(EnrollmentRefusal):
    """The merged person would be in two pathways at once, or twice in one cohort (GD19)."""

    kind = Kind.FAILED_PRECONDITION
    zh = "两条记录同时在贯通培养项目中或曾在同一名册，不能合并。请先核实并移出其中一条。"
    en = (
        "Both records are in a pathway at once, or were members of one cohort, and cannot be "
        "merged. Find out which one is right first."
    )


class PersonNotMerged(EnrollmentRefusal):
    """There is no merge to undo."""

    kind = Kind.FAILED_PRECONDITION
    zh = "该人员未被合并，无须拆分。请刷新后核对。"
    en = "The person is not merged: there is nothing to split. Read it again."


class SurvivorMerged(EnrollmentRefusal):
    """Merges are undone in the reverse order."""

    kind = Kind.FAILED_PRECONDITION
    zh = "合并后的人员“{survivor}”又已并入他人。请先拆分该人员。"
    en = "The survivor {survivor} was merged itself later. Split that one first."


# Guardians and consents.


class GuardianNotCurrent(EnrollmentRefusal):
    """The guardianship has ended."""

    kind = Kind.FAILED_PRECONDITION
    zh = "该监护关系已终止，不能再次终止。请刷新后核对。"
    en = "The guardianship has ended already. Read it again."


class NotGuardian(FieldRefusal):
    """The guardian named is not a current one of the person."""

    field = "guardian"
    zh = "所填监护人不是该人员的现任监护人。请从现任监护人中选择。"
    en = "That is no current guardian of the person. Choose a current one."


class GuardianNeeded(EnrollmentRefusal):
    """The person is too young to consent alone (PIPL 31)."""

    kind = Kind.FAILED_PRECONDITION
    zh = "未满 {age} 周岁，此项须由监护人同意。请登记监护人的同意。"
    en = "The person is under {age}: a guardian must consent. Record the guardian's consent."


class ConsentAlreadyGiven(EnrollmentRefusal):
    """One for the purpose holds."""

    kind = Kind.ALREADY_EXISTS
    zh = "该用途的同意“{name}”仍然有效。如需变更，请先撤回。"
    en = "The consent {name} for this purpose holds. Withdraw it first to replace it."


class ConsentNotGiven(EnrollmentRefusal):
    """The consent was withdrawn."""

    kind = Kind.FAILED_PRECONDITION
    zh = "该同意已撤回，不能再次撤回。请刷新后核对。"
    en = "The consent was withdrawn already. Read it again."


class ConsentDateInFuture(FieldRefusal):
    """A consent is recorded after it is given."""

    field = "give_date"
    zh = "同意日期晚于今天。请更正。"
    en = "The date of the consent is in the future. Correct it."


# Erasure.


class ErasureNotProposed(EnrollmentRefusal):
    """It was carried out."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"state": words.ERASURE_STATES}
    zh = "该删除申请当前状态为 {state}，不是待审批。请刷新后核对。"
    en = "The erasure is {state}, not PROPOSED. Read it again."


class ErasureAlreadyProposed(EnrollmentRefusal):
    """One waits for its second person."""

    kind = Kind.ALREADY_EXISTS
    zh = "该人员已有待审批的删除申请“{name}”。请办理该申请。"
    en = "The erasure {name} of this person waits to be carried out. Decide on that one."
