"""Why the assistance service refuses: each class is a fact, its name the reason on the wire."""

from typing import ClassVar

from chassis.errors import DomainError, Kind
from services.assistance.domain.words import INDICATOR_KINDS, ORGANISATION_KINDS, PAIRING_LEVELS


class AssistanceRefusal(DomainError):
    """A refusal of this service."""

    domain = "assistance.guantong"
    kind = Kind.FAILED_PRECONDITION


class PairingAlreadyExists(AssistanceRefusal):
    kind = Kind.ALREADY_EXISTS
    zh = "双方在该帮扶项目下已有结对。请在已有结对上办理。"
    en = "The two are paired under this programme already. Continue with that pairing."


class HelperIsReceiver(AssistanceRefusal):
    kind = Kind.INVALID_ARGUMENT
    zh = "帮扶方与受援方不能是同一单位（{party}）。请更正其中一方。"
    en = "{party} cannot help itself. Correct the helper or the receiver."


class RegionPairWrong(AssistanceRefusal):
    words: ClassVar = {"organisation_kind": ORGANISATION_KINDS, "level": PAIRING_LEVELS}
    zh = (
        "单位“{party}”的类型为“{organisation_kind}”，不能参加{level}结对：区域结对的双方须为"
        "教育行政部门、帮扶机构或功能区，校际结对的双方须为学校。请更正级别或单位。"
    )
    en = (
        "{party} is of the kind {organisation_kind} and fits no pairing of level {level}: regions "
        "are paired by their bureaus, assistance offices or zones, schools by schools. Correct "
        "the level or the organisation."
    )


class NotAPairingOffice(AssistanceRefusal):
    kind = Kind.PERMISSION_DENIED
    words: ClassVar = {"organisation_kind": ORGANISATION_KINDS}
    zh = (
        "贵单位“{party}”的类型为“{organisation_kind}”，不能登记他人的结对。"
        "请由结对一方，或教育行政部门、帮扶机构、功能区登记。"
    )
    en = (
        "{party} is of the kind {organisation_kind} and cannot record a pairing of others. One of "
        "the two, a bureau, an assistance office or a zone has to record it."
    )


class NotAPairingParty(AssistanceRefusal):
    kind = Kind.PERMISSION_DENIED
    zh = "该结对由“{office}”管理，贵单位“{party}”不能为其设定指标。请由管理单位办理。"
    en = "The pairing is kept by {office}; {party} cannot set its indicators. Ask the keeper."


class IndicatorAlreadySet(AssistanceRefusal):
    kind = Kind.ALREADY_EXISTS
    words: ClassVar = {"indicator_kind": INDICATOR_KINDS}
    zh = "该结对已设有“{indicator_kind}”指标。请使用已有指标。"
    en = "The pairing has an indicator {indicator_kind} already. Use that one."


# Who may act at all.


class OrganisationBlocked(AssistanceRefusal):
    zh = "单位“{name}”已被停用，不能办理新的业务。请联系平台管理员解除停用。"
    en = "{name} is blocked: it does nothing here. Ask the administrator."


class OrganisationEnded(AssistanceRefusal):
    zh = "单位“{name}”自 {end_date} 起已不存在，不能再办理业务。请由承继单位办理：{successors}。"
    en = "{name} has ended on {end_date}. Its successors go on with its records: {successors}."


class NotStandIn(AssistanceRefusal):
    kind = Kind.PERMISSION_DENIED
    zh = "贵单位“{party}”不是“{name}”档案的承继单位，不能代其办理。请由其承继单位办理。"
    en = "{party} has not taken over the records of {name}. Ask its successor."
