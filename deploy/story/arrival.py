"""Chapter 7: arrival at the college, and the back-stage registration that follows by itself."""

from collections.abc import Mapping, Sequence

from guantong.common.v1.event_pb2 import Change
from guantong.enrollment.v1.status_record_pb2 import StatusRecord
from guantong.transfer.v1 import application_service_pb2 as application_service
from guantong.transfer.v1 import transfer_batch_service_pb2 as batch_service
from guantong.transfer.v1.application_pb2 import Application
from guantong.transfer.v1.transfer_batch_pb2 import TransferBatch

from deploy.story.applicants import Applicants, masked
from deploy.story.desk import Persona
from deploy.story.feed import Feed, first_of
from deploy.story.front_stage import record_graduation
from deploy.story.narrator import Narrator, civil
from deploy.story.students import Fate, Student

_BLOCKS = {"FRONT_STAGE_NOT_GRADUATED": "前段学校尚未登记毕业"}
_DIVERSIONS = {
    Fate.WITHDREW: Application.DIVERSION_JOB,
    Fate.ABSENT: Application.DIVERSION_GRADUATE_ONLY,
    Fate.SKILLS_MISSED: Application.DIVERSION_REGISTRATION_ADMISSION,
    Fate.PROCESS_MISSED: Application.DIVERSION_JOB,
    Fate.BELOW_RANK: Application.DIVERSION_ORDINARY_EXAM,
}


async def receive(
    narrator: Narrator, batch: TransferBatch, applicants: Applicants, feed: Feed
) -> TransferBatch:
    """Open arrival, keep one place, grant one leave, and take in those who come in time."""
    calendar = narrator.case.calendar
    narrator.chapter("七、报到与后段注册")
    await narrator.on(calendar.arrival_opening)
    batch = await narrator.desk.move(
        Persona.SZAI_REGISTRAR,
        narrator.desk.batches.OpenArrival,
        batch,
        batch_service.OpenArrivalRequest(
            arrival_begin_date=civil(calendar.arrival_begin),
            arrival_deadline_date=civil(calendar.arrival_deadline),
        ),
        step="open arrival",
    )
    narrator.say(
        calendar.arrival_opening,
        f"报到时间 {calendar.arrival_begin:%m-%d} 至 {calendar.arrival_deadline:%m-%d}",
    )
    await _retain(narrator, applicants)
    await _grant_leave(narrator, applicants)
    await narrator.on(calendar.arrival_deadline)
    away = applicants.having(Fate.ON_LEAVE, Fate.ABSENT_AT_ARRIVAL)
    coming = [each for each in applicants.being(Application.STATE_ADMITTED) if each not in away]
    await _arrive(narrator, applicants, coming)
    narrator.say(calendar.arrival_deadline, f"报到 {len(coming)} 人，系统随即自动注册后段学籍")
    late = applicants.having(Fate.GRADUATED_LATE)
    on_time = [each for each in coming if each not in late]
    await _until_registered(applicants, feed, on_time)
    narrator.say(calendar.arrival_deadline, f"已注册 {len(on_time)} 人")
    return batch


async def register_late_graduates(
    narrator: Narrator,
    applicants: Applicants,
    feeds: Mapping[str, Feed],
    records: Mapping[str, StatusRecord],
) -> None:
    """Show both schools what blocks a registration; record the graduation; see it done."""
    calendar = narrator.case.calendar
    late = applicants.having(Fate.GRADUATED_LATE)
    names = [applicants.application(each).name for each in late]
    for school, feed in feeds.items():
        blocked = await feed.wait(
            lambda changes: first_of(changes, names, "ApplicationBlocked"), what="a blocked one"
        )
        for student, name in zip(late, names, strict=True):
            reason = _blocking_reason(blocked[name])
            narrator.say(
                calendar.arrival_deadline,
                f"{school}看到：{student.masked_name} 暂不能注册，{_BLOCKS.get(reason, reason)}",
            )
    await narrator.on(calendar.late_graduation)
    for each in late:
        await record_graduation(narrator, each, records[each.key])
        narrator.say(calendar.late_graduation, f"泗阳中专补登 {each.masked_name} 的毕业")
    for feed in feeds.values():
        await _until_registered(applicants, feed, late)
    if late:
        narrator.say(calendar.late_graduation, "后段学籍随即自动注册，两校均已看到")


