"""What the tests of the edge stand on: for every RPC a call that would succeed.

One world holds batches and applicants in every state that some call needs, at one business time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc.aio
import pytest
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.type.date_pb2 import Date
from guantong.transfer.v1.application_pb2 import Application
from guantong.transfer.v1.transfer_batch_pb2 import SchemeComponent, TransferBatch

from services.transfer import app
from services.transfer.commands.close_assessments import CloseAssessment, close_assessments
from services.transfer.commands.close_registrations import CloseRegistration, close_registrations
from services.transfer.commands.confirm_applications import ConfirmApplication, confirm_applications
from services.transfer.commands.draft_transfer_batches import (
    DraftTransferBatch,
    draft_transfer_batches,
)
from services.transfer.commands.file_transfer_plans import FileTransferPlan, file_transfer_plans
from services.transfer.commands.lock_scores import LockScores, lock_scores
from services.transfer.commands.raise_objections import RaiseObjection, raise_objections
from services.transfer.commands.record_arrivals import RecordArrival, record_arrivals
from services.transfer.commands.reject_applications import RejectApplication, reject_applications
from services.transfer.commands.sign_transfer_schemes import (
    SignTransferScheme,
    sign_transfer_schemes,
)
from services.transfer.commands.submit_applications import SubmitApplication, submit_applications
from tests.served import Served, details_of
from tests.transfer.aggregates import BACK, COLLEAGUE, FRONT, SCHEME
from tests.transfer.desk import Desk, at, id_of
from tests.transfer.way import Way

# A Monday: a notice runs from today, another is over, arrival is open here and over there.
TODAY = date(2023, 9, 11)
DAY = timedelta(days=1)
METHODS: Mapping[str, MethodDescriptor] = {
    method.name: method
    for file in app.CONTRACT
    for service in file.services_by_name.values()
    for method in service.methods
}


@dataclass(frozen=True, kw_only=True)
class Rpc:
    """Who calls an RPC, and a request of theirs that would succeed; with a new request_id."""

    party: str
    role: str
    fields: Mapping[str, Any]
    subject: str = ""


def civil(day: date) -> Date:
    return Date(year=day.year, month=day.month, day=day.day)


@dataclass(frozen=True, kw_only=True)
class World:
    """A running service, the calls that would succeed, and all that it has stored."""

    service: Served
    rpcs: Mapping[str, Rpc]

    def request(self, rpc: str, **changes: Any) -> Message:
        """Return a request that would succeed, but for these fields; None leaves one out."""
        kind = GetMessageClass(METHODS[rpc].input_type)
        fields: dict[str, Any] = {**self.rpcs[rpc].fields}
        if "request_id" in kind.DESCRIPTOR.fields_by_name:
            fields["request_id"] = str(uuid4())
        fields |= changes
        return kind(**{name: value for name, value in fields.items() if value is not None})

    def token(self, rpc: str, **changes: str) -> tuple[tuple[str, str]]:
        """Return the metadata of who calls an RPC, or of another party, role or subject."""
        of = self.rpcs[rpc]
        who = {"party": of.party, "role": of.role, "subject": of.subject} | changes
        return self.service.token(who["party"], who["role"], subject=who["subject"])

    async def call(self, rpc: str, request: Message | bytes, *, metadata: Any = None) -> Any:
        """Call an RPC, with a message or with bytes; of a stream take the first answer."""
        method = METHODS[rpc]
        path = f"/{method.containing_service.full_name}/{rpc}"
        sent = request if isinstance(request, bytes) else request.SerializeToString()
        parse = GetMessageClass(method.output_type).FromString
        given = self.token(rpc) if metadata is None else metadata
        channel: Any = self.service.channel
        if method.server_streaming:
            stream = channel.unary_stream(path, response_deserializer=parse)
            return await stream(sent, metadata=given, timeout=10).read()
        unary = channel.unary_unary(path, response_deserializer=parse)
        return await unary(sent, metadata=given, timeout=10)

    async def refused(
        self, rpc: str, request: Message | bytes, *, metadata: Any = None
    ) -> tuple[grpc.StatusCode, dict[str, Any]]:
        """Call an RPC that must be refused; return the code and the details.

        Nothing may change, and what is said must be said in both languages.
        """
        before = await self.stored()
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await self.call(rpc, request, metadata=metadata)
        assert await self.stored() == before
        details = details_of(raised.value)
        assert set(details["texts"]) == {"zh-CN", "en"}
        assert all(details["texts"].values())
        assert details["texts"]["zh-CN"] != details["texts"]["en"]
        return raised.value.code(), details

    async def stored(self) -> str:
        """Return a digest of every row of every table."""
        async with self.service.base.database.connection() as connection:
            tables = await connection.fetch(
                "SELECT relname FROM pg_class WHERE relkind = 'r'"
                " AND relnamespace = 'public'::regnamespace ORDER BY relname"
            )
            queries = (
                f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"  # noqa: S608 - of the catalogue
                f' FROM "{row["relname"]}" t'
                for row in tables
            )
            return str(
                await connection.fetchval(
                    "SELECT concat_ws(' ', " + ", ".join(f"({query})" for query in queries) + ")"
                )
            )


async def make_world(service: Served) -> World:
    """Take batches and applicants as far as the calls need them."""
    service.clock.advance(at(TODAY))
    desk = Desk(service.base.database, service.keys)
    rpcs = {
        **_reading(),
        **await _of_batches(desk),
        **await _registering(desk),
        **await _of_objections(desk),
        **await _arriving(desk),
    }
    return World(service=service, rpcs=_known(rpcs))


def _known(rpcs: dict[str, Rpc]) -> dict[str, Rpc]:
    """Let the reading calls read what the others have made."""
    application = rpcs["SubmitApplication"].fields["name"]
    batch = rpcs["CloseRegistration"].fields["name"]
    objection = rpcs["ResolveObjection"].fields["name"]
    for rpc, name in (
        ("GetApplication", application),
        ("GetTransferBatch", batch),
        ("GetObjection", objection),
    ):
        rpcs[rpc] = Rpc(party=FRONT, role="registrar", fields={"name": name})
    return rpcs


def _reading() -> dict[str, Rpc]:
    lists = ("ListApplications", "ListTransferBatches", "ListObjections")
    feed = ("ListChanges", "WatchChanges", "GetHead", "GetDigest", "ListDigestEntries")
    return {rpc: Rpc(party=FRONT, role="registrar", fields={}) for rpc in (*lists, *feed)}


def _change(resource: Any, **fields: Any) -> dict[str, Any]:
    return {"name": resource.name, "etag": resource.etag, **fields}


def _back(resource: Any, **fields: Any) -> Rpc:
    return Rpc(party=BACK, role="approver", fields=_change(resource, **fields))


def _front(resource: Any, role: str = "registrar", **fields: Any) -> Rpc:
    return Rpc(party=FRONT, role=role, fields=_change(resource, **fields))


async def _draft_batch(desk: Desk) -> TransferBatch:
    project_id = await desk.know_project()
    item = DraftTransferBatch(project_id=project_id, quota=5, scheme=SCHEME)
    batch: TransferBatch = await desk.one(draft_transfer_batches, item, party=BACK)
    return batch


async def _of_batches(desk: Desk) -> dict[str, Rpc]:
    """Make a batch for each step."""
    unsigned = await _draft_batch(desk)
    signed = Way(desk, await _draft_batch(desk))
    for party in (FRONT, BACK):
        await signed.step(sign_transfer_schemes, SignTransferScheme, party=party)
    filed = Way(desk, await _draft_batch(desk))
    for party in (FRONT, BACK):
        await filed.step(sign_transfer_schemes, SignTransferScheme, party=party)
    await filed.step(file_transfer_plans, FileTransferPlan)
    opened, qualified, assessed, locked = [await Way.begin(desk) for _ in range(4)]
    for way in (qualified, assessed, locked):
        await way.step(close_registrations, CloseRegistration)
    for way in (assessed, locked):
        await way.step(close_assessments, CloseAssessment)
    await locked.step(lock_scores, LockScores)
    project = await desk.know_project()
    component = SchemeComponent(
        component_id="skills", display_name="技能", weight=100, full_mark_hundredths=10_000
    )
    return {
        "CreateTransferBatch": Rpc(
            party=BACK,
            role="approver",
            fields={
                "pathway_project": f"pathwayProjects/{project}",
                "quota": 30,
                "components": [component],
                "minimum_total_hundredths": 6_000,
            },
        ),
        "SignTransferScheme": _front(unsigned, "approver"),
        "FileTransferPlan": _back(signed.batch),
        "OpenRegistration": _back(filed.batch),
        "CloseRegistration": _back(opened.batch),
        "CloseAssessment": _back(qualified.batch),
        "LockScores": _back(assessed.batch),
        "PublishProposal": _back(
            locked.batch,
            notice_begin_date=civil(TODAY),
            notice_end_date=civil(TODAY + 4 * DAY),
        ),
    }


async def _registering(desk: Desk) -> dict[str, Rpc]:
    """Make an applicant for each step before the proposal."""
    way = await Way.begin(desk)
    project_id = UUID(way.batch.pathway_project.partition("/")[2])
    (member,) = await desk.know_members(project_id, 1)
    await way.draft(6)
    draft, *others = way.applicants
    way.applicants = others
    await way.all(submit_applications, SubmitApplication, party=FRONT)
    to_confirm, to_reject, to_withdraw, *others = way.applicants
    way.applicants = others[:1]
    await way.all(reject_applications, RejectApplication, party=FRONT, sealed_decision_reason=b"")
    (rejected,) = way.applicants
    way.applicants = others[1:]
    await way.all(confirm_applications, ConfirmApplication, party=FRONT, subject=COLLEAGUE)
    (confirmed,) = way.applicants
    assessing = await Way.begin(desk)
    await assessing.draft(1)
    await assessing.qualify()
    await assessing.step(close_registrations, CloseRegistration)
    marks = [{"component_id": name, "mark_hundredths": 8_000} for name in ("culture", "skills")]
    item = {"name": draft.name, "etag": draft.etag}
    return {
        "CreateApplication": Rpc(
            party=FRONT,
            role="registrar",
            fields={"transfer_batch": way.batch.name, "cohort_member": f"cohortMembers/{member}"},
        ),
        "SubmitApplication": _front(draft),
        "BatchSubmitApplications": Rpc(party=FRONT, role="registrar", fields={"items": [item]}),
        "ConfirmApplication": _front(to_confirm),
        "RejectApplication": _front(to_reject, reject_reason="材料不全"),
        "WithdrawApplication": _front(to_withdraw, guardian_consented=True),
        "DivertApplication": _front(rejected, diversion=Application.DIVERSION_ORDINARY_EXAM),
        "QualifyApplication": _back(confirmed),
        "AssessApplication": _back(assessing.applicants[0], marks=marks),
    }


async def _proposed(desk: Desk, count: int, *, begin: date) -> Way:
    """Return a batch whose notice begins on a Monday."""
    way = await Way.begin(desk)
    return await way.proposed(count, begin=begin, end=begin + 4 * DAY)


async def _of_objections(desk: Desk) -> dict[str, Rpc]:
    """Make a list that is on notice, one whose notice is over, and later ones."""
    noticed = await _proposed(desk, 2, begin=TODAY)
    proposed, objected = noticed.applicants
    raised = RaiseObjection(application_id=id_of(objected), sealed_ground=b"")
    objection = await desk.one(raise_objections, raised, party=FRONT, now=at(TODAY))
    over, reported, approved, decided = [
        await _proposed(desk, count, begin=TODAY - 7 * DAY) for count in (1, 1, 2, 0)
    ]
    await reported.report(now=at(TODAY))
    for way in (approved, decided):
        await way.approve(now=at(TODAY))
    to_admit, to_refuse = approved.applicants
    return {
        "RaiseObjection": Rpc(
            party=FRONT,
            role="registrar",
            fields={"application": proposed.name, "ground": "成绩有误"},
        ),
        "ResolveObjection": _back(objection, upheld=True, decision="查实"),
        "ReportTransferBatch": _back(over.batch),
        "RecordAuthorityApproval": _back(reported.batch, approval_number="苏考院1号"),
        "AdmitApplication": _back(to_admit),
        "RefuseApplication": _back(to_refuse, refuse_reason="未予批准"),
        "OpenArrival": _back(
            decided.batch,
            arrival_begin_date=civil(TODAY),
            arrival_deadline_date=civil(TODAY + DAY),
        ),
    }


async def _arriving(desk: Desk) -> dict[str, Rpc]:
    """Make admitted applicants whose arrival is open, one whose deadline passed, and an end."""
    ways = []
    for count, deadline in ((4, TODAY + 7 * DAY), (1, TODAY - DAY), (0, TODAY - DAY)):
        way = await _proposed(desk, count, begin=TODAY - 14 * DAY)
        await way.approve(now=at(TODAY - 7 * DAY))
        await way.admit()
        await way.open_arrival(begin=TODAY - 5 * DAY, deadline=deadline)
        ways.append(way)
    here, late, empty = ways
    *admitted, arrived = here.applicants
    here.applicants = [arrived]
    await here.all(record_arrivals, RecordArrival, arrive_date=TODAY, now=at(TODAY))
    to_leave, to_retain, to_arrive = admitted
    return {
        "GrantLeave": _back(to_leave, leave_until_date=civil(TODAY + DAY)),
        "RetainPlace": _back(
            to_retain,
            retention_kind=Application.RETENTION_KIND_ILLNESS,
            retained_until_date=civil(date(2024, 9, 1)),
        ),
        "RecordArrival": _back(to_arrive, arrive_date=civil(TODAY)),
        "CancelApplication": _back(here.applicants[0], cancel_reason="复查不合格"),
        "ForfeitPlace": _back(late.applicants[0]),
        "CloseTransferBatch": _back(empty.batch),
    }
