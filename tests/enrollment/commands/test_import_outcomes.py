"""Imported rows of learning outcomes on PostgreSQL: what is known stays, what differs is said."""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from chassis.db import Transaction
from chassis.errors import DomainError
from chassis.identity import Caller
from chassis.import_steps import Recognised, Taken
from services.enrollment.commands.finding import PersonFinder, PersonReference
from services.enrollment.commands.import_outcomes import (
    OutcomeImporter,
    OutcomeRow,
)
from services.enrollment.commands.reject_learning_outcomes import (
    RejectLearningOutcome,
    reject_learning_outcomes,
)
from services.enrollment.commands.verify_learning_outcomes import (
    VerifyLearningOutcome,
    verify_learning_outcomes,
)
from services.enrollment.domain.cohort_member import CohortMember
from services.enrollment.domain.import_row_refusals import (
    ImportedOutcomeStands,
    ImportedOutcomeWasRefused,
    ImportedPersonUnknown,
)
from services.enrollment.domain.learning_outcome import Grade, Kind
from services.enrollment.domain.outcome_refusals import (
    HoursMissing,
    IssuerNotRegistered,
    OutcomeAlreadyDeclared,
)
from tests.enrollment import made
from tests.enrollment.conftest import NOW, Desk, accepted, unknown

TEACHER = Caller("teacher", made.FRONT, frozenset())
CHECKER = Caller("checker", made.FRONT, frozenset())
STRANGER = Caller("teacher", made.STRANGER, frozenset())
pytestmark = pytest.mark.usefixtures("member")
SAID: dict[str, Any] = {
    "kind": Kind.CERTIFICATE_X,
    "title": "食品检验管理",
    "issuer": "",
    "issuer_name": "评价组织",
    "issuer_uscc": "91350100M000100Y43",
    "grade": Grade.INTERMEDIATE,
    "hours": 0,
    "credit_tenths": 40,
    "is_online": False,
    "is_apprenticeship": False,
    "achieve_date": date(2020, 9, 2),
    "evidence_sha256": "a" * 64,
}


@pytest.fixture
async def member(desk: Desk) -> CohortMember:
    cohort = await desk.set_up_cohort()
    return await desk.enroll(cohort.id)


def row(**changes: Any) -> OutcomeRow:
    facts: dict[str, Any] = {
        "person": PersonReference(id_number=made.id_number(1)),
        "certificate_number": "X2020-001",
    }
    facts |= {name: changes.pop(name) for name in facts if name in changes}
    return OutcomeRow(said={**SAID, **changes}, **facts)


async def take(
    desk: Desk, *rows: OutcomeRow, caller: Caller = TEACHER
) -> list[Taken | DomainError]:
    """Take rows as a stream does that knows of no earlier file."""
    importer = OutcomeImporter(
        lambda row: row,
        finder=PersonFinder(desk.keys, b"i" * 32, desk.database),
        keys=desk.keys,
        caller=caller,
        now=NOW,
    )
    recognised = await importer.recognise(rows, is_rehearsal=False)
    items = [each.item for each in recognised if not isinstance(each, DomainError)]
    ready = await importer.prepare(items)

    async def write(tx: Transaction, given: Any) -> list[Taken | DomainError]:
        return await importer.write(tx, given, is_again=False)

    taken = iter(await desk.run(write, *ready))
    return [each if isinstance(each, DomainError) else next(taken) for each in recognised]


async def recognised(desk: Desk, row: OutcomeRow, *, caller: Caller = TEACHER) -> Recognised[Any]:
    finder = PersonFinder(desk.keys, b"i" * 32, desk.database)
    importer = OutcomeImporter(
        lambda each: each, finder=finder, keys=desk.keys, caller=caller, now=NOW
    )
    (found,) = await importer.recognise([row], is_rehearsal=False)
    assert not isinstance(found, DomainError)
    return found


def said_of(results: Sequence[Taken | DomainError]) -> list[str]:
    return [each.reason if isinstance(each, DomainError) else each.verdict for each in results]


