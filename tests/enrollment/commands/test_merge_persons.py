"""Merges on PostgreSQL: what follows, who finds the person, what the transfer said, and races."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from chassis.errors import DomainError, EtagMismatch
from chassis.paging import read_page
from chassis.sealed import Sealer
from services.enrollment.commands.approve_electronic_registrations import (
    approve_electronic_registrations,
)
from services.enrollment.commands.changing import Target
from services.enrollment.commands.convert_learning_outcomes import (
    ConvertLearningOutcomes,
    convert_learning_outcomes,
)
from services.enrollment.commands.create_organisations import create_organisations
from services.enrollment.commands.enroll_cohort_members import enroll_cohort_members
from services.enrollment.commands.identities import Identities, normalised_name
from services.enrollment.commands.merge_persons import MergePersons, merge_persons
from services.enrollment.commands.register_arrivals import register_arrivals
from services.enrollment.commands.revoke_learning_outcomes import (
    RevokeLearningOutcome,
    revoke_learning_outcomes,
)
from services.enrollment.commands.seal_applicants import ApplicantSealer
from services.enrollment.commands.split_persons import SplitPersons, split_persons
from services.enrollment.domain.cohort_member import CohortMember
from services.enrollment.domain.organisation import Kind
from services.enrollment.domain.outcome_refusals import NothingToConvert, OutcomeAlreadyDeclared
from services.enrollment.domain.person import Person
from services.enrollment.domain.person_refusals import MembershipsConflict, SurvivorMerged
from services.enrollment.queries import learning_outcomes as queries
from services.enrollment.store import person_merges
from tests.enrollment import made
from tests.enrollment.commands import test_status_changes as statuses
from tests.enrollment.commands.test_learning_outcomes import accumulate, declare
from tests.enrollment.conftest import NOW, Desk, accepted, details, organisation


async def graduates(desk: Desk) -> tuple[CohortMember, CohortMember]:
    """Return a graduate of an earlier pathway, and a student of a later one."""
    first = await desk.enroll((await desk.set_up_cohort()).id, 1)
    await desk.graduate(first.id)
    second = await desk.enroll((await desk.set_up_cohort(year=2021)).id, 2)
    return first, second


async def version(desk: Desk, person_id: UUID) -> str:
    (row,) = await desk.rows("SELECT version FROM person WHERE id = :id", id=person_id)
    return f'"{row["version"]}"'


async def merge(desk: Desk, duplicate: UUID, survivor: UUID) -> Person | DomainError:
    item = MergePersons(
        id=duplicate,
        etag=await version(desk, duplicate),
        survivor_id=survivor,
        survivor_etag=await version(desk, survivor),
        reason="同一人",
        evidence_sha256="00" * 32,
    )
    (result,) = await desk.run(merge_persons, item, party=made.FRONT, keys=desk.keys)
    return result


async def split(desk: Desk, duplicate: UUID) -> Person | DomainError:
    item = SplitPersons(id=duplicate, etag=await version(desk, duplicate), reason="并非同一人")
    (result,) = await desk.run(split_persons, item, party=made.FRONT, keys=desk.keys)
    return result


async def owners(desk: Desk) -> dict[str, set[UUID]]:
    """Return of which persons memberships and status records are."""
    return {
        table: {row["person_id"] for row in await desk.rows(f"SELECT person_id FROM {table}")}  # noqa: S608
        for table in ("cohort_member", "status_record")
    }


def both(persons: set[UUID]) -> dict[str, set[UUID]]:
    return {"cohort_member": persons, "status_record": persons}


async def name_of(desk: Desk, member_id: UUID) -> str:
    """Return a member's name, opened as the transfer does: with the key of the member's person."""
    (row,) = await desk.rows("SELECT * FROM cohort_member WHERE id = :id", id=member_id)
    keys = await desk.keys.get_many([row["person_id"]])
    key = keys[row["person_id"]]
    return Sealer.open(key, key.subject_id, "display_name", row["sealed_display_name"])


async def test_memberships_and_records_follow_by_change_rows_and_a_split_undoes_it(
    desk: Desk,
) -> None:
    graduate, student = await graduates(desk)
    before = len(await desk.events())
    accepted(await merge(desk, student.person_id, graduate.person_id))
    assert sorted((await desk.events())[before:]) == [
        ("MemberReassigned", "cohortMembers"),
        ("PersonsMerged", "persons"),
        ("PersonsMerged", "persons"),
        ("StatusRecordReassigned", "statusRecords"),
    ]
    assert await owners(desk) == both({graduate.person_id})
    assert await name_of(desk, student.id) == "测试学生2"
    accepted(await split(desk, student.person_id))
    assert await owners(desk) == both({graduate.person_id, student.person_id})
    assert await name_of(desk, student.id) == "测试学生2"
    (row,) = await desk.rows("SELECT * FROM person_merge")
    assert (row["is_split"], row["split_reason"]) == (True, "并非同一人")


async def test_a_merge_of_merged_answers_with_the_last_and_is_undone_in_reverse(
    desk: Desk,
) -> None:
    graduate, student = await graduates(desk)
    left = await desk.enroll((await desk.set_up_cohort(year=2022)).id, 3)
    await desk.graduate(left.id)
    accepted(await merge(desk, student.person_id, graduate.person_id))
    accepted(await merge(desk, graduate.person_id, left.person_id))
    ids = [graduate.person_id, student.person_id, left.person_id]
    found = await person_merges.resolve(desk.database, ids)
    assert set(found.values()) == {left.person_id}
    assert set(await person_merges.family_of(desk.database, left.person_id)) == set(ids)
    assert (await owners(desk))["cohort_member"] == {left.person_id}
    assert isinstance(await split(desk, student.person_id), SurvivorMerged)
    accepted(await split(desk, graduate.person_id))
    accepted(await split(desk, student.person_id))
    assert (await owners(desk))["cohort_member"] == set(ids)


async def test_two_in_a_pathway_at_once_are_not_merged(desk: Desk) -> None:
    cohort = await desk.set_up_cohort()
    one, other = await desk.enroll(cohort.id, 1), await desk.enroll(cohort.id, 2)
    refused = await merge(desk, one.person_id, other.person_id)
    assert isinstance(refused, MembershipsConflict)
    assert len(await desk.rows("SELECT id FROM person WHERE state = 'ACTIVE'")) == 2


async def test_the_id_number_of_a_duplicate_finds_the_survivor(desk: Desk) -> None:
    graduate, student = await graduates(desk)
    sealer = ApplicantSealer(desk.keys, b"i" * 32, desk.database)
    accepted(await merge(desk, graduate.person_id, student.person_id))
    (applicant,) = await sealer.seal([details(1)])
    assert (applicant.person_id, applicant.holder_id) == (student.person_id, graduate.person_id)


async def test_an_applicant_who_was_sealed_before_a_merge_is_asked_to_try_again(
    desk: Desk,
) -> None:
    graduate, student = await graduates(desk)
    cohort = await desk.set_up_cohort(year=2024)
    item = await desk.applicant(cohort.id, 1)
    accepted(await merge(desk, graduate.person_id, student.person_id))
    (refused,) = await desk.run(enroll_cohort_members, item, party=made.FRONT)
    assert isinstance(refused, DomainError)
    assert refused.reason == "SERVICE_BUSY"


async def test_the_transfer_may_know_a_person_by_the_id_from_before_a_merge_or_a_split(
    desk: Desk,
) -> None:
    graduate, student = await graduates(desk)

    async def arrive(**changes: Any) -> str:
        arrival = made.arrival_of(graduate, **changes)
        (registration,) = await desk.run(register_arrivals, arrival)
        return str(registration.blocking_reason or registration.state)

    accepted(await merge(desk, graduate.person_id, student.person_id))
    assert await arrive() == "REGISTERED"
    stranger = await desk.enroll((await desk.set_up_cohort(year=2025)).id, 9)
    assert await arrive(person_id=stranger.person_id) == "NOT_A_MEMBER"


async def test_an_arrival_of_the_survivor_is_known_after_the_split(desk: Desk) -> None:
    graduate, student = await graduates(desk)
    accepted(await merge(desk, graduate.person_id, student.person_id))
    accepted(await split(desk, graduate.person_id))
    arrival = made.arrival_of(graduate, person_id=student.person_id)
    (registration,) = await desk.run(register_arrivals, arrival)
    assert registration.blocking_reason is None


async def test_of_merges_at_once_one_is_made_and_no_circle_is_closed(desk: Desk) -> None:
    graduate, student = await graduates(desk)
    one, other = graduate.person_id, student.person_id
    results = await asyncio.gather(
        *(merge(desk, *pair) for pair in [(one, other), (other, one)] * 3)
    )
    assert sum(isinstance(each, Person) for each in results) == 1
    found = await person_merges.resolve(desk.database, [one, other])
    assert len(set(found.values())) == 1
    assert len(await desk.rows("SELECT id FROM person_merge")) == 1


async def test_a_graduation_and_a_merge_at_once_lose_nothing(desk: Desk) -> None:
    graduate, student = await graduates(desk)
    merged, graduated = await asyncio.gather(
        merge(desk, student.person_id, graduate.person_id),
        desk.graduate(student.id),
        return_exceptions=True,
    )
    accepted(merged)
    # Whoever came second has seen an older version, and is told so.
    assert graduated is None or isinstance(graduated, EtagMismatch)
    (row,) = await desk.rows(
        "SELECT member.state AS member, record.state AS record FROM cohort_member AS member "
        "JOIN status_record AS record ON record.member_id = member.id WHERE member.id = :id",
        id=student.id,
    )
    assert row["member"] == ("ACTIVE" if graduated else "GRADUATED")
    assert row["record"] == ("IN_SCHOOL" if graduated else "GRADUATED")
    assert await owners(desk) == both({graduate.person_id})


async def test_persons_of_one_name_and_birth_date_are_found_alike(desk: Desk) -> None:
    identities = Identities(desk.keys, b"i" * 32)
    sealer = ApplicantSealer(desk.keys, b"i" * 32, desk.database)
    # Another width, dot and space of the same transliterated name.
    names = ("阿卜杜·热合曼", "阿卜杜 • 热合曼", "阿卜杜热合曼二")
    applicants = await sealer.seal(
        [details(number, display_name=name) for number, name in enumerate(names, start=1)]
    )
    first, second, _ = (each.person_id for each in applicants)
    assert await identities.find_alike([first], limit=10) == {second: ["name_and_birth"]}
    await desk.keys.destroy(second, reason="asked for", now=NOW)
    assert await identities.find_alike([first], limit=10) == {}
    assert normalised_name("Ａnna．Ｓ") == "annas"


async def test_what_duplicates_have_learned_follows_and_counts_once(desk: Desk) -> None:
    graduate, student = await graduates(desk)
    twins = [await accumulate(desk, each) for each in (graduate, student)]
    accepted(await merge(desk, student.person_id, graduate.person_id))
    rows = await present_outcomes(desk)
    assert {row["person_id"] for row in rows} == {graduate.person_id}
    account, listed = await queries.get_learning_account(
        desk.database, student.person_id, scope=made.FRONT, at_date=NOW.date()
    )
    assert (account.person_id, account.outcomes_count) == (graduate.person_id, 1)
    assert account.accumulated_credit_tenths == 40
    assert len(listed) == 2
    item = ConvertLearningOutcomes(
        status_record_id=await desk.front_record_id(student.id), graduation_credit_tenths=1_000
    )
    (made_of,) = await desk.run(convert_learning_outcomes, item, party=made.FRONT)
    conversion = accepted(made_of)
    assert [each.outcome_id in {twin.id for twin in twins} for each in conversion.lines] == [True]
    (again,) = await desk.run(convert_learning_outcomes, item, party=made.FRONT)
    assert isinstance(again, NothingToConvert)
    accepted(await split(desk, student.person_id))
    owners = {row["id"]: row["person_id"] for row in await present_outcomes(desk)}
    assert owners == {twins[0].id: graduate.person_id, twins[1].id: student.person_id}


async def present_outcomes(desk: Desk) -> list[dict[str, Any]]:
    return await desk.rows(
        "SELECT DISTINCT ON (id) * FROM learning_outcome ORDER BY id, version DESC"
    )


async def test_conversions_follow_as_versions_and_go_back_with_a_split(desk: Desk) -> None:
    graduate, student = await graduates(desk)
    await accumulate(desk, student)
    item = ConvertLearningOutcomes(
        status_record_id=await desk.front_record_id(student.id), graduation_credit_tenths=1_000
    )
    (made_of,) = await desk.run(convert_learning_outcomes, item, party=made.FRONT)
    conversion = accepted(made_of)

    async def listed(person_id: UUID) -> list[tuple[int, UUID]]:
        rows, _ = await queries.list_credit_conversions(
            desk.database, read_page(9, "", {}), scope=made.BACK, person_id=person_id
        )
        return [(row["version"], row["person_id"]) for row in rows]

    for round_number in range(2):
        accepted(await merge(desk, student.person_id, graduate.person_id))
        assert await listed(graduate.person_id) == [(2 + 2 * round_number, graduate.person_id)]
        accepted(await split(desk, student.person_id))
        assert await listed(student.person_id) == [(3 + 2 * round_number, student.person_id)]
        assert await listed(graduate.person_id) == []
    rows = await desk.rows("SELECT DISTINCT lines, counted_credit_tenths FROM credit_conversion")
    assert [row["counted_credit_tenths"] for row in rows] == [conversion.counted_credit_tenths]


async def test_certificates_of_a_duplicate_open_with_the_key_of_the_survivor(desk: Desk) -> None:
    graduate, student = await graduates(desk)
    key = (await desk.keys.get_many([student.person_id]))[student.person_id]
    sealed = Sealer.seal(key, student.person_id, "certificate_number", "ZS-1")
    await declare(desk, student, sealed_certificate_number=sealed)
    accepted(await merge(desk, student.person_id, graduate.person_id))
    # Erased: what is the person's is no more to be opened by whomever.
    await desk.keys.destroy(student.person_id, reason="asked for", now=NOW)
    (row,) = await present_outcomes(desk)
    key = (await desk.keys.get_many([graduate.person_id]))[graduate.person_id]
    number = Sealer.open(
        key, graduate.person_id, "certificate_number", row["sealed_certificate_number"]
    )
    assert number == "ZS-1"


async def test_an_evidence_of_a_duplicate_is_not_declared_again_of_the_survivor(
    desk: Desk,
) -> None:
    graduate, student = await graduates(desk)
    await declare(desk, student)
    accepted(await merge(desk, student.person_id, graduate.person_id))
    with pytest.raises(OutcomeAlreadyDeclared):
        await declare(desk, graduate)


async def test_a_revoked_outcome_follows_too(desk: Desk) -> None:
    graduate, student = await graduates(desk)
    outcome = await declare(desk, student)
    item = RevokeLearningOutcome(id=outcome.id, etag='"1"', reason="误报")
    (revoked,) = await desk.run(revoke_learning_outcomes, item, party=made.FRONT)
    accepted(revoked)
    accepted(await merge(desk, student.person_id, graduate.person_id))
    (row,) = await present_outcomes(desk)
    assert (row["version"], row["state"], row["revoked_version"]) == (3, "REVOKED", 1)
    assert row["person_id"] == graduate.person_id


async def test_a_declaration_and_a_merge_at_once_lose_nothing(desk: Desk) -> None:
    graduate, student = await graduates(desk)
    results = await asyncio.gather(
        merge(desk, student.person_id, graduate.person_id),
        *(declare(desk, student, evidence_sha256=f"{n:064x}") for n in range(6)),
        return_exceptions=True,
    )
    accepted(results[0])
    made_before = sum(not isinstance(each, BaseException) for each in results[1:])
    rows = await present_outcomes(desk)
    assert len(rows) == made_before
    assert {row["person_id"] for row in rows} <= {graduate.person_id}


async def test_status_changes_follow_their_records_sealed_for_whom_they_are_of(
    desk: Desk,
) -> None:
    graduate, student = await graduates(desk)
    await desk.run(create_organisations, organisation(statuses.BUREAU, Kind.EDUCATION_BUREAU))
    # The graduate's record has come to its end; of the student's is one that can change.
    record_id = await desk.front_record_id(student.id)
    window = date(2021, 10, 15)
    filed = accepted(await statuses.file(desk, record_id, today=window))
    target = Target(id=filed.id, etag='"1"')
    (approved,) = await desk.run(
        approve_electronic_registrations, target, party=statuses.BUREAU, today=window
    )
    accepted(approved)
    proposed = {
        "apply_date": date(2022, 9, 5),
        "effective_date": date(2022, 9, 12),
        "until_date": date(2023, 8, 31),
    }
    change = accepted(await statuses.propose(desk, record_id, **proposed))

    async def told() -> tuple[str, UUID]:
        (row,) = await desk.rows("SELECT * FROM status_change WHERE id = :id", id=change.id)
        (filing,) = await desk.rows("SELECT person_id FROM electronic_registration")
        person_id = row["person_id"]
        assert filing["person_id"] == person_id
        key = (await desk.keys.get_many([person_id]))[person_id]
        return Sealer.open(key, person_id, "reason", row["sealed_reason"]), person_id

    before = len(await desk.events())
    accepted(await merge(desk, student.person_id, graduate.person_id))
    assert await told() == ("住院治疗", graduate.person_id)
    events = (await desk.events())[before:]
    assert ("StatusChangeReassigned", "statusChanges") in events
    assert ("ElectronicRegistrationReassigned", "electronicRegistrations") in events
    # The chain goes on at the version that came of it.
    (row,) = await desk.rows("SELECT version FROM status_change")
    change.version = row["version"]
    await statuses.approve(desk, change, made.FRONT, statuses.BUREAU)
    accepted(await split(desk, student.person_id))
    assert await told() == ("住院治疗", student.person_id)
