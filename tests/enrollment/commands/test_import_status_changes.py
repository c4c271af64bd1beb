"""Imported rows of status changes on PostgreSQL: proposals like any other, each made once."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from chassis.db import Transaction
from chassis.errors import DomainError, EtagMismatch
from chassis.identity import Caller
from chassis.import_steps import Taken
from services.enrollment.commands.approve_electronic_registrations import (
    approve_electronic_registrations,
)
from services.enrollment.commands.approve_status_changes import approve_status_changes
from services.enrollment.commands.changing import Target
from services.enrollment.commands.create_organisations import create_organisations
from services.enrollment.commands.effect_status_changes import effect_status_changes
from services.enrollment.commands.file_electronic_registrations import (
    FileElectronicRegistration,
    file_electronic_registrations,
)
from services.enrollment.commands.finding import PersonFinder, PersonReference
from services.enrollment.commands.import_status_changes import (
    StatusChangeImporter,
    StatusChangeRow,
    import_status_changes,
)
from services.enrollment.commands.notice_status_changes import (
    NoticeStatusChange,
    notice_status_changes,
)
from services.enrollment.commands.reject_status_changes import reject_status_changes
from services.enrollment.commands.withdraw_status_changes import withdraw_status_changes
from services.enrollment.domain.import_row_refusals import (
    ImportedChangeStands,
    ImportedChangeWasRefused,
    ImportedPersonUnknown,
)
from services.enrollment.domain.organisation import Kind
from services.enrollment.domain.status_change import (
    Attachment,
    AttachmentKind,
    Ground,
    GuardianOpinion,
    Initiator,
)
from services.enrollment.domain.status_change_refusals import (
    LeaveEndMissing,
    StatusChangePending,
)
from services.enrollment.domain.status_rules import Facts
from services.enrollment.domain.student_status import ChangeKind
from tests.enrollment import made
from tests.enrollment.conftest import POLICIES, Desk, accepted, organisation, unknown

BUREAU = "szedu"
FILED_ON = date(2020, 10, 15)
DECIDED_ON = date(2021, 9, 7)
TODAY = date(2023, 1, 1)
SAID: dict[str, Any] = {
    "kind": ChangeKind.SUSPEND,
    "initiator": Initiator.STUDENT,
    "guardian_opinion": GuardianOpinion.AGREED,
    "apply_date": date(2021, 9, 6),
    "effective_date": date(2021, 9, 13),
    "until_date": date(2022, 8, 31),
    "is_unreachable": False,
    "receiving": "",
    "new_major_code": "",
    "new_class_name": "",
    "attachments": (Attachment(kind=AttachmentKind.HOSPITAL_CERTIFICATE, sha256="a" * 64),),
}


@pytest.fixture
async def record_ids(desk: Desk) -> list[UUID]:
    """Return the records of two students, registered."""
    cohort = await desk.set_up_cohort()
    await desk.run(create_organisations, organisation(BUREAU, Kind.EDUCATION_BUREAU))
    ids = []
    for serial in (1, 2):
        member = await desk.enroll(cohort.id, serial)
        ids.append(await desk.front_record_id(member.id))
    for record_id in ids:
        (filed,) = await desk.run(
            file_electronic_registrations,
            FileElectronicRegistration(status_record_id=record_id),
            party=made.FRONT,
            today=FILED_ON,
        )
        target = Target(id=accepted(filed).id, etag='"1"')
        (approved,) = await desk.run(
            approve_electronic_registrations, target, party=BUREAU, today=FILED_ON
        )
        accepted(approved)
    return ids


pytestmark = pytest.mark.usefixtures("record_ids")


def row(*, serial: int = 1, **changes: Any) -> StatusChangeRow:
    facts: dict[str, Any] = {
        "person": PersonReference(id_number=made.id_number(serial)),
        "ground": Ground.ILLNESS,
        "reason": "住院治疗",
        "facts": Facts(),
    }
    facts |= {name: changes.pop(name) for name in list(facts) if name in changes}
    return StatusChangeRow(said={**SAID, **changes}, **facts)


async def take(
    desk: Desk, *rows: StatusChangeRow, party: str = made.FRONT
) -> list[Taken | DomainError]:
    """Take rows as a stream does that knows of no earlier file."""
    importer = importer_of(desk, party)
    recognised = await importer.recognise(rows, is_rehearsal=False)
    items = [each.item for each in recognised if not isinstance(each, DomainError)]
    ready = await importer.prepare(items)

    async def write(tx: Transaction, given: Any) -> list[Taken | DomainError]:
        return await importer.write(tx, given, is_again=False)

    taken = iter(await desk.run(write, *ready))
    return [each if isinstance(each, DomainError) else next(taken) for each in recognised]


def importer_of(desk: Desk, party: str = made.FRONT) -> StatusChangeImporter:
    return StatusChangeImporter(
        lambda row: row,
        finder=PersonFinder(desk.keys, b"i" * 32, desk.database),
        keys=desk.keys,
        caller=Caller("registrar", party, frozenset()),
        today=TODAY,
        policies=POLICIES,
    )


def said_of(results: Sequence[Taken | DomainError]) -> list[str]:
    return [each.reason if isinstance(each, DomainError) else each.verdict for each in results]


async def states(desk: Desk) -> list[str]:
    rows = await desk.rows("SELECT state FROM status_change ORDER BY id")
    return [each["state"] for each in rows]


async def target(desk: Desk) -> Target:
    (found,) = await desk.rows("SELECT id, version FROM status_change ORDER BY id DESC LIMIT 1")
    return Target(id=found["id"], etag=f'"{found["version"]}"')


async def approve(desk: Desk, *parties: str) -> None:
    for party in parties:
        (change,) = await desk.run(
            approve_status_changes, await target(desk), party=party, today=DECIDED_ON
        )
        accepted(change)


async def test_a_row_is_a_proposal_that_waits_for_its_chain(desk: Desk) -> None:
    assert said_of(await take(desk, row(), row(serial=2))) == ["NEW", "NEW"]
    rows = await desk.rows("SELECT state, approve_date FROM status_change")
    assert rows == [{"state": "PROPOSED", "approve_date": None}] * 2
    records = await desk.rows("SELECT DISTINCT status FROM status_record")
    assert records == [{"status": "STUDYING"}]
    assert [event for event, _ in await desk.events()][-2:] == ["StatusChangeProposed"] * 2


async def test_the_same_file_again_changes_nothing_at_whatever_state(desk: Desk) -> None:
    file = [row(), row(serial=2)]
    await take(desk, *file)
    before = await desk.events()
    assert said_of(await take(desk, *file)) == ["SAME", "SAME"]
    assert said_of(await take(desk, file[1])) == ["SAME"]
    assert await desk.events() == before
    # The last proposed goes through its chain and into effect: the file still says the same.
    await approve(desk, made.FRONT, BUREAU)
    assert said_of(await take(desk, *file)) == ["SAME", "SAME"]
    now = datetime(2023, 1, 1, tzinfo=UTC)
    await desk.run(effect_status_changes, await target(desk), party=made.FRONT, now=now)
    assert sorted(await states(desk)) == ["EFFECTIVE", "PROPOSED"]
    assert said_of(await take(desk, *file)) == ["SAME", "SAME"]


async def test_after_the_change_has_ended_the_record_the_file_still_says_the_same(
    desk: Desk,
) -> None:
    leaving = row(kind=ChangeKind.WITHDRAW, ground=Ground.OWN_WISH, until_date=None)
    assert said_of(await take(desk, leaving)) == ["NEW"]
    await approve(desk, made.FRONT, BUREAU)
    now = datetime(2023, 1, 1, tzinfo=UTC)
    await desk.run(effect_status_changes, await target(desk), party=made.FRONT, now=now)
    assert await states(desk) == ["EFFECTIVE"]
    assert said_of(await take(desk, leaving)) == ["SAME"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"until_date": date(2022, 7, 31)}, id="another last day"),
        pytest.param({"reason": "住院治疗并休养"}, id="another reason"),
        pytest.param({"facts": Facts(earned_credits=3)}, id="other facts"),
        pytest.param({"guardian_opinion": GuardianOpinion.NOT_ASKED}, id="another opinion"),
    ],
)
async def test_a_changed_row_takes_back_what_nobody_has_decided_on(
    desk: Desk, changes: dict[str, Any]
) -> None:
    await take(desk, row())
    is_minor_without_guardian = "guardian_opinion" in changes
    (result,) = await take(desk, row(**changes))
    if is_minor_without_guardian:
        # Refused by a rule: what was proposed stays.
        assert said_of([result]) == ["GUARDIAN_OPINION_MISSING"]
        assert await states(desk) == ["PROPOSED"]
        return
    assert said_of([result]) == ["CHANGED"]
    assert await states(desk) == ["WITHDRAWN", "PROPOSED"]
    assert said_of(await take(desk, row(**changes))) == ["SAME"]


async def test_what_somebody_has_decided_on_is_not_changed_by_a_file(desk: Desk) -> None:
    await take(desk, row())
    await approve(desk, made.FRONT)
    (refused,) = await take(desk, row(until_date=date(2022, 7, 31)))
    assert isinstance(refused, ImportedChangeStands)
    assert refused.metadata["state"] == "IN_CHAIN"
    assert await states(desk) == ["IN_CHAIN"]


async def test_what_notice_was_given_of_stands_and_is_the_same(desk: Desk) -> None:
    leaving: dict[str, Any] = {
        "kind": ChangeKind.WITHDRAW,
        "ground": Ground.OWN_WISH,
        "until_date": None,
    }
    await take(desk, row(**leaving))
    found = await target(desk)
    notice = NoticeStatusChange(
        id=found.id,
        etag=found.etag,
        notice_from_date=date(2021, 9, 7),
        notice_to_date=date(2021, 12, 7),
    )
    (noticed,) = await desk.run(notice_status_changes, notice, party=made.FRONT, today=DECIDED_ON)
    accepted(noticed)
    assert said_of(await take(desk, row(**leaving))) == ["SAME"]
    (refused,) = await take(desk, row(**leaving, reason="另有原因"))
    assert isinstance(refused, ImportedChangeStands)


@pytest.mark.parametrize(
    ("end", "party"),
    [
        pytest.param(withdraw_status_changes, made.FRONT, id="withdrawn"),
        pytest.param(reject_status_changes, made.FRONT, id="rejected"),
    ],
)
async def test_a_file_does_not_bring_back_what_was(desk: Desk, end: Any, party: str) -> None:
    await take(desk, row())
    facts = {"today": DECIDED_ON} if end is reject_status_changes else {}
    (ended,) = await desk.run(end, await target(desk), party=party, **facts)
    accepted(ended)
    (refused,) = await take(desk, row())
    assert isinstance(refused, ImportedChangeWasRefused)
    assert said_of(await take(desk, row(reason="再次住院"))) == ["NEW"]


async def test_rows_are_refused_one_by_one(desk: Desk) -> None:
    file = [
        row(),
        row(effective_date=date(2021, 9, 20)),
        row(serial=2, until_date=None),
        row(serial=3),
    ]
    results = await take(desk, *file)
    assert [type(each) for each in results] == [
        Taken,
        StatusChangePending,
        LeaveEndMissing,
        ImportedPersonUnknown,
    ]
    assert await states(desk) == ["PROPOSED"]


@pytest.mark.parametrize("party", [made.BACK, made.STRANGER])
async def test_only_the_school_that_holds_the_record_imports_and_others_learn_nothing(
    desk: Desk, record_ids: list[UUID], party: str
) -> None:
    (held,) = await desk.rows(
        "SELECT person_id FROM status_record WHERE id = :id", id=record_ids[0]
    )
    file = [
        row(),
        row(person=PersonReference(person_id=held["person_id"])),
        row(person=PersonReference(person_id=unknown())),
        row(serial=9),
    ]
    results = await take(desk, *file, party=party)
    said = [(type(each), getattr(each, "metadata", None)) for each in results]
    assert said == [(ImportedPersonUnknown, {})] * 4


async def test_of_two_files_at_once_the_second_finds_what_the_first_proposed(
    desk: Desk,
) -> None:
    results = await asyncio.gather(take(desk, row()), take(desk, row()))
    assert sorted(said_of([each for result in results for each in result])) == ["NEW", "SAME"]
    assert await states(desk) == ["PROPOSED"]


async def test_a_decision_at_the_same_time_is_not_lost(desk: Desk) -> None:
    await take(desk, row())
    importer = importer_of(desk)
    (found,) = await importer.recognise([row(until_date=date(2022, 7, 31))], is_rehearsal=False)
    assert not isinstance(found, DomainError)
    (item,) = await importer.prepare([found.item])
    waiting = await target(desk)
    results: list[Any] = []

    async def decide() -> None:
        results.extend(
            await desk.run(approve_status_changes, waiting, party=made.FRONT, today=DECIDED_ON)
        )

    facts = {"party": made.FRONT, "today": TODAY, "policies": POLICIES, "keys": desk.keys}
    await desk.run_around(decide(), import_status_changes, item, **facts)
    # The import had taken it back before the decision came to the lock.
    assert [type(each) for each in results] == [EtagMismatch]
    assert await states(desk) == ["WITHDRAWN", "PROPOSED"]


async def test_why_is_in_clear_nowhere(desk: Desk) -> None:
    await take(desk, row())
    (stored,) = await desk.rows("SELECT * FROM status_change")
    (change,) = await desk.rows(
        "SELECT resource FROM change WHERE event_type = 'StatusChangeProposed'"
    )
    for clear in ("住院", "ILLNESS"):
        assert clear.encode() not in bytes(change["resource"])
        assert clear.encode() not in b"".join(
            value for value in stored.values() if isinstance(value, bytes)
        )
        assert clear not in repr(row())
