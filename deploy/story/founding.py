"""Chapter 1: the administrator registers the organisations, the bureau records who helps whom."""

from guantong.assistance.v1 import indicator_service_pb2, pairing_service_pb2
from guantong.assistance.v1.indicator_pb2 import Indicator
from guantong.assistance.v1.pairing_pb2 import Pairing as PairingRecord
from guantong.enrollment.v1 import organisation_service_pb2
from guantong.enrollment.v1.organisation_pb2 import Organisation as OrganisationRecord

from deploy.story.case import Organisation, Pairing
from deploy.story.desk import Persona, together
from deploy.story.narrator import Narrator, civil

REPEATED = "（数据已在：各步以同一请求编号重复提交，系统按当初的答复回应，不产生新的变更）"


async def found(narrator: Narrator) -> Indicator:
    """Register and pair; return the indicator of the two schools of the pathway."""
    case, day = narrator.case, narrator.case.calendar.founding
    narrator.chapter("一、机构与结对")
    if not await narrator.on(day):
        narrator.out(REPEATED)
    await together(_register(narrator, each) for each in case.organisations)
    made_up = [each.name for each in case.organisations if each.is_wholly_made_up]
    narrator.say(
        day, f"平台管理员登记机构 {len(case.organisations)} 家，其中虚构 {len(made_up)} 家"
    )
    for each in case.organisations:
        if each.raw_names:
            narrator.say(day, f"{each.name}：来源文件写作“{'、'.join(each.raw_names)}”，一并保留")
    day = case.calendar.pairing_begin
    await narrator.on(day)
    pairings = await together(_pair(narrator, each) for each in case.pairings)
    for pairing in case.pairings:
        helper, receiver = case.name_of(pairing.helper), case.name_of(pairing.receiver)
        narrator.say(day, f"苏州市教育局登记结对：{helper} 帮扶 {receiver}")
    (indicator,) = [
        await _set_indicator(narrator, pairing, record)
        for pairing, record in zip(case.pairings, pairings, strict=True)
        if pairing.indicator_target
    ]
    narrator.say(day, f"并定指标：转段后在高职注册的学生不少于 {indicator.target} 人")
    return indicator


async def _register(narrator: Narrator, organisation: Organisation) -> OrganisationRecord:
    return await narrator.desk.do(
        Persona.ADMINISTRATOR,
        narrator.desk.organisations.CreateOrganisation,
        organisation_service_pb2.CreateOrganisationRequest(
            organisation_id=organisation.id,
            display_name=organisation.name,
            english_name=organisation.english,
            raw_names=organisation.raw_names,
            kind=OrganisationRecord.Kind.Value(f"KIND_{organisation.kind}"),
            region_code=organisation.region,
            school_code=organisation.school_code,
            uscc=organisation.uscc,
            made_up=organisation.made_up,
        ),
        step=f"register organisation {organisation.id}",
    )


async def _pair(narrator: Narrator, pairing: Pairing) -> PairingRecord:
    return await narrator.desk.do(
        Persona.SZEDU_ASSISTANCE,
        narrator.desk.pairings.CreatePairing,
        pairing_service_pb2.CreatePairingRequest(
            level=PairingRecord.Level.Value(f"LEVEL_{pairing.level}"),
            programme=PairingRecord.Programme.Value(f"PROGRAMME_{pairing.programme}"),
            helper=f"organisations/{pairing.helper}",
            receiver=f"organisations/{pairing.receiver}",
            agreement_number=pairing.agreement_number,
            begin_date=civil(narrator.case.calendar.pairing_begin),
            made_up=pairing.made_up,
        ),
        step=f"create pairing {pairing.key}",
    )


async def _set_indicator(narrator: Narrator, pairing: Pairing, record: PairingRecord) -> Indicator:
    return await narrator.desk.do(
        Persona.SZEDU_ASSISTANCE,
        narrator.desk.indicators.CreateIndicator,
        indicator_service_pb2.CreateIndicatorRequest(
            pairing=record.name,
            kind=Indicator.KIND_STUDENTS_REGISTERED,
            target=pairing.indicator_target,
        ),
        step=f"create indicator {pairing.key}",
    )
