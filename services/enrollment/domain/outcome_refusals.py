"""What enrollment refuses of learning outcomes and their conversion into credits."""

from typing import ClassVar

from chassis.errors import Kind
from services.enrollment.domain import words
from services.enrollment.domain.refusals import EnrollmentRefusal, FieldRefusal

# What is declared.


class IssuerMissing(FieldRefusal):
    """Neither a registered organisation nor a name with a USCC says who issued it."""

    field = "issuer"
    zh = "未说明颁发单位。请选择已登记的单位，或者填写单位名称和统一社会信用代码。"
    en = "Nobody is named as the issuer. Choose an organisation, or give a name and a USCC."


class IssuerNotRegistered(FieldRefusal):
    """The issuer is named as an organisation that is not registered."""

    field = "issuer"
    zh = "颁发单位“{issuer}”未登记。请核对，或者改填单位名称和统一社会信用代码。"
    en = "The issuer {issuer} is not registered. Correct it, or give a name and a USCC instead."


class IssuerUsccWrong(FieldRefusal):
    """The check character of the issuer's USCC is wrong (GB 32100)."""

    field = "issuer_uscc"
    zh = "颁发单位统一社会信用代码“{uscc}”校验位不符。请对照证书或执照逐位核对后重填。"
    en = "The check digit of the issuer's USCC {uscc} is wrong. Compare it with the certificate."


class GradeWrong(FieldRefusal):
    """The kind of outcome has other grades, or none."""

    field = "grade"
    words: ClassVar = {"kind": words.OUTCOME_KINDS}
    zh = "成果类型 {kind} 的等级应为 {allowed} 之一。请对照证书重填。"
    en = "An outcome of kind {kind} has one of these grades: {allowed}. Correct the grade."


class HoursMissing(FieldRefusal):
    """What is counted in hours has none."""

    field = "hours"
    words: ClassVar = {"kind": words.OUTCOME_KINDS}
    zh = "成果类型 {kind} 须填写学时或者工时。请补填。"
    en = "An outcome of kind {kind} is counted in hours. Give them."


class CertificateNumberMissing(FieldRefusal):
    """A certificate without a number cannot be checked with who issued it."""

    field = "certificate_number"
    words: ClassVar = {"kind": words.OUTCOME_KINDS}
    zh = "成果类型 {kind} 须填写证书编号。请对照证书补填。"
    en = "An outcome of kind {kind} has a certificate number. Give it."


class OutcomeNotAchieved(FieldRefusal):
    """The date lies in the future."""

    field = "achieve_date"
    zh = "取得日期 {achieve_date} 尚未到来。请核对日期。"
    en = "The date of achievement {achieve_date} has not come. Correct it."


class ApprenticeshipKindWrong(FieldRefusal):
    """Only work in an enterprise is an apprenticeship."""

    field = "is_apprenticeship"
    words: ClassVar = {"kind": words.OUTCOME_KINDS}
    zh = "只有实习类成果可以标为学徒培养，本成果类型为 {kind}。请更正类型或者取消该标记。"
    en = "Only an INTERNSHIP is an apprenticeship, not a {kind}. Correct the kind or the mark."


class OnlineKindWrong(FieldRefusal):
    """Only what is taught can be taught online."""

    field = "is_online"
    words: ClassVar = {"kind": words.OUTCOME_KINDS}
    zh = "只有课程和培训类成果可以标为网络学习，本成果类型为 {kind}。请更正类型或者取消该标记。"
    en = "Only a COURSE or TRAINING is taken online, not a {kind}. Correct the kind or the mark."


class OutcomeAlreadyDeclared(EnrollmentRefusal):
    """The person has an outcome with the same evidence that is neither rejected nor revoked."""

    kind = Kind.ALREADY_EXISTS
    zh = "该学生以同一证明材料申报的成果已存在：{name}。请使用已有成果。"
    en = "The person has an outcome with this evidence already: {name}. Use that one."


# What happens to it.


class OutcomeNotAtStep(EnrollmentRefusal):
    """The step follows another state."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"state": words.OUTCOME_STATES, "needed": words.OUTCOME_STATES}
    zh = "成果当前状态为 {state}，此操作要求状态为 {needed}。请刷新后按流程办理。"
    en = "The outcome is {state}; this needs {needed}. Read it again and take the steps in order."


class VerifierIsDeclarer(EnrollmentRefusal):
    """Who declared an outcome does not verify it."""

    kind = Kind.PERMISSION_DENIED
    zh = "成果由您本人申报，不能由同一人核验。请由其他单位或者其他人员核验。"
    en = "You declared this outcome. Another organisation or another person has to verify it."


class NotSchoolOfPerson(EnrollmentRefusal):
    """Only a school of the person recognises outcomes (LAW 职业教育法 art 51)."""

    kind = Kind.PERMISSION_DENIED
    zh = "单位“{party}”不是该学生的就读学校，不能认定其学习成果。请由学生所在学校认定。"
    en = "{party} is no school of the person. A school of the person has to recognise the outcome."


class NotRecogniser(EnrollmentRefusal):
    """Another school recognised the outcome."""

    kind = Kind.PERMISSION_DENIED
    zh = "该成果由单位“{recogniser}”认定，须由该单位计入学分。请联系该单位办理。"
    en = "{recogniser} recognised the outcome and has to credit it. Ask them."


class NotEntitledToRevoke(EnrollmentRefusal):
    """Who neither declared, issued, verified nor recognised an outcome does not revoke it."""

    kind = Kind.PERMISSION_DENIED
    zh = "单位“{party}”未申报、颁发、核验或者认定该成果，不能撤销。请联系经办单位。"
    en = "{party} has not declared, issued, verified or recognised the outcome. Ask who has."


# What comes of it.


class NothingToConvert(EnrollmentRefusal):
    """The person has no accumulated outcome."""

    kind = Kind.FAILED_PRECONDITION
    zh = "该学生没有已计入账户、待转换的学习成果。请先完成认定和计入。"
    en = "The person has no accumulated outcome. Recognise and accumulate outcomes first."


class OutcomeNotVerified(EnrollmentRefusal):
    """A credential says that the outcome was verified, and this one is not, or is no more."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"state": words.OUTCOME_STATES}
    zh = "成果当前状态为 {state}，未经核验或者已失效，不能出具数字凭证。请先完成核验。"
    en = "The outcome is {state}. Only one that is verified, and not revoked, is exported."
