"""What enrollment refuses, each a fact with its reason, kind and texts in two languages.

The same list as `ErrorReason` of the contract (a test compares them). Metadata leaves the
process: it must never hold a name, an ID number or any other personal value.
"""

from typing import ClassVar

from chassis.errors import DomainError, FieldViolation, Kind
from services.enrollment.domain.words import (
    ID_NUMBER_PROBLEMS,
    LEVELS,
    MEMBER_STATES,
    ORGANISATION_FIELDS,
    ORGANISATION_KINDS,
    PATHWAY_TYPES,
    PROJECT_STATES,
    STATUS_STATES,
)


class EnrollmentRefusal(DomainError):
    """A refusal by a rule of this service."""

    domain = "enrollment.guantong"


class FieldRefusal(EnrollmentRefusal):
    """A value that no state of things could make acceptable; it names the request's field."""

    kind = Kind.INVALID_ARGUMENT
    field: ClassVar[str]

    def __init__(self, **metadata: str) -> None:
        super().__init__(violations=(), retry_after_ms=None, **metadata)
        zh, en = self.message("zh-CN"), self.message("en")
        self.violations = (FieldViolation(self.field, self.reason, zh, en),)


# Organisations.


class OrganisationAlreadyRegistered(EnrollmentRefusal):
    """The id, school code or USCC is taken; `field` says which."""

    kind = Kind.ALREADY_EXISTS
    words: ClassVar = {"field": ORGANISATION_FIELDS}
    zh = "“{field}”的值“{value}”已被其他单位使用。请核对是否已登记；确为新单位的，请更换该值。"
    en = (
        "The {field} {value} belongs to a registered organisation. Check whether it is the same "
        "one; if it is not, correct the value."
    )


class RegionCodeUnknown(FieldRefusal):
    """Nothing has ever had the code (GB/T 2260)."""

    field = "region_code"
    zh = "没有行政区划代码“{region_code}”。请按 GB/T 2260 核对后重填。"
    en = "There is no region code {region_code}. Correct it by GB/T 2260."


class UsccCheckDigitWrong(FieldRefusal):
    """The last character does not fit the others (GB 32100)."""

    field = "uscc"
    zh = "统一社会信用代码“{uscc}”校验位不符。请对照证照逐位核对后重填。"
    en = "The check digit of the USCC {uscc} is wrong. Compare it with the certificate."


# Pathway projects.


class PathwayProjectAlreadyDeclared(EnrollmentRefusal):
    """The pair of schools and majors is declared for that year."""

    kind = Kind.ALREADY_EXISTS
    zh = "该对学校和专业在 {approval_year} 年已有申报项目“{name}”。请使用已有项目。"
    en = (
        "These schools and majors are declared for {approval_year} already as {name}. "
        "Use that project."
    )


class NotBackCollege(EnrollmentRefusal):
    """The caller's organisation is not the back college."""

    kind = Kind.PERMISSION_DENIED
    zh = "此操作须由后段院校办理，贵单位“{party}”不是。请由后段院校经办人登录后办理。"
    en = "Only the back college may do this, and {party} is not it. Ask the back college to do it."


class NotFrontSchool(EnrollmentRefusal):
    """The caller's organisation is not the front school."""

    kind = Kind.PERMISSION_DENIED
    zh = "此操作须由前段学校办理，贵单位“{party}”不是。请由前段学校经办人登录后办理。"
    en = "Only the front school may do this, and {party} is not it. Ask the front school to do it."


class PathwayProjectNotDeclared(EnrollmentRefusal):
    """The project is not waiting for approval."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"state": PROJECT_STATES}
    zh = "项目当前状态为“{state}”，不是待批准状态，不能批准。请刷新后核对。"
    en = "The project is {state}, not DECLARED, and cannot be approved. Read it again."


class PathwayProjectNotApproved(EnrollmentRefusal):
    """The project is not approved."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"state": PROJECT_STATES}
    zh = "项目当前状态为“{state}”，尚未批准。请待主管部门批准后再办理。"
    en = "The project is {state}, not APPROVED. Wait for its approval."


