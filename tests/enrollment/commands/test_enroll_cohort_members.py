"""Enrolling on PostgreSQL: one person an ID number, and a plan that no race exceeds."""

import asyncio
from dataclasses import replace
from datetime import date
from uuid import UUID

from chassis.errors import DomainError, ResourceNotFound
from services.enrollment.commands.approve_pathway_projects import (
    ApprovePathwayProject,
    approve_pathway_projects,
)
from services.enrollment.commands.declare_pathway_projects import (
    DeclarePathwayProject,
    declare_pathway_projects,
)
from services.enrollment.commands.enroll_cohort_members import (
    EnrollCohortMember,
    enroll_cohort_members,
)
from services.enrollment.commands.freeze_cohorts import FreezeCohort, freeze_cohorts
from services.enrollment.commands.open_cohorts import OpenCohort, open_cohorts
from services.enrollment.commands.remove_cohort_members import (
    RemoveCohortMember,
    remove_cohort_members,
)
from services.enrollment.domain.cohort import Cohort
from services.enrollment.domain.refusals import (
    AdmissionNumberTaken,
    ClassUnknown,
    NotFrontSchool,
    PersonAlreadyEnrolled,
    PlanFull,
    RosterFrozen,
)
from tests.enrollment import made
from tests.enrollment.conftest import DECLARATION, NOW, Desk, accepted, details, unknown


async def test_an_enrolment_is_a_person_a_member_and_a_front_record(desk: Desk) -> None:
    cohort = await desk.set_up_cohort()
    before = len(await desk.events())
    member = await desk.enroll(cohort.id)
    assert (await desk.events())[before:] == [
        ("PersonRegistered", "persons"),
        ("MemberEnrolled", "cohortMembers"),
        ("StatusRecordOpened", "statusRecords"),
    ]
    (record,) = await desk.rows("SELECT * FROM status_record")
    assert (record["state"], record["stage"]) == ("IN_SCHOOL", "FRONT")
    assert (record["organisation"], record["valid_from_date"]) == (made.FRONT, date(2020, 9, 1))
    assert (record["member_id"], record["person_id"]) == (member.id, member.person_id)
    (person,) = await desk.rows("SELECT * FROM person")
    assert (person["birth_year"], person["sex_code"]) == (2005, "1")
    audiences = await desk.rows("SELECT DISTINCT audience FROM change WHERE audience <> '{*}'")
    assert all(set(row["audience"]) == {made.FRONT, made.BACK} for row in audiences)


async def test_the_same_id_number_is_enrolled_once(desk: Desk) -> None:
    cohort = await desk.set_up_cohort()
    await desk.enroll(cohort.id)
    again = await desk.applicant(cohort.id, 1)
    (refused,) = await desk.run(enroll_cohort_members, again, party=made.FRONT)
    assert isinstance(refused, PersonAlreadyEnrolled)
    twice = await desk.applicant(cohort.id, 2)
    first, second = await desk.run(enroll_cohort_members, twice, twice, party=made.FRONT)
    accepted(first)
    assert isinstance(second, PersonAlreadyEnrolled)
    assert len(await desk.rows("SELECT id FROM cohort_member")) == 2


async def test_callers_at_once_enrol_a_person_once_over_all_cohorts(desk: Desk) -> None:
    cohorts = [await desk.set_up_cohort(), await desk.set_up_cohort(year=2021)]

    async def enroll(number: int) -> object:
        item = await desk.applicant(cohorts[number % 2].id, 1)
        (result,) = await desk.run(enroll_cohort_members, item, party=made.FRONT)
        return result

    results = await asyncio.gather(*(enroll(number) for number in range(6)))
    refused = [each for each in results if isinstance(each, DomainError)]
    assert [type(each) for each in refused] == [PersonAlreadyEnrolled] * 5
    assert len(await desk.rows("SELECT id FROM person")) == 1
    assert len(await desk.rows("SELECT id FROM status_record")) == 1


