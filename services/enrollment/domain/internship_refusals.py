"""What enrollment refuses of internships (岗位实习) and the points at which they are done."""

from typing import ClassVar

from chassis.errors import Kind
from services.enrollment.domain import words
from services.enrollment.domain.refusals import EnrollmentRefusal, FieldRefusal

# Points.


class EmployerNotEnterprise(FieldRefusal):
    """Whoever takes interns is the employing enterprise itself (LAW 职业教育法 art 50)."""

    field = "enterprise"
    words: ClassVar = {"organisation_kind": words.ORGANISATION_KINDS}
    zh = "单位“{enterprise}”的类型为{organisation_kind}，不是用人企业。请填写实际接收实习的企业。"
    en = (
        "{enterprise} is of the kind {organisation_kind}, not the employing enterprise. Name the "
        "enterprise at which the students work."
    )


class InternshipPointAlreadyDeclared(EnrollmentRefusal):
    """The post is an open point of the school."""

    kind = Kind.ALREADY_EXISTS
    zh = "该岗位已是贵校在用的实习点“{name}”。请使用已有实习点，或者先将其停用。"
    en = "The post is the open point {name} of the school. Use it, or end it first."


class InternshipPointEnded(EnrollmentRefusal):
    """The point is ended, or ends before the internship does."""

    kind = Kind.FAILED_PRECONDITION
    zh = (
        "实习点“{name}”自 {valid_from_date} 起、"
        "至 {valid_to_date} 止有效，不含所需日期。请另选实习点或者更正日期。"
    )
    en = (
        "The point {name} is open from {valid_from_date} to {valid_to_date}, not on all days that "
        "are needed. Choose another point, or correct the dates."
    )


# Planning.


class IntermediaryRefused(FieldRefusal):
    """No agent arranges or manages an internship (LAW 职业教育法 art 50)."""

    field = "intermediary"
    zh = (
        "不得通过人力资源服务机构、劳务派遣单位或者中介组织、"
        "管理学生实习。请由学校与用人企业直接安排。"
    )
    en = (
        "No labour agent or other intermediary may arrange or manage internships. The school and "
        "the employing enterprise have to do it themselves."
    )


class InternshipUnpaid(FieldRefusal):
    """Who works is paid (LAW 职业教育法 art 50)."""

    field = "pay_fen"
    zh = "岗位实习应当给予适当的劳动报酬。请填写每月报酬。"
    en = "Work on a post is paid. Give the pay a month."


class InternshipDatesWrong(FieldRefusal):
    """The last day is before the first, or not later than the one that is extended."""

    field = "end_date"
    zh = "结束日期 {end_date} 应不早于 {earliest_date}。请更正日期。"
    en = "The last day {end_date} must be {earliest_date} or later. Correct it."


class InternTooYoung(FieldRefusal):
    """Nobody under the age of employment works (LAW 未成年人保护法 art 61)."""

    field = "start_date"
    zh = "学生在开始日期 {start_date} 未满 {age} 周岁，不得上岗。请改期或者不予安排。"
    en = "On {start_date} the student is under {age} years and may not work. Choose a later date."


class FilingNumberMissing(FieldRefusal):
    """Longer than the months that need no filing, or extended (GD19)."""

    field = "filing_number"
    zh = "实习超过 {months} 个月或者延期的，须先备案。请填写备案编号。"
    en = (
        "An internship of more than {months} months, or an extension, is filed first. Give the "
        "filing number."
    )


class LengthReasonMissing(FieldRefusal):
    """Longer than usual (SXGL)."""

    field = "length_reason"
    zh = "岗位实习一般为 {months} 个月，本次超过。请说明理由。"
    en = "An internship usually takes {months} months, and this one more. Say why."


class PostNotMatched(EnrollmentRefusal):
    """No student works on a post that is not of the own major (LAW 职业教育法 art 50)."""

    kind = Kind.FAILED_PRECONDITION
    zh = (
        "岗位所属专业为 {major_codes}，"
        "与学生专业 {major_code} 不符。不得安排与所学专业无关的实习，请另选岗位。"
    )
    en = (
        "The post is of the majors {major_codes}, the student of {major_code}. Unrelated posts are "
        "not allowed: choose another one."
    )


class CooperationNotOfInternship(EnrollmentRefusal):
    """An internship is of a cooperation in force of its school and enterprise, if of any."""

    kind = Kind.FAILED_PRECONDITION
    zh = "合作“{name}”未生效，或者企业“{enterprise}”不参与。请核对所属合作，或者不填。"
    en = (
        "The cooperation {name} is not in force, or {enterprise} takes no part in it. Name another "
        "one, or none."
    )