class PathwayLevelsWrong(EnrollmentRefusal):
    """The kinds of the two organisations do not fit the type of pathway."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {
        "type": PATHWAY_TYPES,
        "front_level": LEVELS,
        "back_level": LEVELS,
        "front_kind": ORGANISATION_KINDS,
        "back_kind": ORGANISATION_KINDS,
    }
    zh = (
        "项目类型“{type}”要求前段为{front_level}、后段为{back_level}，"
        "与两校类型（{front_kind}、{back_kind}）不符。请核对项目类型和学校。"
    )
    en = (
        "A pathway {type} leads from {front_level} to {back_level}; organisations of the kinds "
        "{front_kind} and {back_kind} do not fit. Correct the type or the schools."
    )


# Cohorts.


class CohortAlreadyOpened(EnrollmentRefusal):
    """The project has a cohort."""

    kind = Kind.ALREADY_EXISTS
    zh = "该项目已开设班级名册“{name}”。一个项目只有一届，请使用已有名册。"
    en = "The project has the cohort {name}. A project has one intake: use that cohort."


class IntakeYearWrong(FieldRefusal):
    """The intake date is not in the project's approval year (JS25)."""

    field = "intake_date"
    zh = "入学日期 {intake_date} 不在项目年度 {approval_year} 年内。请更正入学日期。"
    en = "The intake date {intake_date} is not in the approval year {approval_year}. Correct it."


class RosterFrozen(EnrollmentRefusal):
    """Nobody may join a frozen roster (GD19); freezing it again is refused too."""

    kind = Kind.FAILED_PRECONDITION
    zh = (
        "名册已冻结：贯通培养身份在录取时确定，不得从外部增加成员，空缺名额不予补录"
        "（广东 2019 年三二分段教学管理规定）。"
    )
    en = (
        "The roster is frozen: membership is fixed at admission, nobody joins from outside, and "
        "vacated places are not refilled (GD19)."
    )


class PlanFull(EnrollmentRefusal):
    """The published front plan must not be exceeded (SD23)."""

    kind = Kind.FAILED_PRECONDITION
    zh = "招生计划 {plan} 人已满，不得超计划录取。离开者的名额不予补录。"
    en = "The plan of {plan} is full and must not be exceeded. Places of leavers are not refilled."


class ClassUnknown(FieldRefusal):
    """The cohort has no such class."""

    field = "class_name"
    zh = "名册中没有“{class_name}”这个班级。请从已有班级中选择：{class_names}。"
    en = "The cohort has no class {class_name}. Choose one of: {class_names}."


# Members and persons.


class IdNumberInvalid(FieldRefusal):
    """A wrong check digit or birth date (GB 11643); `problem` says which, never the number."""

    field = "id_number"
    words: ClassVar = {"problem": ID_NUMBER_PROBLEMS}
    zh = "身份证号无效（{problem}）。请对照证件逐位核对后重填。"
    en = "The ID number is not valid ({problem}). Compare it with the card digit by digit."


class AdmissionNumberTaken(FieldRefusal):
    """An admission of a year was of one student, who is on a roster under another ID number."""

    kind = Kind.ALREADY_EXISTS
    field = "admission_number"
    zh = (
        "该录取平台号码在 {year} 年入学的名册中已属于另一名学生（证件号不同）。"
        "请核对号码与证件号；如为误录，请先让误录的学生退出名册。"
    )
    en = (
        "The admission number is of another student of the intake of {year}, with another ID "
        "number. Check both; if that one was entered wrongly, take it off the roster first."
    )


class PersonAlreadyEnrolled(EnrollmentRefusal):
    """A person with this ID number is a member of a cohort, or has left one for good."""

    kind = Kind.ALREADY_EXISTS
    zh = (
        "该身份证号已在贯通培养名册中登记，不能重复登记；已退出贯通培养的学生不得返回"
        "（广东 2019 年三二分段教学管理规定）。"
    )
    en = (
        "A person with this ID number is on a pathway's roster already. Nobody is enrolled "
        "twice, and who has left a pathway cannot come back (GD19)."
    )


class MemberNotActive(EnrollmentRefusal):
    """The member is not in the pathway, or away from it."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"state": MEMBER_STATES}
    zh = "该成员当前状态为“{state}”，不能办理此项。请刷新后核对。"
    en = "The member is {state}, which does not allow this. Read the record again."


# Status records.


class StudentNotInSchool(EnrollmentRefusal):
    """The status record is not IN_SCHOOL."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"state": STATUS_STATES}
    zh = "该学籍当前状态为“{state}”，不是在读，不能办理此事。请刷新后核对。"
    en = "The status record is {state}, not IN_SCHOOL: this cannot be done. Read it again."


class NotRecordHolder(EnrollmentRefusal):
    """The caller's organisation does not hold the status record."""

    kind = Kind.PERMISSION_DENIED
    zh = "该学籍不由贵单位“{party}”管理。请由学籍所在学校办理。"
    en = "{party} does not hold this status record. Ask the school that holds it."


class GraduationBeforeEntry(FieldRefusal):
    """The graduation date is before the record began."""

    field = "graduate_date"
    zh = "毕业日期 {graduate_date} 早于学籍开始日期 {valid_from_date}。请更正毕业日期。"
    en = "The graduation date {graduate_date} is before the entry {valid_from_date}. Correct it."
