"""Cooperations at a desk that runs commands: drafted, signed, in force, with pupils."""

import inspect
from datetime import UTC, date, datetime
from typing import Any

from chassis.errors import DomainError
from chassis.paging import read_page
from services.enrollment.commands.add_cooperation_pupils import (
    AddCooperationPupil,
    add_cooperation_pupils,
)
from services.enrollment.commands.create_organisations import create_organisations
from services.enrollment.commands.draft_cooperations import DraftCooperation, draft_cooperations
from services.enrollment.commands.give_consents import GiveConsent, give_consents
from services.enrollment.commands.record_guardians import RecordGuardian, record_guardians
from services.enrollment.commands.sign_cooperations import SignCooperation, sign_cooperations
from services.enrollment.commands.start_cooperations import StartCooperation, start_cooperations
from services.enrollment.domain.cohort_member import CohortMember
from services.enrollment.domain.consent import Purpose
from services.enrollment.domain.cooperation import Cooperation
from services.enrollment.domain.cooperation_facts import State
from services.enrollment.domain.cooperation_parts import Agreement, Entrant, Kind, Role
from services.enrollment.domain.cooperation_pupil import CooperationPupil
from services.enrollment.domain.organisation import Kind as OrganisationKind
from tests.enrollment import made
from tests.enrollment.conftest import Desk, accepted, organisation
from tests.enrollment.cooperations import OTHER_SHA, PAPER, SHA, uscc

# The student of the case is 17.
NOW = datetime(2022, 9, 10, 4, tzinfo=UTC)
TODAY = date(2022, 9, 10)
FIRM, RIVAL = "tongcheng", "bazhuayu"
AGREEMENT = Agreement(
    number="旅财合〔2022〕1号",
    sha256=SHA,
    valid_from_date=date(2022, 9, 1),
    valid_to_date=date(2025, 8, 31),
)
ALL = read_page(1000, "", {})


async def run(desk: Desk, command: Any, *items: Any, **facts: Any) -> list[Any]:
    return await desk.run(command, *items, **_now(command) | facts)


def _now(command: Any) -> dict[str, Any]:
    return {"now": NOW} if "now" in inspect.signature(command).parameters else {}


def firms(*slugs: str) -> list[Any]:
    return [
        organisation(slug, OrganisationKind.ENTERPRISE, uscc=uscc(serial))
        for serial, slug in enumerate(slugs, start=900)
    ]


def draft_of(kind: Kind = Kind.APPRENTICESHIP, **changes: Any) -> DraftCooperation:
    facts: dict[str, Any] = {
        "kind": kind,
        "display_name": "现代学徒制",
        "entrants": (
            Entrant(organisation=made.FRONT, role=Role.SCHOOL),
            Entrant(organisation=FIRM, role=Role.ENTERPRISE),
        ),
        "agreement": AGREEMENT,
    }
    if kind in {Kind.NAMED_CLASS, Kind.ORDER_CLASS}:
        facts |= {"class_name": "同程班", "student_count": 1}
    return DraftCooperation(**{**facts, **changes})


async def set_up(desk: Desk) -> CohortMember:
    """Enrol a student of 15 years, and register two enterprises."""
    cohort = await desk.set_up_cohort()
    await desk.run(create_organisations, *firms(FIRM, RIVAL))
    return await desk.enroll(cohort.id)


async def draft(desk: Desk, item: DraftCooperation | None = None) -> Cooperation:
    (found,) = await run(desk, draft_cooperations, item or draft_of(), party=made.FRONT)
    drafted: Cooperation = accepted(found)
    return drafted


def target(found: Any, version: int | None = None) -> dict[str, Any]:
    return {"id": found.id, "etag": f'"{version or found.version}"'}


def signature(found: Cooperation, version: int | None = None, **changes: Any) -> SignCooperation:
    sha = found.agreement.sha256 if found.agreement else ""
    facts = {"agreement_sha256": sha, "enterprise": "", "paper_sha256": "", **changes}
    return SignCooperation(**target(found, version), **facts)


async def sign(desk: Desk, found: Cooperation) -> Cooperation:
    """Let each sign whose turn it is."""
    while found.state is State.DRAFTED:
        party = str(found.holder)
        (signed,) = await run(desk, sign_cooperations, signature(found), party=party)
        found = accepted(signed)
    return found


async def in_force(desk: Desk, item: DraftCooperation | None = None) -> Cooperation:
    found = await sign(desk, await draft(desk, item))
    start = StartCooperation(**target(found))
    (started,) = await run(desk, start_cooperations, start, party=found.drafted_by)
    in_force: Cooperation = accepted(started)
    return in_force


async def place(desk: Desk, found: Cooperation, member: CohortMember) -> AddCooperationPupil:
    return AddCooperationPupil(
        cooperation_id=found.id,
        status_record_id=await desk.front_record_id(member.id),
        join_date=TODAY,
        agreement_sha256=OTHER_SHA,
    )


async def add(desk: Desk, item: AddCooperationPupil) -> CooperationPupil | DomainError:
    (pupil,) = await run(desk, add_cooperation_pupils, item, party=made.FRONT, keys=desk.keys)
    result: CooperationPupil | DomainError = pupil
    return result


async def consent(desk: Desk, member: CohortMember, purpose: Purpose) -> Any:
    """Record a consent: a guardian's for work, the student's own for an enterprise."""
    guardian_id = None
    if purpose is Purpose.INTERNSHIP:
        details = RecordGuardian(
            person_id=member.person_id, display_name="测试监护人", relation="父亲", phone="1" * 11
        )
        (guardian,) = await desk.run(record_guardians, details, party=made.FRONT, keys=desk.keys)
        guardian_id = accepted(guardian).id
    item = GiveConsent(
        person_id=member.person_id,
        guardian_id=guardian_id,
        purpose=purpose,
        give_date=TODAY,
        evidence_sha256=PAPER,
    )
    facts = {"party": made.FRONT, "keys": desk.keys, "today": TODAY}
    (given,) = await desk.run(give_consents, item, **facts)
    return accepted(given)


async def put_in_force(
    desk: Desk, drafts: list[DraftCooperation], *, party: str
) -> list[Cooperation]:
    """Draft, sign and start many at once; the school records what enterprises signed on paper."""
    found = [accepted(each) for each in await run(desk, draft_cooperations, *drafts, party=party)]
    for entrant in drafts[0].entrants:
        enterprise = entrant.organisation if entrant.role is Role.ENTERPRISE else ""
        paper: dict[str, Any] = {
            "enterprise": enterprise,
            "paper_sha256": PAPER if enterprise else "",
        }
        items = [signature(each, **paper) for each in found]
        found = [accepted(each) for each in await run(desk, sign_cooperations, *items, party=party)]
    starts = [StartCooperation(**target(each)) for each in found]
    return [accepted(each) for each in await run(desk, start_cooperations, *starts, party=party)]
