"""Every reason of the contract is reached by a call, and says what the contract says of it.

What bad input alone reaches is in the table of bad input; here are the records in other states.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from guantong.common.v1 import error_reason_pb2 as common_pb
from guantong.transfer.v1 import error_reason_pb2

from services.transfer.commands.admit_applications import AdmitApplication, admit_applications
from services.transfer.commands.raise_objections import RaiseObjection, raise_objections
from services.transfer.commands.record_arrivals import RecordArrival, record_arrivals
from services.transfer.commands.resolve_objections import ResolveObjection, resolve_objections
from services.transfer.domain import refusals
from tests.transfer.aggregates import BACK, COLLEAGUE, FRONT
from tests.transfer.desk import Desk, at, id_of, target
from tests.transfer.edge.bad_input import CASES
from tests.transfer.edge.world import DAY, TODAY, World, civil
from tests.transfer.way import Way

Code = grpc.StatusCode
# Of these nobody can be found: a stranger is told that there is nothing, before any rule is asked.
SECOND_LINE = {"NOT_A_PARTY"}
# Elsewhere: the other school (test_every_rpc), and who may act at all (test_standing).
ELSEWHERE = {
    *("NOT_FRONT_SCHOOL", "NOT_BACK_COLLEGE"),
    *("ORGANISATION_BLOCKED", "ORGANISATION_ENDED", "NOT_STAND_IN"),
}

# By reason: what a name of the contract is called in Chinese.
WORDS = {
    each.reason: each.words
    for each in vars(refusals).values()
    if isinstance(each, type) and issubclass(each, refusals.TransferRefusal)
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A call that a rule refuses: an RPC, on the record that another RPC is for or on `other`."""

    reason: str
    rpc: str
    of: str = ""
    other: str = ""
    code: str = "FAILED_PRECONDITION"
    changes: dict[str, Any] = field(default_factory=dict)
    caller: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] | None = None


