"""The whole procedure on real PostgreSQL: ten applicants with ten fates, and what is recorded."""

from datetime import date
from uuid import uuid4

from guantong.transfer.v1.application_pb2 import Application

from services.transfer.commands.admit_applications import AdmitApplication, admit_applications
from services.transfer.commands.assess_applications import AssessApplication, assess_applications
from services.transfer.commands.cancel_applications import CancelApplication, cancel_applications
from services.transfer.commands.close_registrations import CloseRegistration, close_registrations
from services.transfer.commands.close_transfer_batches import (
    CloseTransferBatch,
    close_transfer_batches,
)
from services.transfer.commands.divert_applications import DivertApplication, divert_applications
from services.transfer.commands.forfeit_places import ForfeitPlace, forfeit_places
from services.transfer.commands.grant_leave import GrantLeave, grant_leave
from services.transfer.commands.note_registrations import NoteRegistration, note_registrations
from services.transfer.commands.raise_objections import RaiseObjection, raise_objections
from services.transfer.commands.record_arrivals import RecordArrival, record_arrivals
from services.transfer.commands.refuse_applications import RefuseApplication, refuse_applications
from services.transfer.commands.resolve_objections import ResolveObjection, resolve_objections
from services.transfer.commands.retain_places import RetainPlace, retain_places
from services.transfer.commands.withdraw_applications import (
    WithdrawApplication,
    withdraw_applications,
)
from services.transfer.domain.application_states import Diversion, RetentionKind
from tests.transfer.aggregates import BACK, COLLEAGUE, DEADLINE, FRONT, marks
from tests.transfer.desk import Desk, at, id_of, target
from tests.transfer.way import Way

LATER = at(date(2023, 9, 11))
LATE = at(date(2023, 9, 25))
EMPTY = {"marks": (), "absent": False, "exempt": False, "sealed_exemption_ground": b""}


class Fates:
    """Acts on single applicants by name."""

    def __init__(self, way: Way, *names: str) -> None:
        self.way = way
        self.of = dict(zip(names, way.applicants, strict=True))

    async def change(self, name: str, command: object, item: type, **facts: object) -> None:
        run = {key: facts.pop(key) for key in ("party", "now") if key in facts}
        wanted = item(**target(self.of[name]), **facts)
        self.of[name] = await self.way.desk.one(command, wanted, **{"party": BACK, **run})  # type: ignore[arg-type]

    async def read(self) -> None:
        self.way.applicants = list(self.of.values())
        await self.way.read()

    def states(self) -> dict[str, str]:
        return {
            name: Application.State.Name(each.state).removeprefix("STATE_")
            for name, each in self.of.items()
        }


async def decide_objections(fates: Fates) -> None:
    """Object to two of the proposed: one objection is upheld, and one is not."""
    desk = fates.way.desk
    for name, upheld in (("disqualified", True), ("registered", False)):
        raised = RaiseObjection(application_id=id_of(fates.of[name]), sealed_ground=b"sealed")
        objection = await desk.one(raise_objections, raised, party=FRONT)
        decided = ResolveObjection(
            **target(objection),
            upheld=upheld,
            sealed_decision=b"sealed",
            sealed_decision_reason=b"sealed",
        )
        await desk.one(resolve_objections, decided, party=BACK, subject=COLLEAGUE)
    await fates.read()


async def note(desk: Desk, application: Application, **facts: object) -> None:
    """Hear enrollment's decision on an arrival."""
    given = {"status_record_id": None, "blocking_reason": ""} | facts
    item = NoteRegistration(application_id=id_of(application), **given)  # type: ignore[arg-type]
    await desk.hear(note_registrations, item)