async def test_a_plan_is_never_exceeded_by_callers_at_once(desk: Desk) -> None:
    cohort = await desk.set_up_cohort(front_plan=3)
    items = [await desk.applicant(cohort.id, serial) for serial in range(1, 9)]
    results = await asyncio.gather(
        *(desk.run(enroll_cohort_members, item, party=made.FRONT) for item in items)
    )
    refused = [each for (each,) in results if isinstance(each, DomainError)]
    assert [type(each) for each in refused] == [PlanFull] * 5
    assert len(await desk.rows("SELECT id FROM cohort_member")) == 3


async def test_a_list_fills_the_plan_and_no_more(desk: Desk) -> None:
    cohort = await desk.set_up_cohort(front_plan=3)
    items = [await desk.applicant(cohort.id, serial) for serial in range(1, 6)]
    results = await desk.run(enroll_cohort_members, *items, party=made.FRONT)
    assert [isinstance(each, PlanFull) for each in results] == [False] * 3 + [True] * 2


async def test_a_place_that_was_left_is_not_refilled_and_nobody_comes_back(desk: Desk) -> None:
    cohort = await desk.set_up_cohort(front_plan=2)
    member = await desk.enroll(cohort.id, 1)
    removal = RemoveCohortMember(id=member.id, etag='"1"', sealed_left_reason=b"")
    (removed,) = await desk.run(remove_cohort_members, removal, party=made.FRONT, now=NOW)
    assert accepted(removed).state == "LEFT"
    back = await desk.applicant(cohort.id, 1)
    (refused,) = await desk.run(enroll_cohort_members, back, party=made.FRONT)
    assert isinstance(refused, PersonAlreadyEnrolled)
    await desk.enroll(cohort.id, 2)
    third = await desk.applicant(cohort.id, 3)
    (refused,) = await desk.run(enroll_cohort_members, third, party=made.FRONT)
    assert isinstance(refused, PlanFull)
    # The status record stays: the student may go on in another class.
    rows = await desk.rows(
        "SELECT state FROM status_record WHERE member_id = :member_id", member_id=member.id
    )
    assert rows == [{"state": "IN_SCHOOL"}]


async def test_a_graduate_may_begin_another_pathway_as_the_same_person(desk: Desk) -> None:
    first = await desk.set_up_cohort()
    member = await desk.enroll(first.id)
    await desk.graduate(member.id)
    second = await desk.set_up_cohort(year=2023)
    joined = await desk.enroll(second.id)
    assert joined.person_id == member.person_id
    (person,) = await desk.rows("SELECT version FROM person")
    assert person["version"] == 2


async def test_what_the_roster_does_not_allow_is_refused_item_by_item(desk: Desk) -> None:
    cohort = await desk.set_up_cohort()
    item = await desk.applicant(cohort.id, 1)
    no_class, no_cohort, fine = await desk.run(
        enroll_cohort_members,
        replace(item, class_name="食品2003"),
        replace(item, cohort_id=unknown()),
        item,
        party=made.FRONT,
    )
    assert isinstance(no_class, ClassUnknown)
    assert isinstance(no_cohort, ResourceNotFound)
    accepted(fine)
    (not_front,) = await desk.run(enroll_cohort_members, item, party=made.BACK)
    assert isinstance(not_front, NotFrontSchool)
    (stranger,) = await desk.run(enroll_cohort_members, item, party=made.STRANGER)
    assert isinstance(stranger, ResourceNotFound)
    await desk.run(
        freeze_cohorts, FreezeCohort(id=cohort.id, etag='"1"'), party=made.FRONT, now=NOW
    )
    late = await desk.applicant(cohort.id, 2)
    (frozen,) = await desk.run(enroll_cohort_members, late, party=made.FRONT)
    assert isinstance(frozen, RosterFrozen)


async def test_sealing_again_after_a_crash_finds_the_same_person(desk: Desk) -> None:
    # Sealed, and then the process died before its transaction.
    (lost,) = await desk.sealer.seal([details(1)])
    (again,) = await desk.sealer.seal([details(1, display_name="另一写法")])
    assert again.person_id == lost.person_id
    cohort = await desk.set_up_cohort()
    member = await desk.enroll(cohort.id, 1)
    assert member.person_id == lost.person_id


