"""Chapter 5: assessment, the proposed list with its notice and objections, approval, admission."""

from collections.abc import Sequence

from guantong.common.v1.event_pb2 import Change
from guantong.transfer.v1 import application_service_pb2 as application_service
from guantong.transfer.v1 import changes_service_pb2
from guantong.transfer.v1 import objection_service_pb2 as objection_service
from guantong.transfer.v1 import transfer_batch_service_pb2 as batch_service
from guantong.transfer.v1.application_pb2 import Application, Mark
from guantong.transfer.v1.transfer_batch_pb2 import TransferBatch

from deploy.story.applicants import Applicants, masked
from deploy.story.desk import Persona
from deploy.story.feed import Feed, first_of
from deploy.story.narrator import Narrator, civil, span
from deploy.story.students import Fate, Student

_PRIZE = "江苏省职业院校技能大赛食品类一等奖（虚构）"
_GROUNDS = {
    Fate.OBJECTION_DISMISSED: ("对技能成绩有异议", "复核成绩无误，异议不成立"),
    Fate.OBJECTION_UPHELD: ("反映获奖证明不实", "查证属实，取消拟录取资格"),
}


def open_feed(narrator: Narrator, agent: Persona) -> Feed:
    """Read the feed of applications as one school's agent."""
    return Feed(
        narrator.desk,
        agent,
        narrator.desk.transfer_changes.WatchChanges,
        changes_service_pb2.WatchChangesRequest,
        ["applications"],
    )


async def assess(narrator: Narrator, batch: TransferBatch, applicants: Applicants) -> TransferBatch:
    """Record marks, the absence and the exemption; lock the scores."""
    calendar = narrator.case.calendar
    narrator.chapter("五、考核、公示与录取")
    await narrator.on(calendar.assessment)
    await applicants.move(
        Persona.SZAI_REGISTRAR,
        narrator.desk.applications.AssessApplication,
        applicants.being(Application.STATE_QUALIFIED),
        _assessment,
        step="assess",
    )
    met = applicants.being(Application.STATE_ASSESSED_MET)
    not_met = applicants.being(Application.STATE_ASSESSED_NOT_MET)
    absent = applicants.being(Application.STATE_ABSENT)
    exempt = applicants.being(Application.STATE_EXEMPT)
    narrator.say(
        calendar.assessment,
        f"苏州农职院登记考核：达标 {len(met)}，未达标 {len(not_met)}，"
        f"缺考 {len(absent)}，竞赛获奖免试 {len(exempt)}",
    )
    batch = await narrator.desk.move(
        Persona.SZAI_REGISTRAR,
        narrator.desk.batches.CloseAssessment,
        batch,
        batch_service.CloseAssessmentRequest(),
        step="close assessment",
    )
    await narrator.on(calendar.score_lock)
    batch = await narrator.desk.move(
        Persona.SZAI_APPROVER,
        narrator.desk.batches.LockScores,
        batch,
        batch_service.LockScoresRequest(),
        step="lock scores",
    )
    narrator.say(calendar.score_lock, "成绩锁定，不能再改")
    return batch


def _assessment(student: Student) -> application_service.AssessApplicationRequest:
    return application_service.AssessApplicationRequest(
        marks=[
            Mark(component_id=component, mark_hundredths=mark)
            for component, mark in student.marks.items()
        ],
        absent=student.fate is Fate.ABSENT,
        exemption_ground=_PRIZE if student.fate is Fate.EXEMPT else "",
    )


async def publish(
    narrator: Narrator, batch: TransferBatch, applicants: Applicants, feed: Feed
) -> TransferBatch:
    """Publish the proposed list, hear the objections, report the list."""
    calendar = narrator.case.calendar
    await narrator.on(calendar.notice_begin)
    ranked = applicants.being(Application.STATE_ASSESSED_MET, Application.STATE_EXEMPT)
    batch = await narrator.desk.move(
        Persona.SZAI_APPROVER,
        narrator.desk.batches.PublishProposal,
        batch,
        batch_service.PublishProposalRequest(
            notice_begin_date=civil(calendar.notice_begin),
            notice_end_date=civil(calendar.notice_end),
        ),
        step="publish proposal",
    )
    await _follow(applicants, feed, ranked, "ApplicationProposed", "ApplicationNotProposed")
    proposed = applicants.being(Application.STATE_PROPOSED)
    below = applicants.being(Application.STATE_NOT_PROPOSED)
    narrator.say(
        calendar.notice_begin,
        f"公示拟录取 {len(proposed)} 人，{span(calendar.notice_begin, calendar.notice_end)}；"
        f"名额外 {len(below)} 人",
    )
    await _object(narrator, applicants, feed)
    await narrator.on(calendar.report)
    batch = await narrator.desk.move(
        Persona.SZAI_APPROVER,
        narrator.desk.batches.ReportTransferBatch,
        batch,
        batch_service.ReportTransferBatchRequest(),
        step="report batch",
    )
    still = applicants.being(Application.STATE_PROPOSED)
    narrator.say(calendar.report, f"公示期满，名单 {len(still)} 人报省级教育考试院（虚构）")
    return batch


