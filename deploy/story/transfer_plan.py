"""Chapter 3: both schools sign the assessment scheme, the college files it."""

from guantong.enrollment.v1.pathway_project_pb2 import PathwayProject
from guantong.transfer.v1 import transfer_batch_service_pb2 as batch_service
from guantong.transfer.v1.transfer_batch_pb2 import SchemeComponent, TransferBatch

from deploy.story.case import Component
from deploy.story.desk import Persona
from deploy.story.narrator import Narrator

_HUNDREDTHS = 100


async def file_scheme(narrator: Narrator, project: PathwayProject) -> TransferBatch:
    """Draft the batch with its scheme and quota; sign it twice; file it."""
    scheme, day = narrator.case.scheme, narrator.case.calendar.scheme_filing
    narrator.chapter("三、转段方案")
    await narrator.on(day)
    batch = await narrator.desk.do(
        Persona.SZAI_REGISTRAR,
        narrator.desk.batches.CreateTransferBatch,
        batch_service.CreateTransferBatchRequest(
            pathway_project=project.name,
            quota=scheme.quota,
            components=[_component(each) for each in scheme.components],
            minimum_total_hundredths=scheme.minimum_total * _HUNDREDTHS,
        ),
        step="create batch",
    )
    parts = "、".join(f"{each.name} {each.weight}%" for each in scheme.components)
    narrator.say(day, f"苏州农职院拟定方案：{parts}；总分不低于 {scheme.minimum_total}")
    for persona in (Persona.SIYANG_APPROVER, Persona.SZAI_APPROVER):
        batch = await narrator.desk.move(
            persona,
            narrator.desk.batches.SignTransferScheme,
            batch,
            batch_service.SignTransferSchemeRequest(),
            step=f"sign scheme as {persona}",
        )
    batch = await narrator.desk.move(
        Persona.SZAI_APPROVER,
        narrator.desk.batches.FileTransferPlan,
        batch,
        batch_service.FileTransferPlanRequest(),
        step="file plan",
    )
    narrator.say(day, f"两校签署，报省级备案；转段计划 {batch.plan} 人，本批名额 {batch.quota} 人")
    return batch


def _component(component: Component) -> SchemeComponent:
    return SchemeComponent(
        component_id=component.id,
        display_name=component.name,
        weight=component.weight,
        full_mark_hundredths=component.full_mark * _HUNDREDTHS,
        pass_mark_hundredths=component.pass_mark * _HUNDREDTHS,
        gate=component.gate,
    )
