"""Chapters 2 and 6: the pathway and its cohort at the front school, from approval to diploma."""

from collections.abc import Mapping, Sequence

from guantong.common.v1.event_pb2 import Change
from guantong.enrollment.v1 import (
    changes_service_pb2,
    cohort_service_pb2,
    pathway_project_service_pb2,
    person_service_pb2,
    status_record_service_pb2,
)
from guantong.enrollment.v1.cohort_pb2 import Cohort, CohortMember
from guantong.enrollment.v1.pathway_project_pb2 import PathwayProject
from guantong.enrollment.v1.status_record_pb2 import StatusRecord

from deploy.story.desk import Persona, together
from deploy.story.feed import Feed
from deploy.story.narrator import Narrator, civil
from deploy.story.students import Fate, Student

# The members of the cohort by the students' keys.
Members = Mapping[str, CohortMember]


async def approve_pathway(narrator: Narrator) -> PathwayProject:
    """Declare the pathway as the college, record its approval as the bureau."""
    case, calendar = narrator.case, narrator.case.calendar
    pathway = case.pathway
    projects = narrator.desk.projects
    front, back = case.name_of(pathway.front), case.name_of(pathway.back)
    narrator.chapter("二、贯通培养项目与入学")
    await narrator.on(calendar.declaration)
    project = await narrator.desk.do(
        Persona.SZAI_REGISTRAR,
        projects.DeclarePathwayProject,
        pathway_project_service_pb2.DeclarePathwayProjectRequest(
            project_number=pathway.project_number,
            type=PathwayProject.Type.Value(f"TYPE_{pathway.type}"),
            approval_year=pathway.approval_year,
            front_organisation=f"organisations/{pathway.front}",
            front_major=pathway.front_major,
            front_major_code=pathway.front_major_code,
            back_organisation=f"organisations/{pathway.back}",
            back_major=pathway.back_major,
            back_major_code=pathway.back_major_code,
            front_plan=pathway.front_plan,
            back_plan=pathway.back_plan,
            made_up=pathway.made_up,
        ),
        step="declare project",
    )
    narrator.say(
        calendar.declaration,
        f"{back}申报“3+3”：{front}（{pathway.front_major}）— {back}（{pathway.back_major}）",
    )
    await narrator.on(calendar.approval)
    project = await narrator.desk.move(
        Persona.SZEDU_OFFICER,
        projects.ApprovePathwayProject,
        project,
        pathway_project_service_pb2.ApprovePathwayProjectRequest(
            approval_document_number=pathway.approval_document_number
        ),
        step="approve project",
    )
    narrator.say(
        calendar.approval,
        f"苏州市教育局登记批复（{project.approval_document_number}），"
        f"{project.transfer_year} 年转段",
    )
    return project


async def enrol_cohort(narrator: Narrator, project: PathwayProject) -> Members:
    """Open the cohort, enrol the students, close the roster, and lose one of them later."""
    pathway, calendar = narrator.case.pathway, narrator.case.calendar
    cohorts = narrator.desk.cohorts
    await narrator.on(calendar.intake)
    cohort = await narrator.desk.do(
        Persona.SIYANG_REGISTRAR,
        cohorts.OpenCohort,
        cohort_service_pb2.OpenCohortRequest(
            pathway_project=project.name,
            intake_date=civil(calendar.intake),
            class_names=pathway.class_names,
        ),
        step="open cohort",
    )
    enrolled = await together(_enrol(narrator, cohort, each) for each in narrator.students)
    members = {each.key: member for each, member in zip(narrator.students, enrolled, strict=True)}
    classes = "、".join(pathway.class_names)
    narrator.say(calendar.intake, f"泗阳中专录入新生 {len(members)} 人（虚构），编入{classes}")
    await _show_one(narrator, members)
    await narrator.on(calendar.roster_freeze)
    await narrator.desk.move(
        Persona.SIYANG_APPROVER,
        cohorts.FreezeCohort,
        cohort,
        cohort_service_pb2.FreezeCohortRequest(),
        step="freeze cohort",
    )
    narrator.say(calendar.roster_freeze, "泗阳中专审核员封闭名册：此后无人可以补入")
    await _leave(narrator, members)
    return members


