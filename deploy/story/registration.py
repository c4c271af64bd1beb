"""Chapter 4: the front school registers its students, the college finds them qualified."""

from collections.abc import Sequence

from guantong.transfer.v1 import application_service_pb2 as application_service
from guantong.transfer.v1 import transfer_batch_service_pb2 as batch_service
from guantong.transfer.v1.application_pb2 import Application
from guantong.transfer.v1.transfer_batch_pb2 import TransferBatch

from deploy.local.door import StoryFailed
from deploy.story.applicants import Applicants, masked
from deploy.story.desk import Persona, together
from deploy.story.front_stage import Members
from deploy.story.narrator import Narrator
from deploy.story.students import Fate, Student


async def register_applicants(
    narrator: Narrator, batch: TransferBatch, members: Members
) -> tuple[TransferBatch, Applicants]:
    """Take registration from its opening to its end."""
    narrator.chapter("四、报名与资格审查")
    await narrator.on(narrator.case.calendar.registration)
    batch = await narrator.desk.move(
        Persona.SZAI_REGISTRAR,
        narrator.desk.batches.OpenRegistration,
        batch,
        batch_service.OpenRegistrationRequest(),
        step="open registration",
    )
    applicants = await _draft(narrator, batch, members)
    await _submit(narrator, applicants)
    await _confirm(narrator, applicants)
    await _withdraw(narrator, applicants)
    await _qualify(narrator, applicants)
    batch = await narrator.desk.move(
        Persona.SZAI_REGISTRAR,
        narrator.desk.batches.CloseRegistration,
        batch,
        batch_service.CloseRegistrationRequest(),
        step="close registration",
    )
    return batch, applicants


async def _draft(narrator: Narrator, batch: TransferBatch, members: Members) -> Applicants:
    students = [each for each in narrator.students if each.fate is not Fate.LEFT_PATHWAY]
    drafts = await together(
        narrator.desk.do(
            Persona.SIYANG_REGISTRAR,
            narrator.desk.applications.CreateApplication,
            application_service.CreateApplicationRequest(
                transfer_batch=batch.name, cohort_member=members[each.key].name
            ),
            step=f"draft {each.key}",
        )
        for each in students
    )
    drafted = {each.key: draft for each, draft in zip(students, drafts, strict=True)}
    return Applicants(narrator, drafted)


async def _submit(narrator: Narrator, applicants: Applicants) -> None:
    """Submit one class one by one, the other in one call."""
    first_class = narrator.case.pathway.class_names[0]
    drafted = applicants.being(Application.STATE_DRAFT)
    singly = [each for each in drafted if each.class_name == first_class]
    at_once = [each for each in drafted if each.class_name != first_class]
    await applicants.move(
        Persona.SIYANG_REGISTRAR,
        narrator.desk.applications.SubmitApplication,
        singly,
        lambda _: application_service.SubmitApplicationRequest(),
        step="submit",
    )
    if at_once:
        await _submit_at_once(narrator, applicants, at_once)
    narrator.say(
        narrator.case.calendar.registration,
        f"泗阳中专提交转段申请 {len(applicants)} 份（逐份 {len(singly)}，成批 {len(at_once)}）",
    )


async def _submit_at_once(
    narrator: Narrator, applicants: Applicants, students: Sequence[Student]
) -> None:
    seen = [applicants.application(each) for each in students]
    item = application_service.BatchSubmitApplicationsRequest.Item
    response = await narrator.desk.do(
        Persona.SIYANG_REGISTRAR,
        narrator.desk.applications.BatchSubmitApplications,
        application_service.BatchSubmitApplicationsRequest(
            items=[item(name=each.name, etag=each.etag) for each in seen]
        ),
        step="submit a class",
    )
    for student, result in zip(students, response.results, strict=True):
        if result.HasField("error"):
            raise StoryFailed(f"submit {student.key}: {result.error.message}")
        applicants.put(student, result.application)


async def _confirm(narrator: Narrator, applicants: Applicants) -> None:
    day = narrator.case.calendar.confirmation
    await narrator.on(day)
    rejected = applicants.having(Fate.NOT_CONFIRMED)
    await _reject(narrator, applicants, rejected, Persona.SIYANG_APPROVER, "未报中职学业水平考试")
    confirmed = applicants.being(Application.STATE_SUBMITTED)
    await applicants.move(
        Persona.SIYANG_APPROVER,
        narrator.desk.applications.ConfirmApplication,
        confirmed,
        lambda _: application_service.ConfirmApplicationRequest(),
        step="confirm",
    )
    narrator.say(day, f"泗阳中专审核员（不是提交人）确认 {len(confirmed)} 人")
    if rejected:
        narrator.say(day, f"未报中职学业水平考试，退回：{masked(rejected)}")


async def _withdraw(narrator: Narrator, applicants: Applicants) -> None:
    day = narrator.case.calendar.withdrawal
    await narrator.on(day)
    leaving = applicants.having(Fate.WITHDREW)
    await applicants.move(
        Persona.SIYANG_REGISTRAR,
        narrator.desk.applications.WithdrawApplication,
        leaving,
        lambda _: application_service.WithdrawApplicationRequest(guardian_consented=True),
        step="withdraw",
    )
    if leaving:
        narrator.say(day, f"书面撤回申请，监护人同意：{masked(leaving)}")


async def _qualify(narrator: Narrator, applicants: Applicants) -> None:
    day = narrator.case.calendar.qualification
    await narrator.on(day)
    rejected = applicants.having(Fate.NOT_QUALIFIED)
    await _reject(narrator, applicants, rejected, Persona.SZAI_REGISTRAR, "无体检记录")
    qualified = applicants.being(Application.STATE_FRONT_CONFIRMED)
    await applicants.move(
        Persona.SZAI_REGISTRAR,
        narrator.desk.applications.QualifyApplication,
        qualified,
        lambda _: application_service.QualifyApplicationRequest(),
        step="qualify",
    )
    narrator.say(day, f"苏州农职院资格审查：合格 {len(qualified)} 人")
    if rejected:
        narrator.say(day, f"无体检记录，不合格：{masked(rejected)}")


async def _reject(
    narrator: Narrator,
    applicants: Applicants,
    students: Sequence[Student],
    persona: Persona,
    reason: str,
) -> None:
    await applicants.move(
        persona,
        narrator.desk.applications.RejectApplication,
        students,
        lambda _: application_service.RejectApplicationRequest(reject_reason=reason),
        step="reject",
    )