async def test_ten_applicants_with_ten_fates(desk: Desk) -> None:
    way = await Way.begin(desk, quota=8)
    await way.draft(10)
    await way.qualify()
    await way.step(close_registrations, CloseRegistration)
    fates = Fates(
        way,
        *("registered", "cancelled", "retained", "forfeited", "refused", "withdrawn"),
        *("disqualified", "exempt", "absent", "below"),
    )
    await assess(fates)
    assert fates.states() == dict.fromkeys(fates.of, "ASSESSED_MET") | {
        "exempt": "EXEMPT",
        "absent": "ABSENT",
        "below": "ASSESSED_NOT_MET",
    }
    await way.propose()
    assert await desk.places() == [(8, 8, 0, 0)]
    await decide_objections(fates)
    assert fates.states()["disqualified"] == "DISQUALIFIED"
    assert await desk.places() == [(8, 7, 0, 1)]
    await fates.change(
        "withdrawn",
        withdraw_applications,
        WithdrawApplication,
        party=FRONT,
        guardian_consented=True,
    )
    await way.approve()
    await fates.change(
        "refused", refuse_applications, RefuseApplication, sealed_decision_reason=b"sealed"
    )
    admitted = ("exempt", "registered", "cancelled", "retained", "forfeited")
    for name in admitted:
        await fates.change(name, admit_applications, AdmitApplication)
    assert await desk.places() == [(8, 0, 5, 3)]
    await way.open_arrival()
    await arrive_and_end(fates)
    assert fates.states() == {
        "registered": "REGISTERED",
        "cancelled": "CANCELLED",
        "retained": "RETAINED",
        "forfeited": "FORFEITED",
        "refused": "DIVERTED",
        "withdrawn": "DIVERTED",
        "disqualified": "DIVERTED",
        "exempt": "REGISTERED",
        "absent": "DIVERTED",
        "below": "DIVERTED",
    }
    assert await desk.places() == [(8, 0, 3, 5)]
    await way.step(close_transfer_batches, CloseTransferBatch)
    await check_history(desk)


async def assess(fates: Fates) -> None:
    """Give each the result of its fate; the others marks that differ."""
    scores = iter(range(9_900, 9_000, -100))
    for name in fates.of:
        result = {
            "exempt": EMPTY | {"exempt": True, "sealed_exemption_ground": b"sealed"},
            "absent": EMPTY | {"absent": True},
        }.get(name)
        if result is None:
            score = next(scores) if name != "below" else 5_999
            result = EMPTY | {"marks": marks(culture=score, skills=score)}
        await fates.change(name, assess_applications, AssessApplication, **result)
    await fates.read()


async def arrive_and_end(fates: Fates) -> None:
    """Arrive, be kept a place, give it up, fail the re-check, take another route."""
    desk = fates.way.desk
    await fates.change(
        "retained",
        retain_places,
        RetainPlace,
        kind=RetentionKind.ILLNESS,
        until=date(2024, 9, 1),
    )
    await fates.change("forfeited", grant_leave, GrantLeave, until=date(2023, 9, 24))
    for name in ("registered", "cancelled", "exempt"):
        await fates.change(name, record_arrivals, RecordArrival, arrive_date=DEADLINE, now=LATER)
    await note(desk, fates.of["registered"], blocking_reason="FRONT_NOT_GRADUATED")
    # Heard again, it changes nothing.
    await note(desk, fates.of["registered"], blocking_reason="FRONT_NOT_GRADUATED")
    for name in ("registered", "exempt", "cancelled"):
        await note(desk, fates.of[name], status_record_id=uuid4())
    await fates.read()
    await fates.change(
        "cancelled",
        cancel_applications,
        CancelApplication,
        sealed_decision_reason=b"sealed",
        now=LATE,
    )
    await note(desk, fates.of["cancelled"], status_record_id=uuid4())
    await fates.change("forfeited", forfeit_places, ForfeitPlace, now=LATE)
    for name in ("refused", "withdrawn", "disqualified", "absent", "below"):
        await fates.change(
            name,
            divert_applications,
            DivertApplication,
            party=FRONT,
            diversion=Diversion.ORDINARY_EXAM,
        )
    await fates.read()


async def check_history(desk: Desk) -> None:
    """Check that each resource has all its versions, in order, for both schools."""
    changes = await desk.rows(
        "SELECT resource_name, version, event_type, audience, actor_organisation"
        " FROM change ORDER BY id"
    )
    seen: dict[str, int] = {}
    for each in changes:
        assert each["version"] == seen.get(each["resource_name"], 0) + 1
        seen[each["resource_name"]] = each["version"]
        assert each["audience"] == [FRONT, BACK]
    stored = await desk.rows(
        "SELECT id, version, 'applications' AS kind FROM application UNION ALL"
        " SELECT id, version, 'transferBatches' FROM transfer_batch UNION ALL"
        " SELECT id, version, 'objections' FROM objection"
    )
    assert seen == {f"{each['kind']}/{each['id']}": each["version"] for each in stored}
    put_aside = await desk.rows("SELECT change_id FROM unsequenced")
    assert len(put_aside) == len(changes)
    blocked = [each for each in changes if each["event_type"] == "ApplicationBlocked"]
    assert len(blocked) == 1