async def versions(desk: Desk) -> list[tuple[str, int]]:
    rows = await desk.rows("SELECT state, version FROM learning_outcome ORDER BY id, version")
    return [(each["state"], each["version"]) for each in rows]


async def test_the_same_file_again_changes_nothing_and_no_row_removes_nothing(desk: Desk) -> None:
    file = [
        row(),
        row(certificate_number="X2020-002", evidence_sha256="b" * 64),
        row(kind=Kind.COURSE, grade=None, certificate_number="", evidence_sha256="c" * 64),
    ]
    assert said_of(await take(desk, *file)) == ["NEW", "NEW", "NEW"]
    before = await desk.rows("SELECT * FROM learning_outcome ORDER BY id")
    changes = await desk.events()
    assert said_of(await take(desk, *file)) == ["SAME", "SAME", "SAME"]
    assert said_of(await take(desk, *file[:1])) == ["SAME"]
    assert await desk.rows("SELECT * FROM learning_outcome ORDER BY id") == before
    assert await desk.events() == changes


async def test_a_changed_row_revokes_what_is_only_declared_and_declares_it_anew(desk: Desk) -> None:
    (first,) = await take(desk, row())
    # The evidence may stay the same: what it proved is revoked in the same transaction.
    (second,) = await take(desk, row(credit_tenths=50))
    assert said_of([second]) == ["CHANGED"]
    assert accepted(second).resource != accepted(first).resource
    assert await versions(desk) == [("DECLARED", 1), ("REVOKED", 2), ("DECLARED", 1)]
    (revoked,) = await desk.rows("SELECT reason FROM learning_outcome WHERE state = 'REVOKED'")
    assert accepted(second).resource in revoked["reason"]
    assert [event for event, _ in await desk.events()][-2:] == [
        "OutcomeRevoked",
        "OutcomeDeclared",
    ]
    assert said_of(await take(desk, row(credit_tenths=50))) == ["SAME"]


async def test_what_somebody_has_verified_is_not_changed_by_a_file(desk: Desk) -> None:
    (first,) = await take(desk, row())
    outcome_id = (await desk.rows("SELECT id FROM learning_outcome"))[0]["id"]
    item = VerifyLearningOutcome(id=outcome_id, etag='"1"')
    await desk.run(verify_learning_outcomes, item, caller=CHECKER, now=NOW)
    assert said_of(await take(desk, row())) == ["SAME"]
    (refused,) = await take(desk, row(credit_tenths=50))
    assert isinstance(refused, ImportedOutcomeStands)
    assert refused.metadata == {"name": accepted(first).resource, "state": "VERIFIED"}
    assert await versions(desk) == [("DECLARED", 1), ("VERIFIED", 2)]


async def test_a_file_does_not_bring_back_what_was_rejected_but_a_corrected_row_is_new(
    desk: Desk,
) -> None:
    await take(desk, row())
    outcome_id = (await desk.rows("SELECT id FROM learning_outcome"))[0]["id"]
    item = RejectLearningOutcome(id=outcome_id, etag='"1"', reason="与证书不符")
    await desk.run(reject_learning_outcomes, item, caller=CHECKER, now=NOW)
    (refused,) = await take(desk, row())
    assert isinstance(refused, ImportedOutcomeWasRefused)
    assert said_of(await take(desk, row(credit_tenths=30))) == ["NEW"]


@pytest.mark.parametrize(
    "reference",
    [
        pytest.param({"id_number": made.id_number(1)}, id="the ID number"),
        pytest.param({"student_number": f"G{made.id_number(1)}"}, id="a formal student number"),
        pytest.param({}, id="the name of the person"),
    ],
)
async def test_a_student_is_found_by(
    desk: Desk, member: CohortMember, reference: dict[str, Any]
) -> None:
    named = (
        PersonReference(**reference) if reference else PersonReference(person_id=member.person_id)
    )
    (taken,) = await take(desk, row(person=named))
    assert said_of([taken]) == ["NEW"]
    (found,) = await desk.rows("SELECT person_id FROM learning_outcome")
    assert found["person_id"] == member.person_id