class InternNotInSchool(EnrollmentRefusal):
    """Who is not in school is sent nowhere by it."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"state": words.STATUS_STATES}
    zh = "该学籍当前状态为“{state}”，或者开始日期 {start_date} 早于入学。请核对学籍和日期。"
    en = (
        "The status record is {state}, or begins after {start_date}. Check the record and the date."
    )


class InternshipOverlaps(EnrollmentRefusal):
    """A student is at one post on each day."""

    kind = Kind.FAILED_PRECONDITION
    zh = (
        "该学生在 {start_date} 至 {end_date} 已有实习“{name}”，日期重叠。请更正日期或者先办理终止。"
    )
    en = (
        "The student has the internship {name} from {start_date} to {end_date}. Correct the dates, "
        "or break that one off first."
    )


# Steps.


class InternshipNotAtStep(EnrollmentRefusal):
    """The step follows another state."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"state": words.INTERNSHIP_STATES, "needed": words.INTERNSHIP_STATES}
    zh = "实习当前状态为 {state}，此操作要求状态为 {needed}。请刷新后按流程办理。"
    en = (
        "The internship is {state}; this needs {needed}. Read it again and take the steps in order."
    )


class SignerNotEntitled(EnrollmentRefusal):
    """An enterprise signs for itself only."""

    kind = Kind.PERMISSION_DENIED
    zh = "单位“{party}”不能登记该方的签字。请由学校办理。"
    en = "{party} cannot record the signature of that party. Ask the school to do it."


class NotSchoolOfInternship(EnrollmentRefusal):
    """The step is the school's."""

    kind = Kind.PERMISSION_DENIED
    zh = "此操作须由学校办理，贵单位“{party}”不是该实习的学校。请联系学校。"
    en = "Only the school takes this step, and {party} is not it. Ask the school."


class AlreadySigned(EnrollmentRefusal):
    """Each party signs once."""

    kind = Kind.FAILED_PRECONDITION
    zh = "该方已于 {sign_date} 签字。请刷新后核对。"
    en = "That party signed on {sign_date}. Read the internship again."


class AgreementDiffers(FieldRefusal):
    """All parties sign the same text."""

    field = "agreement_sha256"
    zh = "所签协议与其他方所签的不是同一文本（哈希值应为 {expected_sha256}）。请核对协议文本。"
    en = "The others signed an agreement with the hash {expected_sha256}. Compare the texts."


class SignDateWrong(FieldRefusal):
    """An agreement is signed before the work begins, and not in the future (SXGL)."""

    field = "sign_date"
    zh = "签字日期 {sign_date} 应不晚于 {latest_date}：未签协议不得安排实习。请核对日期。"
    en = (
        "The signature of {sign_date} must be of {latest_date} or earlier: without an agreement "
        "nobody works. Check the date."
    )


class GuardianConsentMissing(EnrollmentRefusal):
    """A guardian consents to the internship of a minor, before it begins."""

    kind = Kind.FAILED_PRECONDITION
    zh = (
        "学生在 {start_date} 未满 {age} 周岁，"
        "须有监护人在此之前作出且未撤回的实习知情同意。请先登记。"
    )
    en = (
        "On {start_date} the student is under {age} years: a guardian's consent to the internship, "
        "given by then and not withdrawn, is needed. Record it first."
    )


class InternshipNotDue(EnrollmentRefusal):
    """It is not started before its first day or after its last, nor completed before its last."""

    kind = Kind.FAILED_PRECONDITION
    zh = "此操作须在 {first_date} 至 {last_date} 之间办理。请届时办理，提前结束的请办理终止。"
    en = (
        "This is done from {first_date} to {last_date}. Wait for the day, or break the internship "
        "off."
    )


class BreakOffDateWrong(FieldRefusal):
    """An internship is broken off on one of its days, and not in the future."""

    field = "break_off_date"
    zh = "终止日期 {break_off_date} 应在 {first_date} 至 {last_date} 之间。请更正。"
    en = "The date {break_off_date} must be from {first_date} to {last_date}. Correct it."


class AssessmentMissing(FieldRefusal):
    """Hours are declared with what proves them."""

    field = "evidence_sha256"
    zh = "登记实习工时须附考核材料。请补充材料的哈希值。"
    en = "Hours are declared with the assessment. Give its hash."
