"""What is refused about the agreement of two schools."""

from typing import ClassVar

from chassis.errors import Kind
from services.enrollment.domain import words
from services.enrollment.domain.refusals import EnrollmentRefusal, FieldRefusal


class CooperationAgreementAlreadyDrafted(EnrollmentRefusal):
    """The project has an agreement that has not ended."""

    kind = Kind.ALREADY_EXISTS
    zh = "该项目已有合作协议“{name}”。请在已有协议上修改条款。"
    en = "The project has the agreement {name}. Propose other terms on that agreement."


class PathwayProjectEnded(EnrollmentRefusal):
    """The project takes part in no agreement any more."""

    kind = Kind.FAILED_PRECONDITION
    zh = "项目已结束，不能再订立合作协议。"
    en = "The project is closed: no agreement can be made for it."


class AgreementPeriodReversed(FieldRefusal):
    """The terms end before they begin."""

    field = "terms.valid_to_date"
    zh = "协议结束日期 {valid_to_date} 早于开始日期 {valid_from_date}。请更正。"
    en = "The terms end on {valid_to_date}, before they begin on {valid_from_date}. Correct them."


class TermsUnchanged(EnrollmentRefusal):
    """The proposed terms are those that wait for approval, or that are in force."""

    kind = Kind.FAILED_PRECONDITION
    zh = "提交的条款与现有条款（{terms_hash}）完全相同。如无修改，无需提交。"
    en = "The terms are the same as the present ones ({terms_hash}). There is nothing to propose."


class TermsHeldByOtherSide(EnrollmentRefusal):
    """The other side has the turn until its deadline."""

    kind = Kind.FAILED_PRECONDITION
    zh = "条款正由“{holder}”处理，期限为 {deadline_date}。请待其批准或修改；逾期后可再提交修改。"
    en = (
        "It is the turn of {holder} until {deadline_date}. Wait for its approval or its changes; "
        "after that day you may propose again."
    )


class TermsHashMismatch(EnrollmentRefusal):
    """The approval is of other terms than those that wait for it."""

    kind = Kind.ABORTED
    zh = "所批准的条款（{approved}）与待批准的条款（{pending}）不一致。请重新查看条款后再批准。"
    en = (
        "The approval is of the terms {approved}; what waits for approval is {pending}. Read the "
        "terms again."
    )


class NoTermsPending(EnrollmentRefusal):
    """No terms wait for approval."""

    kind = Kind.FAILED_PRECONDITION
    zh = "没有待批准的条款。请刷新后核对。"
    en = "No terms wait for approval. Read the agreement again."


class TermsAlreadyApproved(EnrollmentRefusal):
    """The side has approved these terms."""

    kind = Kind.FAILED_PRECONDITION
    zh = "贵单位已批准该条款，现由对方处理。"
    en = "Your side has approved these terms. It is the other side's turn."


class AgreementNotInForce(EnrollmentRefusal):
    """There is nothing in force that a side could leave."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"state": words.AGREEMENT_STATES}
    zh = "协议当前状态为 {state}，尚无生效条款或已在退出程序中。请刷新后核对。"
    en = "The agreement is {state}: a notice of exit is given on one that is IN_FORCE."


class AgreementEnding(EnrollmentRefusal):
    """A notice of exit was given, or the agreement has ended."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"state": words.AGREEMENT_STATES}
    zh = "协议当前状态为 {state}，不能再修改或批准条款。"
    en = "The agreement is {state}: its terms can be neither changed nor approved."


class NoExitNotice(EnrollmentRefusal):
    """No notice of exit was given by this side."""

    kind = Kind.FAILED_PRECONDITION
    zh = "贵单位没有提出有效的退出通知。请先提出退出通知。"
    en = "Your side has given no notice of exit. Give notice first."


class NoticePeriodRunning(EnrollmentRefusal):
    """The notice period has not ended."""

    kind = Kind.FAILED_PRECONDITION
    zh = "退出通知期尚未届满，最早可于 {exit_date} 终止协议。"
    en = "The notice period runs: the agreement can be ended from {exit_date} on."