async def test_sealing_at_once_finds_one_person(desk: Desk) -> None:
    sealed = await asyncio.gather(*(desk.sealer.seal([details(1)]) for _ in range(6)))
    assert len({applicant.person_id for (applicant,) in sealed}) == 1


async def test_sealing_a_list_knows_the_same_id_number_in_it(desk: Desk) -> None:
    first, other, same = await desk.sealer.seal([details(1), details(2), details(1)])
    assert first.person_id == same.person_id != other.person_id


async def test_an_erased_person_is_a_new_one_when_enrolled_again(desk: Desk) -> None:
    (first,) = await desk.sealer.seal([details(1)])
    await desk.keys.destroy(first.person_id, reason="asked for", now=NOW)
    (second,) = await desk.sealer.seal([details(1)])
    assert second.person_id != first.person_id


async def admitted(
    desk: Desk, cohort_id: UUID, serial: int, number: str, *, class_name: str = made.CLASSES[0]
) -> EnrollCohortMember:
    """Return the enrolment of a student with an admission number."""
    (applicant,) = await desk.sealer.seal([details(serial, admission_number=number)])
    return EnrollCohortMember(cohort_id=cohort_id, class_name=class_name, applicant=applicant)


async def test_an_admission_of_a_year_is_of_one_student(desk: Desk) -> None:
    cohort = await desk.set_up_cohort()
    later = await desk.set_up_cohort(year=2021)
    first, second, third = [
        await admitted(desk, cohort.id, serial, "20321323A001") for serial in (1, 2, 3)
    ]
    # Of one call too, and however the letters were typed.
    lower = await admitted(desk, cohort.id, 4, "20321323a001")
    results = await desk.run(enroll_cohort_members, first, second, party=made.FRONT)
    member = accepted(results[0])
    again = await desk.run(enroll_cohort_members, third, lower, party=made.FRONT)
    for refused in (results[1], *again):
        assert isinstance(refused, AdmissionNumberTaken)
        assert refused.metadata == {"year": "2020"}
        assert [each.field for each in refused.violations] == ["admission_number"]
    # Of another year it is another admission.
    (of_later,) = await desk.run(
        enroll_cohort_members, await admitted(desk, later.id, 5, "20321323A001"), party=made.FRONT
    )
    accepted(of_later)
    # Who was entered wrongly gives it back.
    item = RemoveCohortMember(id=member.id, etag='"1"', sealed_left_reason=b"")
    (removed,) = await desk.run(remove_cohort_members, item, party=made.FRONT)
    accepted(removed)
    (right,) = await desk.run(enroll_cohort_members, second, party=made.FRONT)
    accepted(right)


async def test_callers_at_once_give_an_admission_to_one_student(desk: Desk) -> None:
    cohort = await desk.set_up_cohort()
    other = await set_up_other_cohort(desk)
    items = [
        await admitted(desk, of.id, serial, "20321323A002", class_name=of.class_names[0])
        for serial, of in enumerate([cohort, other] * 4)
    ]
    results = await asyncio.gather(
        *(desk.run(enroll_cohort_members, item, party=made.FRONT) for item in items)
    )
    given = [each for (each,) in results if not isinstance(each, DomainError)]
    refused = [each.reason for (each,) in results if isinstance(each, DomainError)]
    assert len(given) == 1
    assert set(refused) <= {"ADMISSION_NUMBER_TAKEN", "SERVICE_BUSY"}


async def set_up_other_cohort(desk: Desk) -> Cohort:
    """Open another cohort of the same year."""
    facts = {**DECLARATION, "approval_year": 2020, "front_major_code": "690102"}
    (project,) = await desk.run(
        declare_pathway_projects, DeclarePathwayProject(**facts), party=made.BACK
    )
    approval = ApprovePathwayProject(
        id=accepted(project).id, etag='"1"', approval_document_number="苏教职函〔2020〕21号"
    )
    (project,) = await desk.run(approve_pathway_projects, approval)
    item = OpenCohort(
        project_id=accepted(project).id, intake_date=date(2020, 9, 1), class_names=["别班"]
    )
    (cohort,) = await desk.run(open_cohorts, item, party=made.FRONT)
    return accepted(cohort)