ROWS = [
    Row(
        reason="TRANSFER_BATCH_STATE_WRONG",
        rpc="OpenRegistration",
        of="SignTransferScheme",
        metadata={"actual": "DRAFT", "expected": "PLAN_FILED"},
    ),
    Row(
        reason="ARRIVAL_DEADLINE_PASSED",
        rpc="OpenArrival",
        of="OpenArrival",
        code="INVALID_ARGUMENT",
        changes={
            "arrival_begin_date": civil(TODAY - 2 * DAY),
            "arrival_deadline_date": civil(TODAY - DAY),
        },
        metadata={"deadline": "2023-09-10", "today": "2023-09-11"},
    ),
    Row(reason="SCHEME_NOT_SIGNED", rpc="FileTransferPlan", of="SignTransferScheme"),
    Row(reason="SCHEME_ALREADY_SIGNED", rpc="SignTransferScheme", of="FileTransferPlan"),
    Row(
        reason="TRANSFER_BATCH_ALREADY_DRAFTED",
        rpc="CreateTransferBatch",
        other="project with a batch",
        code="ALREADY_EXISTS",
    ),
    Row(
        reason="PATHWAY_PROJECT_NOT_APPROVED",
        rpc="CreateTransferBatch",
        other="project that is not approved",
    ),
    Row(
        reason="APPLICATIONS_UNDECIDED",
        rpc="CloseRegistration",
        other="batch with a draft",
        metadata={"count": "1", "states": "DRAFT"},
    ),
    Row(
        reason="NOTICE_NOT_OVER",
        rpc="ReportTransferBatch",
        other="batch on notice",
        metadata={"end": str(TODAY + 4 * DAY)},
    ),
    Row(reason="NOTICE_OVER", rpc="RaiseObjection", other="proposed after the notice"),
    Row(
        reason="OBJECTION_OPEN",
        rpc="ReportTransferBatch",
        other="batch with an objection",
        metadata={"count": "1"},
    ),
    Row(
        reason="APPLICATION_ALREADY_EXISTS",
        rpc="CreateApplication",
        other="member with an application",
        code="ALREADY_EXISTS",
    ),
    Row(reason="MEMBER_NOT_OF_PROJECT", rpc="CreateApplication", other="member of another project"),
    Row(
        reason="MEMBER_NOT_IN_PATHWAY",
        rpc="CreateApplication",
        other="member who left",
        metadata={"state": "LEFT"},
    ),
    Row(reason="REGISTRATION_NOT_OPEN", rpc="CreateApplication", other="batch that is closed"),
    *(
        Row(reason=f"APPLICATION_NOT_{reason}", rpc=rpc, of=of)
        for reason, rpc, of in (
            ("DRAFT", "SubmitApplication", "ConfirmApplication"),
            ("SUBMITTED", "ConfirmApplication", "SubmitApplication"),
            ("CONFIRMED", "QualifyApplication", "SubmitApplication"),
            ("QUALIFIED", "AssessApplication", "QualifyApplication"),
            ("PROPOSED", "AdmitApplication", "QualifyApplication"),
            ("PROPOSED", "RefuseApplication", "GrantLeave"),
            ("ADMITTED", "GrantLeave", "AdmitApplication"),
            ("ADMITTED", "RecordArrival", "CancelApplication"),
            ("ARRIVED", "CancelApplication", "GrantLeave"),
            ("REJECTABLE", "RejectApplication", "SubmitApplication"),
            ("WITHDRAWABLE", "WithdrawApplication", "DivertApplication"),
            ("DIVERTIBLE", "DivertApplication", "SubmitApplication"),
        )
    ),
    Row(
        reason="SELF_CONFIRMATION",
        rpc="ConfirmApplication",
        of="ConfirmApplication",
        caller={"subject": f"{FRONT}-approver"},
        metadata={"actor": f"{FRONT}-approver"},
    ),
    Row(
        reason="SELF_RESOLUTION",
        rpc="ResolveObjection",
        of="ResolveObjection",
        caller={"subject": f"{FRONT}-approver"},
    ),
    Row(
        reason="OBJECTION_ALREADY_RESOLVED",
        rpc="ResolveObjection",
        other="objection that is decided",
        metadata={"state": "DISMISSED"},
    ),
    Row(
        reason="LIVE_ADMISSION_EXISTS",
        rpc="AdmitApplication",
        other="admitted elsewhere",
        code="ALREADY_EXISTS",
        metadata={"year": "2023"},
    ),
    Row(
        reason="APPROVAL_NOT_RECORDED",
        rpc="AdmitApplication",
        other="proposed",
        metadata={"state": "PROPOSED_PUBLISHED"},
    ),
    Row(reason="ARRIVAL_OVER", rpc="GrantLeave", of="ForfeitPlace"),
    Row(reason="ARRIVAL_NOT_OVER", rpc="ForfeitPlace", of="GrantLeave"),
    Row(reason="RECHECK_OVER", rpc="CancelApplication", other="arrived long ago"),
    Row(
        reason="GUARDIAN_CONSENT_MISSING",
        rpc="WithdrawApplication",
        other="minor",
        changes={"guardian_consented": None},
    ),
]


@pytest.fixture(scope="module")
async def others(world: World) -> dict[str, dict[str, Any]]:
    """Return, by what they are, the fields that name records which no call is for."""
    desk = Desk(world.service.base.database, world.service.keys)
    return {
        **await _of_registration(desk),
        **await _of_notices(desk),
        **await _of_admissions(desk),
    }


def _named(resource: Any) -> dict[str, str]:
    return {"name": resource.name, "etag": resource.etag}


