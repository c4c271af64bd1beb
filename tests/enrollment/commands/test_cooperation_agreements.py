"""Agreements on PostgreSQL: one a project, each revision kept, edits and approvals in order."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from chassis.errors import DomainError, EtagMismatch, ResourceNotFound
from services.enrollment.commands.approve_agreement_terms import (
    ApproveAgreementTerms,
    approve_agreement_terms,
)
from services.enrollment.commands.draft_cooperation_agreements import (
    DraftCooperationAgreement,
    draft_cooperation_agreements,
)
from services.enrollment.commands.end_cooperation_agreements import (
    EndCooperationAgreement,
    end_cooperation_agreements,
)
from services.enrollment.commands.give_exit_notice import GiveExitNotice, give_exit_notice
from services.enrollment.commands.name_agreement_contacts import (
    NameAgreementContact,
    name_agreement_contacts,
)
from services.enrollment.commands.propose_agreement_terms import (
    ProposeAgreementTerms,
    propose_agreement_terms,
)
from services.enrollment.commands.seal_contact import ContactDetails, seal_contact
from services.enrollment.domain.agreement_refusals import (
    CooperationAgreementAlreadyDrafted,
    NoticePeriodRunning,
)
from services.enrollment.domain.agreement_terms import Terms, hash_of
from services.enrollment.domain.cooperation_agreement import CooperationAgreement, State
from tests.enrollment import made
from tests.enrollment.agreements import TERMS
from tests.enrollment.conftest import POLICIES, Desk, accepted

NOW = datetime(2020, 9, 10, 4, tzinfo=UTC)
OTHER = replace(TERMS, class_count=1)
Command = Callable[..., Awaitable[Sequence[Any]]]


async def run(
    desk: Desk, command: Command, *items: Any, party: str, now: datetime = NOW
) -> list[Any]:
    facts: dict[str, Any] = {"now": now}
    if command is not end_cooperation_agreements:
        facts["policies"] = POLICIES
    return await desk.run(command, *items, party=party, **facts)


async def draft(desk: Desk) -> CooperationAgreement:
    project = await desk.set_up_project()
    item = DraftCooperationAgreement(project_id=project.id, terms=TERMS)
    (answer,) = await run(desk, draft_cooperation_agreements, item, party=made.BACK)
    agreement: CooperationAgreement = accepted(answer)
    return agreement


async def conclude(desk: Desk) -> CooperationAgreement:
    agreement = await draft(desk)
    for party, version in ((made.FRONT, 1), (made.BACK, 2)):
        item = approval(agreement, version=version)
        (answer,) = await run(desk, approve_agreement_terms, item, party=party)
        agreement = accepted(answer)
    return agreement


def approval(
    agreement: CooperationAgreement, terms: Terms = TERMS, *, version: int = 1
) -> ApproveAgreementTerms:
    terms_hash = hash_of(terms.canonical(agreement.project_id))
    return ApproveAgreementTerms(id=agreement.id, etag=f'"{version}"', terms_hash=terms_hash)


async def revisions(desk: Desk) -> list[tuple[int, str]]:
    rows = await desk.rows("SELECT number, state FROM agreement_revision ORDER BY number")
    return [(row["number"], row["state"]) for row in rows]


async def test_a_project_has_one_agreement(desk: Desk) -> None:
    project = await desk.set_up_project()
    item = DraftCooperationAgreement(project_id=project.id, terms=TERMS)
    results = await asyncio.gather(
        *(run(desk, draft_cooperation_agreements, item, party=made.BACK) for _ in range(4))
    )
    refused = [each for (each,) in results if isinstance(each, DomainError)]
    assert [type(each) for each in refused] == [CooperationAgreementAlreadyDrafted] * 3
    assert await revisions(desk) == [(1, "PENDING")]
    missing = replace(item, project_id=uuid4())
    (answer,) = await run(desk, draft_cooperation_agreements, missing, party=made.BACK)
    assert isinstance(answer, ResourceNotFound)


async def test_each_fact_is_an_event_and_each_revision_is_kept(desk: Desk) -> None:
    agreement = await conclude(desk)
    assert agreement.state is State.IN_FORCE
    change = ProposeAgreementTerms(id=agreement.id, etag='"3"', terms=OTHER)
    await run(desk, propose_agreement_terms, change, party=made.FRONT)
    assert await revisions(desk) == [(1, "IN_FORCE"), (2, "PENDING")]
    for party, version in ((made.BACK, 4), (made.FRONT, 5)):
        item = approval(agreement, OTHER, version=version)
        accepted((await run(desk, approve_agreement_terms, item, party=party))[0])
    assert await revisions(desk) == [(1, "SUPERSEDED"), (2, "IN_FORCE")]
    assert [each for each, _ in await desk.events()][-6:] == [
        "CooperationAgreementDrafted",
        "AgreementTermsApproved",
        "CooperationAgreementConcluded",
        "AgreementTermsProposed",
        "AgreementTermsApproved",
        "CooperationAgreementConcluded",
    ]
    (row,) = await desk.rows("SELECT DISTINCT audience FROM change WHERE event_type LIKE '%Terms%'")
    assert sorted(row["audience"]) == sorted([made.FRONT, made.BACK])


async def test_an_approval_that_an_edit_overtakes_counts_for_nothing(desk: Desk) -> None:
    """The edit holds the lock; the approval waits, and then sees another version."""
    agreement = await draft(desk)
    await run(desk, approve_agreement_terms, approval(agreement), party=made.BACK)
    outcome: list[Any] = []

    async def approve() -> None:
        item = approval(agreement, version=2)
        outcome.extend(await run(desk, approve_agreement_terms, item, party=made.FRONT))

    change = ProposeAgreementTerms(id=agreement.id, etag='"2"', terms=OTHER)
    facts = {"now": NOW, "policies": POLICIES}
    await desk.run_around(approve(), propose_agreement_terms, change, party=made.FRONT, **facts)
    assert isinstance(outcome[0], EtagMismatch)
    assert await revisions(desk) == [(1, "VOIDED"), (2, "PENDING")]
    (row,) = await desk.rows("SELECT * FROM agreement_revision WHERE number = 2")
    assert (row["front_approve_time"], row["back_approve_time"]) == (None, None)


async def test_a_foreigner_is_told_that_there_is_none(desk: Desk) -> None:
    agreement = await draft(desk)
    item = approval(agreement, version=9)
    (refused,) = await run(desk, approve_agreement_terms, item, party=made.STRANGER)
    assert isinstance(refused, ResourceNotFound)


async def test_after_an_exit_a_project_may_have_another_agreement(desk: Desk) -> None:
    agreement = await conclude(desk)
    notice = GiveExitNotice(id=agreement.id, etag='"3"', exit_reason="专业调整")
    (exiting,) = await run(desk, give_exit_notice, notice, party=made.FRONT)
    # The policy of the day: 180 days.
    assert (accepted(exiting).exit_date - exiting.exit_notice_date).days == 180
    end = EndCooperationAgreement(id=agreement.id, etag='"4"')
    (early,) = await run(desk, end_cooperation_agreements, end, party=made.FRONT)
    assert isinstance(early, NoticePeriodRunning)
    later = NOW + timedelta(days=180)
    (ended,) = await run(desk, end_cooperation_agreements, end, party=made.FRONT, now=later)
    assert accepted(ended).state is State.ENDED
    assert await revisions(desk) == [(1, "ENDED")]
    item = DraftCooperationAgreement(project_id=agreement.project_id, terms=TERMS)
    (again,) = await run(desk, draft_cooperation_agreements, item, party=made.BACK, now=later)
    assert accepted(again).id != agreement.id


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE agreement_revision SET state = 'IN_FORCE', in_force_time = propose_time",
        (
            "INSERT INTO agreement_revision SELECT agreement_id, 9, state, document, terms_hash,"
            " proposed_by, propose_time, now(), now(), in_force_time, end_time"
            " FROM agreement_revision"
        ),
    ],
    ids=["without approvals", "a second one"],
)
async def test_the_database_itself_refuses_what_must_never_be(desk: Desk, statement: str) -> None:
    if "INSERT" in statement:
        await conclude(desk)
    else:
        await draft(desk)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await desk.rows(statement)


async def test_contacts_change_without_touching_the_terms(desk: Desk) -> None:
    agreement = await conclude(desk)
    for name, post in (("测试联系人", "教务处"), ("另一联系人", "招生办")):
        details = ContactDetails(display_name=name, phone="0512-10000000", post=post)
        item = NameAgreementContact(
            agreement_id=agreement.id, contact=await seal_contact(desk.keys, details)
        )
        (named,) = await desk.run(name_agreement_contacts, item, party=made.FRONT)
        accepted(named)
    (contact,) = await desk.rows("SELECT version, party, post FROM agreement_contact")
    assert contact == {"version": 2, "party": made.FRONT, "post": "招生办"}
    (row,) = await desk.rows("SELECT version, state FROM cooperation_agreement")
    assert row == {"version": 3, "state": "IN_FORCE"}
    (refused,) = await desk.run(name_agreement_contacts, item, party=made.STRANGER)
    assert isinstance(refused, ResourceNotFound)