async def _object(narrator: Narrator, applicants: Applicants, feed: Feed) -> None:
    """Raise each objection by one person, decide it by another."""
    calendar = narrator.case.calendar
    await narrator.on(calendar.objection)
    raised = []
    for each in applicants.having(*_GROUNDS):
        ground, decision = _GROUNDS[each.fate]
        objection = await narrator.desk.do(
            Persona.SZAI_REGISTRAR,
            narrator.desk.objections.RaiseObjection,
            objection_service.RaiseObjectionRequest(
                application=applicants.application(each).name, ground=ground
            ),
            step=f"object {each.key}",
        )
        raised.append((each, objection, decision))
        narrator.say(calendar.objection, f"收到异议：{each.masked_name}，{ground}")
    await narrator.on(calendar.objection_decision)
    for each, objection, decision in raised:
        await narrator.desk.move(
            Persona.SZAI_APPROVER,
            narrator.desk.objections.ResolveObjection,
            objection,
            objection_service.ResolveObjectionRequest(
                upheld=each.fate is Fate.OBJECTION_UPHELD, decision=decision
            ),
            step=f"resolve {each.key}",
        )
        narrator.say(calendar.objection_decision, f"另一人作出决定：{each.masked_name}，{decision}")
    concerned = [each for each, _, _ in raised]
    await _follow(
        applicants,
        feed,
        concerned,
        "ApplicationObjectionDismissed",
        "ApplicationDisqualified",
    )


async def admit(narrator: Narrator, batch: TransferBatch, applicants: Applicants) -> TransferBatch:
    """Record the exam authority's answer and admit those whom it approved."""
    calendar = narrator.case.calendar
    await narrator.on(calendar.authority_approval)
    batch = await narrator.desk.move(
        Persona.SZAI_APPROVER,
        narrator.desk.batches.RecordAuthorityApproval,
        batch,
        batch_service.RecordAuthorityApprovalRequest(
            approval_number=narrator.case.scheme.approval_number
        ),
        step="record approval",
    )
    refused = applicants.having(Fate.NOT_APPROVED)
    await applicants.move(
        Persona.SZAI_APPROVER,
        narrator.desk.applications.RefuseApplication,
        refused,
        lambda _: application_service.RefuseApplicationRequest(refuse_reason="省级审核未通过"),
        step="refuse",
    )
    narrator.say(calendar.authority_approval, f"登记录取批准文号：{batch.approval_number}")
    if refused:
        narrator.say(calendar.authority_approval, f"省级审核未通过：{masked(refused)}")
    await narrator.on(calendar.admission)
    admitted = applicants.being(Application.STATE_PROPOSED)
    await applicants.move(
        Persona.SZAI_APPROVER,
        narrator.desk.applications.AdmitApplication,
        admitted,
        lambda _: application_service.AdmitApplicationRequest(),
        step="admit",
    )
    narrator.say(calendar.admission, f"苏州农职院录取 {len(admitted)} 人")
    return batch


async def _follow(
    applicants: Applicants, feed: Feed, students: Sequence[Student], *event_types: str
) -> None:
    """Take from the feed what a step on another record made of these applications."""
    names = [applicants.application(each).name for each in students]

    def find(changes: Sequence[Change]) -> dict[str, Change] | None:
        return first_of(changes, names, *event_types)

    found = await feed.wait(find, what=" or ".join(event_types))
    for student, name in zip(students, names, strict=True):
        application = Application()
        found[name].resource.Unpack(application)
        applicants.put(student, application)