async def _of_registration(desk: Desk) -> dict[str, dict[str, Any]]:
    way = await Way.begin(desk)
    (draft,) = await way.draft(1, birth_year=2006)
    project = UUID(way.batch.pathway_project.partition("/")[2])
    (gone,) = await desk.know_members(project, 1, state="LEFT")
    (foreign,) = await desk.know_members(await desk.know_project(), 1)
    (member,) = await desk.know_members(project, 1)
    closed = await (await Way.begin(desk)).proposed(0)
    batch = {"transfer_batch": way.batch.name}
    declared = await desk.know_project(state="DECLARED")
    return {
        "batch with a draft": _named(way.batch),
        "minor": _named(draft),
        "member with an application": batch | {"cohort_member": draft.cohort_member},
        "member who left": batch | {"cohort_member": f"cohortMembers/{gone}"},
        "member of another project": batch | {"cohort_member": f"cohortMembers/{foreign}"},
        "batch that is closed": {
            "transfer_batch": closed.batch.name,
            "cohort_member": f"cohortMembers/{member}",
        },
        "project with a batch": {"pathway_project": way.batch.pathway_project},
        "project that is not approved": {"pathway_project": f"pathwayProjects/{declared}"},
    }


async def _of_notices(desk: Desk) -> dict[str, dict[str, Any]]:
    running = await (await Way.begin(desk)).proposed(1, begin=TODAY, end=TODAY + 4 * DAY)
    begin = TODAY - 7 * DAY
    over = await (await Way.begin(desk)).proposed(3, begin=begin, end=begin + 4 * DAY)
    left, *objected = over.applicants
    raised: list[Any] = await desk.many(
        raise_objections,
        *(RaiseObjection(application_id=id_of(each), sealed_ground=b"") for each in objected),
        party=BACK,
        now=at(begin),
    )
    dismissed = ResolveObjection(
        **target(raised[0]), upheld=False, sealed_decision=b"", sealed_decision_reason=b""
    )
    decided = await desk.one(resolve_objections, dismissed, party=BACK, subject=COLLEAGUE)
    return {
        "batch on notice": _named(running.batch),
        "proposed": _named(running.applicants[0]),
        "proposed after the notice": {"application": left.name},
        "batch with an objection": _named(over.batch),
        "objection that is decided": _named(decided),
    }


async def _of_admissions(desk: Desk) -> dict[str, dict[str, Any]]:
    person_id = uuid4()
    ways = []
    for _ in range(2):
        way = await Way.begin(desk)
        await way.draft(1, person_id=person_id)
        await way.proposed(0, begin=date(2023, 3, 6), end=date(2023, 3, 10))
        await way.approve(now=at(date(2023, 3, 13)))
        ways.append(way)
    here, elsewhere = ways
    item = AdmitApplication(**target(here.applicants[0]))
    here.applicants = [await desk.one(admit_applications, item, party=BACK)]
    arrival = date(2023, 4, 3)
    await here.open_arrival(begin=arrival, deadline=arrival)
    await here.all(record_arrivals, RecordArrival, arrive_date=arrival, now=at(arrival))
    return {
        "admitted elsewhere": _named(elsewhere.applicants[0]),
        "arrived long ago": _named(here.applicants[0]),
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.reason}-{row.rpc}")
async def test_a_rule_refuses_with_its_reason(
    world: World, others: dict[str, dict[str, Any]], row: Row
) -> None:
    of = world.rpcs[row.of].fields if row.of else others[row.other]
    names = ("name", "etag") if row.of else of
    changes = {name: of[name] for name in names} | row.changes
    code, details = await world.refused(
        row.rpc, world.request(row.rpc, **changes), metadata=world.token(row.rpc, **row.caller)
    )
    assert (code.name, details["reason"]) == (row.code, row.reason)
    assert details["domain"] == "transfer.guantong"
    if row.metadata is not None:
        assert details["metadata"] == row.metadata
    for fact, value in details["metadata"].items():
        word = WORDS[row.reason].get(fact, {}).get(value, value)
        assert word in details["texts"]["zh-CN"]
        assert value in details["texts"]["en"]


def test_every_reason_of_the_contract_is_reached() -> None:
    every = {
        each.removeprefix("ERROR_REASON_")
        for each in error_reason_pb2.ErrorReason.DESCRIPTOR.values_by_name
    }
    common = {
        each.removeprefix("ERROR_REASON_")
        for each in common_pb.ErrorReason.DESCRIPTOR.values_by_name
    }
    reached = {row.reason for row in ROWS} | {case.reason for case in CASES} - common
    assert every - {"UNSPECIFIED"} == reached | SECOND_LINE | ELSEWHERE
