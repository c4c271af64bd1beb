"""What surrounds every RPC: each way in which a call may fail, and what is said of it."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import asyncpg
import grpc.aio
import pytest
from guantong.common.v1 import clock_service_pb2 as pb
from guantong.common.v1.clock_service_pb2_grpc import (
    ClockServiceServicer,
    ClockServiceStub,
    add_ClockServiceServicer_to_server,
)
from guantong.transfer.v1 import changes_service_pb2
from guantong.transfer.v1.changes_service_pb2_grpc import (
    ChangesServiceServicer,
    ChangesServiceStub,
    add_ChangesServiceServicer_to_server,
)
from structlog.testing import capture_logs

from chassis.changes import Origin
from chassis.clock import SystemClock
from chassis.errors import CursorExpired, ServiceBusy
from chassis.identity import Caller, TokenVerifier
from chassis.interceptors import Call, Gate, Policy, current_call
from chassis.permissions import Grants, required_permissions
from chassis.settings import Limits
from deploy.local.issuer import AUDIENCE, ISSUER, Issuer
from deploy.local.secrets import make_secrets
from tests.served import details_of

Code = grpc.StatusCode
CONTRACT = [pb.DESCRIPTOR, changes_service_pb2.DESCRIPTOR]
LIMITS = Limits(concurrency_max=2, deadline_max_s=0.3)
TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
Behaviour = Callable[[], Awaitable[None]]


async def _nothing() -> None:
    return


@dataclass
class Scripted(ClockServiceServicer, ChangesServiceServicer):
    """Does what a test says, and keeps what it was told of the call."""

    behaviour: Behaviour = _nothing
    calls: list[Call] = field(default_factory=list)

    async def GetClock(self, request: pb.GetClockRequest, context: Any) -> pb.Clock:  # noqa: ARG002, N802 - as the contract has it
        self.calls.append(current_call())
        await self.behaviour()
        return pb.Clock()

    async def AdvanceClock(self, request: pb.AdvanceClockRequest, context: Any) -> pb.Clock:  # noqa: ARG002, N802 - as above
        return pb.Clock()

    async def ListChanges(self, request: Any, context: Any) -> Any:  # noqa: N802 - as above
        raise NotImplementedError

    async def GetHead(self, request: Any, context: Any) -> Any:  # noqa: N802 - as above
        raise NotImplementedError

    async def GetDigest(self, request: Any, context: Any) -> Any:  # noqa: N802 - as above
        raise NotImplementedError

    async def ListDigestEntries(self, request: Any, context: Any) -> Any:  # noqa: N802 - as above
        raise NotImplementedError

    async def WatchChanges(  # noqa: N802 - as above
        self,
        request: changes_service_pb2.WatchChangesRequest,  # noqa: ARG002 - as above
        context: Any,  # noqa: ARG002 - as above
    ) -> AsyncIterator[changes_service_pb2.WatchChangesResponse]:
        yield changes_service_pb2.WatchChangesResponse(position=1)
        await self.behaviour()


@dataclass
class Door:
    """A server behind the gate, and how to call it."""

    script: Scripted
    channel: grpc.aio.Channel
    issuer: Issuer

    def token(self, *roles: str, organisation: str = "szai") -> str:
        claims = {"sub": "u1", "org": organisation, "roles": list(roles)}
        return f"Bearer {self.issuer.sign(claims, lifetime_s=60)}"

    async def get(self, *roles: str, timeout_s: float = 5, **metadata: str) -> pb.Clock:
        pairs = {"authorization": self.token(*(roles or ("registrar",))), **metadata}
        answer: pb.Clock = await ClockServiceStub(self.channel).GetClock(
            pb.GetClockRequest(), metadata=tuple(pairs.items()), timeout=timeout_s
        )
        return answer

    async def refused(self, *roles: str, **facts: Any) -> tuple[grpc.StatusCode, dict[str, Any]]:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await self.get(*roles, **facts)
        return raised.value.code(), details_of(raised.value)


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    secrets = make_secrets(tmp_path)
    grants = Grants(
        [
            ("clock.read", "registrar"),
            ("clock.read", "auditor"),
            ("clock.advance", "registrar"),
            ("transfer.changes.read", "registrar"),
            ("clock.read_all", "auditor"),
        ]
    )
    policy = Policy(
        verifier=TokenVerifier(str(secrets.jwks), ISSUER, AUDIENCE),
        grants=grants,
        permissions=required_permissions(CONTRACT),
        read_all_permission="clock.read_all",
    )
    server = grpc.aio.server(interceptors=[Gate(policy, SystemClock(), LIMITS)])
    script = Scripted()
    add_ClockServiceServicer_to_server(script, server)
    add_ChangesServiceServicer_to_server(script, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Door(script, channel, Issuer(secrets))
    await server.stop(None)


async def test_a_call_that_passes_knows_its_caller_and_origin(door: Door) -> None:
    await door.get(traceparent=TRACE)
    (call,) = door.script.calls
    assert call.caller == Caller("u1", "szai", frozenset({"registrar"}))
    assert call.method == "/guantong.common.v1.ClockService/GetClock"
    assert call.scope == "szai"
    assert isinstance(call.origin, Origin)
    assert (call.origin.actor, call.origin.organisation) == ("u1", "szai")
    assert call.origin.traceparent == TRACE
    assert abs((call.origin.business_time - datetime.now(UTC)).total_seconds()) < 5


async def test_a_role_that_reads_all_has_no_scope(door: Door) -> None:
    await door.get("auditor")
    assert door.script.calls[0].scope is None


@pytest.mark.parametrize(
    "given", ["", TRACE[:-1], TRACE.replace("a", "A"), "x" * 55, TRACE.replace("-", "_")]
)
async def test_a_trace_that_is_none_is_begun_anew(door: Door, given: str) -> None:
    await door.get(traceparent=given)
    found = door.script.calls[0].origin.traceparent
    assert found != given
    assert [len(part) for part in found.split("-")] == [2, 32, 16, 2]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("", "TOKEN_MISSING"),
        ("Bearer x.y.z", "TOKEN_MALFORMED"),
        ("Basic dXNlcjpwYXNz", "TOKEN_MALFORMED"),
    ],
)
async def test_a_call_without_a_good_token_says_what_is_wrong_with_it(
    door: Door, value: str, problem: str
) -> None:
    code, details = await door.refused(authorization=value)
    assert (code, details["reason"]) == (Code.UNAUTHENTICATED, "NOT_AUTHENTICATED")
    assert details["metadata"] == {"problem": problem}
    assert not door.script.calls


def raw_get(door: Door, method: str = "GetClock") -> grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]:
    """Return an RPC that takes bytes."""
    return door.channel.unary_unary(f"/guantong.common.v1.ClockService/{method}")


def authorized(door: Door, role: str = "registrar") -> tuple[tuple[str, str]]:
    return (("authorization", door.token(role)),)


async def test_a_call_without_the_permission_is_refused_before_it_is_read(door: Door) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await raw_get(door)(b"\xff", metadata=authorized(door, "nobody"))
    assert raised.value.code() is Code.PERMISSION_DENIED
    details = details_of(raised.value)
    assert details["metadata"] == {"permission": "clock.read"}
    assert set(details["texts"]) == {"zh-CN", "en"}


async def test_bytes_that_are_no_message_are_the_callers_error(door: Door) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await raw_get(door)(b"\xff\xff", metadata=authorized(door))
    assert raised.value.code() is Code.INVALID_ARGUMENT
    assert details_of(raised.value)["fields"] == {"": "MESSAGE_UNREADABLE"}


async def test_refused_bytes_do_not_pile_up_in_memory(door: Door) -> None:
    size = 1_234_567

    async def refuse() -> int:
        with pytest.raises(grpc.aio.AioRpcError):
            await raw_get(door)(b"\xff" * size, metadata=authorized(door))
        gc.collect()
        frames = [each for each in gc.get_objects() if isinstance(each, FrameType)]
        values = [value for frame in frames for value in frame.f_locals.values()]
        return sum(isinstance(each, bytes) and len(each) == size for each in values)

    # What the last calls held may still be there; kept errors would hold it for every call.
    assert [await refuse() for _ in range(10)][-1] < 10


async def test_a_broken_limit_of_the_contract_is_refused(door: Door) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await ClockServiceStub(door.channel).AdvanceClock(
            pb.AdvanceClockRequest(), metadata=authorized(door)
        )
    assert raised.value.code() is Code.INVALID_ARGUMENT
    assert details_of(raised.value)["fields"] == {"business_time": "REQUIRED"}


async def _raise(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (CursorExpired(), Code.OUT_OF_RANGE, "CURSOR_EXPIRED"),
        (ServiceBusy(), Code.RESOURCE_EXHAUSTED, "SERVICE_BUSY"),
        (TimeoutError(), Code.DEADLINE_EXCEEDED, "DEADLINE_PASSED"),
        (ConnectionRefusedError(), Code.UNAVAILABLE, "SERVICE_UNAVAILABLE"),
        (asyncpg.InterfaceError("pool is closing"), Code.UNAVAILABLE, "SERVICE_UNAVAILABLE"),
        (asyncpg.InternalClientError("cannot switch"), Code.UNAVAILABLE, "SERVICE_UNAVAILABLE"),
        (asyncpg.CannotConnectNowError(), Code.UNAVAILABLE, "SERVICE_UNAVAILABLE"),
        (asyncpg.ConnectionDoesNotExistError(), Code.UNAVAILABLE, "SERVICE_UNAVAILABLE"),
        (asyncpg.AdminShutdownError(), Code.UNAVAILABLE, "SERVICE_UNAVAILABLE"),
        (asyncpg.DiskFullError(), Code.UNAVAILABLE, "SERVICE_UNAVAILABLE"),
        (asyncpg.IdleInTransactionSessionTimeoutError(), Code.UNAVAILABLE, "SERVICE_UNAVAILABLE"),
        # The socket of a database on the same machine.
        (FileNotFoundError(), Code.UNAVAILABLE, "SERVICE_UNAVAILABLE"),
        # Defects: trying again would not help.
        (asyncpg.exceptions._base.DataError("17"), Code.INTERNAL, "INTERNAL_FAULT"),
        (asyncpg.CheckViolationError("places"), Code.INTERNAL, "INTERNAL_FAULT"),
        (ZeroDivisionError("secret 42"), Code.INTERNAL, "INTERNAL_FAULT"),
    ],
    ids=lambda each: each if isinstance(each, str) else type(each).__name__,
)
async def test_what_a_method_raises_becomes_a_status(
    door: Door, error: Exception, code: grpc.StatusCode, reason: str
) -> None:
    door.script.behaviour = lambda: _raise(error)
    with capture_logs() as lines:
        found, details = await door.refused(**{"x-request-id": "r-1"})
    assert (found, details["reason"]) == (code, reason)
    line = lines[-1]
    assert (line["event"], line["code"], line["reason"]) == ("call", code.name, reason)
    assert (line["caller"], line["organisation"], line["request_id"]) == ("u1", "szai", "r-1")


async def test_a_fault_of_ours_tells_the_caller_only_where_to_look(door: Door) -> None:
    door.script.behaviour = lambda: _raise(ZeroDivisionError("secret 42"))
    with capture_logs() as lines:
        _, details = await door.refused(**{"x-request-id": "r-7"})
    assert "secret" not in str(details)
    assert details["metadata"] == {"request_id": "r-7"}
    assert "r-7" in details["texts"]["zh-CN"]
    (fault,) = [line for line in lines if line["log_level"] == "error"]
    assert fault["request_id"] == "r-7"


async def test_the_servers_limit_of_time_ends_a_call(door: Door) -> None:
    door.script.behaviour = lambda: asyncio.sleep(5)
    code, details = await door.refused()
    assert (code, details["reason"]) == (Code.DEADLINE_EXCEEDED, "DEADLINE_PASSED")


async def test_the_callers_deadline_ends_the_work(door: Door) -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(5)
        finally:
            ended.set()

    door.script.behaviour = work
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await door.get(timeout_s=0.1)
    assert raised.value.code() is Code.DEADLINE_EXCEEDED
    await asyncio.wait_for(ended.wait(), 1)


async def test_a_caller_who_leaves_is_logged_as_gone(door: Door) -> None:
    entered, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    door.script.behaviour = work
    with capture_logs() as lines:
        task = asyncio.create_task(door.get())
        await entered.wait()
        task.cancel()
        await asyncio.wait_for(ended.wait(), 2)
        await asyncio.sleep(0.05)
    assert [line["code"] for line in lines if line["event"] == "call"] == ["CANCELLED"]


async def test_more_calls_than_the_limit_are_turned_away_and_later_ones_pass(door: Door) -> None:
    release = asyncio.Event()
    entered = asyncio.Semaphore(0)

    async def work() -> None:
        entered.release()
        await release.wait()

    door.script.behaviour = work
    running = [asyncio.create_task(door.get()) for _ in range(LIMITS.concurrency_max)]
    for _ in running:
        await entered.acquire()
    code, details = await door.refused()
    assert (code, details["reason"]) == (Code.RESOURCE_EXHAUSTED, "SERVICE_BUSY")
    release.set()
    await asyncio.gather(*running)
    door.script.behaviour = _nothing
    await door.get()


async def _watch(door: Door, *roles: str) -> list[int]:
    stub = ChangesServiceStub(door.channel)
    call = stub.WatchChanges(
        changes_service_pb2.WatchChangesRequest(),
        metadata=authorized(door, *roles),
    )
    return [each.position async for each in call]


async def test_a_stream_passes_and_is_logged_at_its_end(door: Door) -> None:
    with capture_logs() as lines:
        assert await _watch(door, "registrar") == [1]
    assert [line["code"] for line in lines] == ["OK"]


async def test_a_stream_is_refused_before_its_first_message(door: Door) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await _watch(door, "nobody")
    assert raised.value.code() is Code.PERMISSION_DENIED


async def test_a_stream_that_fails_ends_with_a_status(door: Door) -> None:
    door.script.behaviour = lambda: _raise(CursorExpired())
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await _watch(door, "registrar")
    assert details_of(raised.value)["reason"] == "CURSOR_EXPIRED"


async def test_a_method_that_the_contract_lacks_is_not_implemented(door: Door) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await raw_get(door, "Stop")(b"", metadata=authorized(door))
    assert raised.value.code() is Code.UNIMPLEMENTED