@pytest.mark.parametrize("serial", [1, 2], ids=["of another school", "of nobody"])
async def test_a_foreign_student_and_none_at_all_are_told_apart_by_nothing(
    desk: Desk, member: CohortMember, serial: int
) -> None:
    references = [
        PersonReference(id_number=made.id_number(serial)),
        PersonReference(person_id=member.person_id if serial == 1 else unknown()),
    ]
    file = [row(person=each) for each in references]
    results = await take(desk, *file, caller=STRANGER)
    assert [(type(each), getattr(each, "metadata", None)) for each in results] == [
        (ImportedPersonUnknown, {})
    ] * 2
    assert await versions(desk) == []


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        pytest.param(
            {"kind": Kind.TRAINING, "grade": None, "evidence_sha256": "b" * 64},
            HoursMissing,
            id="a training without hours",
        ),
        pytest.param({"issuer": "nobody"}, IssuerNotRegistered, id="an unknown issuer"),
        pytest.param(
            {"certificate_number": "X2020-009"}, OutcomeAlreadyDeclared, id="evidence used twice"
        ),
    ],
)
async def test_one_wrong_row_sinks_no_other(
    desk: Desk, changes: dict[str, Any], refusal: type[DomainError]
) -> None:
    last = row(certificate_number="X2020-003", evidence_sha256="c" * 64)
    results = await take(desk, row(), row(**changes), last)
    assert said_of([results[0], results[2]]) == ["NEW", "NEW"]
    assert isinstance(results[1], refusal)
    assert len(await versions(desk)) == 2


async def test_a_row_is_known_by_person_kind_issuer_and_number_at_its_school(
    desk: Desk,
) -> None:
    one = await recognised(desk, row())
    by_number = row(person=PersonReference(student_number=f"G{made.id_number(1)}"))
    assert await recognised(desk, by_number) == one
    written_so = await recognised(desk, row(certificate_number=" x2020－001"))
    assert (written_so.key, written_so.content) == (one.key, one.content)
    other = await recognised(desk, row(hours=8))
    assert (other.key == one.key, other.content == one.content) == (True, False)
    for each in (
        row(certificate_number="X2020-002"),
        row(kind=Kind.QUALIFICATION),
        row(issuer_uscc="91110108551385082Q"),
    ):
        assert (await recognised(desk, each)).key != one.key
    # What another school has taken is no news of this one.
    assert (await recognised(desk, row(), caller=STRANGER)).key != one.key


async def test_a_correction_that_is_refused_leaves_what_was_declared(desk: Desk) -> None:
    await take(desk, row())
    (refused,) = await take(desk, row(issuer="nobody", grade=None))
    assert isinstance(refused, DomainError)
    assert await versions(desk) == [("DECLARED", 1)]
    # The evidence is still held by it.
    (other,) = await take(desk, row(certificate_number="X2020-002"))
    assert isinstance(other, OutcomeAlreadyDeclared)


async def test_of_two_files_at_once_the_second_finds_what_the_first_declared(desk: Desk) -> None:
    results = await asyncio.gather(take(desk, row()), take(desk, row()))
    assert sorted(said_of([each for result in results for each in result])) == ["NEW", "SAME"]
    assert await versions(desk) == [("DECLARED", 1)]


async def test_nothing_personal_is_in_clear_in_rows_and_changes(desk: Desk) -> None:
    await take(desk, row())
    (stored,) = await desk.rows("SELECT * FROM learning_outcome")
    (change,) = await desk.rows("SELECT resource FROM change WHERE event_type = 'OutcomeDeclared'")
    assert "X2020-001" not in f"{stored}"
    assert b"X2020-001" not in bytes(change["resource"])
    assert "X2020-001" not in repr(row())
    assert made.id_number(1) not in repr(row())