async def _enrol(narrator: Narrator, cohort: Cohort, student: Student) -> CohortMember:
    return await narrator.desk.do(
        Persona.SIYANG_REGISTRAR,
        narrator.desk.cohorts.EnrollCohortMember,
        cohort_service_pb2.EnrollCohortMemberRequest(
            cohort=cohort.name,
            display_name=student.display_name,
            id_number=student.id_number,
            admission_number=student.admission_number,
            ethnicity_code=student.ethnicity_code,
            class_name=student.class_name,
            made_up=True,
        ),
        step=f"enrol {student.key}",
    )


async def _show_one(narrator: Narrator, members: Members) -> None:
    """Show what the other school sees of a person: the name, and the ID number masked."""
    student = narrator.students[0]
    person = await narrator.desk.ask(
        Persona.SZAI_REGISTRAR,
        narrator.desk.persons.GetPerson,
        person_service_pb2.GetPersonRequest(name=members[student.key].person),
    )
    narrator.say(
        narrator.case.calendar.intake,
        f"证件号密封保存，苏州农职院只见掩码：{student.masked_name} {person.masked_id_number}",
    )


async def _leave(narrator: Narrator, members: Members) -> None:
    day = narrator.case.calendar.leaving
    await narrator.on(day)
    for each in narrator.having(Fate.LEFT_PATHWAY):
        await narrator.desk.move(
            Persona.SIYANG_REGISTRAR,
            narrator.desk.cohorts.RemoveCohortMember,
            members[each.key],
            cohort_service_pb2.RemoveCohortMemberRequest(left_reason="转入本校其他专业"),
            step=f"remove {each.key}",
        )
        narrator.say(day, f"{each.masked_name} 转入其他专业，退出贯通培养；名额不补，不得转回")


async def graduate(narrator: Narrator, members: Members) -> dict[str, StatusRecord]:
    """Record the graduations of June; return the records that still wait for theirs."""
    day = narrator.case.calendar.graduation
    in_school = [each for each in narrator.students if each.fate is not Fate.LEFT_PATHWAY]
    records = await _front_records(narrator, members, in_school)
    narrator.chapter("六、前段毕业")
    await narrator.on(day)
    late = narrator.having(Fate.GRADUATED_LATE)
    on_time = [each for each in in_school if each not in late]
    await together(record_graduation(narrator, each, records[each.key]) for each in on_time)
    narrator.say(day, f"泗阳中专登记毕业 {len(on_time)} 人（毕业证书编号为虚构）")
    for each in late:
        narrator.say(day, f"{each.masked_name} 的毕业漏登，后面会看到")
    return {each.key: records[each.key] for each in late}


async def record_graduation(
    narrator: Narrator, student: Student, record: StatusRecord
) -> StatusRecord:
    """Record one graduation; the date on the diploma is that of June, whenever it is recorded."""
    return await narrator.desk.move(
        Persona.SIYANG_APPROVER,
        narrator.desk.records.GraduateStatusRecord,
        record,
        status_record_service_pb2.GraduateStatusRecordRequest(
            diploma_number=f"MADEUP2023{student.key}",
            graduate_date=civil(narrator.case.calendar.graduation),
        ),
        step=f"graduate {student.key}",
    )


async def _front_records(
    narrator: Narrator, members: Members, students: Sequence[Student]
) -> dict[str, StatusRecord]:
    """Find the front-stage records as they were opened: enrolling answers with the member."""
    feed = Feed(
        narrator.desk,
        Persona.SIYANG_AGENT,
        narrator.desk.enrollment_changes.WatchChanges,
        changes_service_pb2.WatchChangesRequest,
        ["statusRecords"],
    )

    def find(changes: Sequence[Change]) -> dict[str, StatusRecord] | None:
        opened: dict[str, StatusRecord] = {}
        for change in changes:
            record = StatusRecord()
            if change.event_type == "StatusRecordOpened" and change.resource.Unpack(record):
                opened.setdefault(record.cohort_member, record)
        names = {each.key: members[each.key].name for each in students}
        if not opened.keys() >= set(names.values()):
            return None
        return {key: opened[name] for key, name in names.items()}

    return await feed.wait(find, what="the front-stage status records")
