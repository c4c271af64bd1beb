"""What is refused about cooperations and their rosters."""

from typing import ClassVar

from chassis.errors import Kind
from services.enrollment.domain import cooperation_words as words
from services.enrollment.domain.refusals import EnrollmentRefusal, FieldRefusal

# What is drafted.


class CooperationPartiesWrong(FieldRefusal):
    """The parties do not fit each other or the kind; `problem` says why."""

    field = "parties"
    words: ClassVar = {"problem": words.COOPERATION_PARTY_PROBLEMS}
    zh = "合作单位“{name}”填写有误（{problem}）。请核对单位、角色及合作类型后重填。"
    en = "The party {name} is wrong ({problem}). Compare parties, roles and kind."


class CooperationFactsWrong(FieldRefusal):
    """Class, number of students or grade do not fit the kind; `problem` says which."""

    field = "kind"
    words: ClassVar = {
        "problem": words.COOPERATION_FACT_PROBLEMS,
        "kind": words.COOPERATION_KINDS,
    }
    zh = "“{kind}”类合作的要素有误（{problem}）。请补正后重新提交。"
    en = "Facts do not fit the kind {kind} ({problem}). Correct them."


class CooperationPeriodReversed(FieldRefusal):
    """The agreement ends before it begins."""

    field = "agreement.valid_to_date"
    zh = "协议截止日期 {valid_to_date} 早于起始日期 {valid_from_date}。请更正。"
    en = "The agreement ends on {valid_to_date}, before it begins on {valid_from_date}. Correct it."


# Who may do what, and when.


class CooperationNotAtStep(EnrollmentRefusal):
    """The step follows another state."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"state": words.COOPERATION_STATES}
    zh = "合作当前状态为 {state}，不能办理此步骤。请刷新后核对。"
    en = "The cooperation is {state}: this step is not the next. Read it again."


class PartyNotEntitled(EnrollmentRefusal):
    """Another of the parties does this; `problem` says which."""

    kind = Kind.PERMISSION_DENIED
    words: ClassVar = {"problem": words.COOPERATION_ENTITLED}
    zh = "此事项应由{problem}办理，贵单位“{party}”不能办理。"
    en = "This is for {problem} to do, not for {party}."


class CooperationAgreementMissing(EnrollmentRefusal):
    """An agreement is obligatory (LAW 职业教育法 art 30; S0 现代学徒制帮扶结对协议)."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"kind": words.COOPERATION_KINDS}
    zh = "“{kind}”须签订协议方可生效。请先登记协议编号、文本校验值和期限，再由各方签署。"
    en = "A cooperation of the kind {kind} needs an agreement. Attach it, and have it signed."


class SignedDocumentMismatch(EnrollmentRefusal):
    """Another document is signed than the one that is attached."""

    kind = Kind.ABORTED
    zh = "所签协议（{signed}）与已登记的协议（{attached}）不一致。请重新查看协议后再签署。"
    en = "The signature is of {signed}; what is attached is {attached}. Read the agreement again."


class CooperationAlreadySigned(EnrollmentRefusal):
    """The organisation has signed."""

    kind = Kind.FAILED_PRECONDITION
    zh = "“{name}”已签署，无需重复签署。"
    en = "{name} has signed already."


class NotSignatory(EnrollmentRefusal):
    """Nobody waits for a signature of this organisation."""

    kind = Kind.FAILED_PRECONDITION
    zh = "“{name}”不是须签署的合作单位。请核对签署单位。"
    en = "{name} is no party whose signature is awaited. Check who signs."


class SignaturePaperMissing(FieldRefusal):
    """A school records an enterprise's signature only with the paper that was signed."""

    field = "paper_sha256"
    zh = "代为登记企业签署时，须填写企业所签纸质协议的校验值。"
    en = "To record an enterprise's signature, give the SHA-256 of the paper that it signed."


class OutsideAgreementPeriod(EnrollmentRefusal):
    """The agreement does not hold on this day."""

    kind = Kind.FAILED_PRECONDITION
    zh = "{date} 不在协议有效期 {valid_from_date} 至 {valid_to_date} 之内。请核对协议期限。"
    en = "{date} is not within {valid_from_date} to {valid_to_date}, the days of the agreement."


class GradeStepWrong(EnrollmentRefusal):
    """An enterprise college rises by one grade at a time, in force; it may fall any number."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {
        "actual": words.COOPERATION_GRADES,
        "expected": words.COOPERATION_GRADES,
    }
    zh = "企业学院现为 {actual}，不能直接调整为 {expected}：每次只能晋升一级，且合作须在生效期内。"
    en = (
        "The enterprise college is of the grade {actual} and cannot become {expected}: it rises "
        "by one grade at a time, while the cooperation is in force."
    )


class CooperationBodyWrong(FieldRefusal):
    """A body does not fit; `problem` says why."""

    field = "members"
    words: ClassVar = {"problem": words.COOPERATION_BODY_PROBLEMS}
    zh = "机构设置有误（{problem}）。请核对牵头单位和成员单位。"
    en = "The body is wrong ({problem}). Check its head and its members."


class CooperationMemberWrong(EnrollmentRefusal):
    """An organisation cannot be taken in, or leave; `problem` says why."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"problem": words.COOPERATION_MEMBER_PROBLEMS}
    zh = "“{name}”的成员变更不能办理（{problem}）。请先处理该事项。"
    en = "The membership of {name} cannot be changed ({problem}). Settle that first."


# Rosters.


class CooperationHasNoRoster(EnrollmentRefusal):
    """No pupils are on a roster of this kind: an articulation makes no place (S0: 衔接合作)."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"kind": words.COOPERATION_KINDS}
    zh = "“{kind}”不设学生名册，也不产生任何名额。升学须走正常招生渠道。"
    en = "A cooperation of the kind {kind} has no roster and makes no place of any kind."


class CooperationFull(EnrollmentRefusal):
    """As many pupils are on the roster as were agreed on."""

    kind = Kind.FAILED_PRECONDITION
    zh = "名册人数已达约定的 {student_count} 人。如需增加，请另行签订协议。"
    en = "The roster has the {student_count} pupils that were agreed on. Agree on more first."


class PupilNotOfSchool(EnrollmentRefusal):
    """The pupil does not study at the caller's school on that day."""

    kind = Kind.FAILED_PRECONDITION
    zh = "该生在 {date} 不是贵校“{party}”的在校生。请核对学籍。"
    en = "On {date} the pupil is not in school at {party}. Check the status record."


class PupilDatesWrong(FieldRefusal):
    """A day of joining or leaving is not possible; `problem` says why."""

    field = "join_date"
    words: ClassVar = {"problem": words.PUPIL_DATE_PROBLEMS}
    zh = "日期 {date} 不可用（{problem}）。请更正日期。"
    en = "The day {date} is not possible ({problem}). Correct it."


class PupilPlacesOverlap(EnrollmentRefusal):
    """The pupil is on this roster, or is another enterprise's apprentice, on that day."""

    kind = Kind.FAILED_PRECONDITION
    zh = "该生在 {date} 已在名册“{name}”中。同一名册不能重复加入，学徒不能同时在两处。"
    en = "On {date} the pupil has the place {name}. Nobody is twice on a roster or apprenticed."


class ApprenticePapersMissing(EnrollmentRefusal):
    """An apprentice has an enterprise, an agreement, and under 18 a guardian's consent."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"problem": words.APPRENTICE_PAPERS}
    zh = "学徒材料不全，缺少：{problem}。请补齐后再加入名册。"
    en = "The apprentice has no {problem}. Add it first."