async def settle(
    narrator: Narrator, batch: TransferBatch, applicants: Applicants, feed: Feed
) -> TransferBatch:
    """Take in who was on leave, give up the place of who never came, close the batch."""
    calendar = narrator.case.calendar
    on_leave = applicants.having(Fate.ON_LEAVE)
    await narrator.on(calendar.late_arrival)
    await _arrive(narrator, applicants, on_leave)
    await _until_registered(applicants, feed, on_leave)
    if on_leave:
        narrator.say(calendar.late_arrival, f"请假的 {masked(on_leave)} 报到，自动注册")
    await narrator.on(calendar.forfeiture)
    missing = applicants.being(Application.STATE_ADMITTED)
    await applicants.move(
        Persona.SZAI_REGISTRAR,
        narrator.desk.applications.ForfeitPlace,
        missing,
        lambda _: application_service.ForfeitPlaceRequest(),
        step="forfeit",
    )
    if missing:
        narrator.say(calendar.forfeiture, f"逾期未报到，放弃入学资格：{masked(missing)}")
    await _divert(narrator, applicants)
    await narrator.on(calendar.closing)
    batch = await narrator.desk.move(
        Persona.SZAI_APPROVER,
        narrator.desk.batches.CloseTransferBatch,
        batch,
        batch_service.CloseTransferBatchRequest(),
        step="close batch",
    )
    narrator.say(calendar.closing, "本批转段结束")
    return batch


async def _retain(narrator: Narrator, applicants: Applicants) -> None:
    calendar = narrator.case.calendar
    await narrator.on(calendar.retention)
    soldiers = applicants.having(Fate.ARMY)
    await applicants.move(
        Persona.SZAI_REGISTRAR,
        narrator.desk.applications.RetainPlace,
        soldiers,
        lambda _: application_service.RetainPlaceRequest(
            retention_kind=Application.RETENTION_KIND_ARMY_SERVICE,
            retained_until_date=civil(calendar.retention_end),
        ),
        step="retain",
    )
    for each in soldiers:
        narrator.say(
            calendar.retention,
            f"{each.masked_name} 应征入伍，保留入学资格至 {calendar.retention_end}",
        )


async def _grant_leave(narrator: Narrator, applicants: Applicants) -> None:
    calendar = narrator.case.calendar
    await narrator.on(calendar.leave)
    asking = applicants.having(Fate.ON_LEAVE)
    await applicants.move(
        Persona.SZAI_REGISTRAR,
        narrator.desk.applications.GrantLeave,
        asking,
        lambda _: application_service.GrantLeaveRequest(leave_until_date=civil(calendar.leave_end)),
        step="grant leave",
    )
    if asking:
        narrator.say(calendar.leave, f"{masked(asking)} 书面请假至 {calendar.leave_end:%m-%d}")


async def _arrive(narrator: Narrator, applicants: Applicants, students: Sequence[Student]) -> None:
    calendar = narrator.case.calendar
    late = applicants.having(Fate.ON_LEAVE)

    def request(student: Student) -> application_service.RecordArrivalRequest:
        day = calendar.late_arrival if student in late else calendar.arrival_deadline
        return application_service.RecordArrivalRequest(arrive_date=civil(day))

    await applicants.move(
        Persona.SZAI_REGISTRAR,
        narrator.desk.applications.RecordArrival,
        students,
        request,
        step="arrive",
    )


async def _until_registered(
    applicants: Applicants, feed: Feed, students: Sequence[Student]
) -> None:
    names = [applicants.application(each).name for each in students]
    await feed.wait(
        lambda changes: first_of(changes, names, "ApplicationRegistered"), what="registrations"
    )


def _blocking_reason(change: Change) -> str:
    application = Application()
    change.resource.Unpack(application)
    return application.blocking_reason


async def _divert(narrator: Narrator, applicants: Applicants) -> None:
    """Record another route for one of each of these fates; the rest stay as they ended."""
    day = narrator.case.calendar.diversion
    await narrator.on(day)
    diverted = [each for fate in _DIVERSIONS for each in applicants.having(fate)[:1]]
    await applicants.move(
        Persona.SIYANG_REGISTRAR,
        narrator.desk.applications.DivertApplication,
        diverted,
        lambda each: application_service.DivertApplicationRequest(diversion=_DIVERSIONS[each.fate]),
        step="divert",
    )
    if diverted:
        narrator.say(day, f"泗阳中专登记 {len(diverted)} 人分流（升学考试、注册入学、就业等）")
