"""Streams in both directions behind the gate: what ends them, and that nothing piles up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from guantong.enrollment.v1 import import_service_pb2 as pb
from guantong.enrollment.v1.import_service_pb2_grpc import (
    ImportServiceServicer,
    ImportServiceStub,
    add_ImportServiceServicer_to_server,
)

from chassis.clock import SystemClock
from chassis.identity import TokenVerifier
from chassis.interceptors import Gate, Policy, current_call
from chassis.permissions import Grants, required_permissions
from chassis.settings import Limits
from deploy.local.issuer import AUDIENCE, ISSUER, Issuer
from deploy.local.secrets import make_secrets
from tests.served import details_of

ENDING = pb.ImportRosterRequest(ending=pb.ImportEnding())
METHOD = "/guantong.enrollment.v1.ImportService/ImportRoster"


@dataclass
class Echo(ImportServiceServicer):
    """Answers each message with how many came before it, slowly if told so."""

    seconds: float = 0.0
    read: int = 0
    callers: list[str] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def ImportRoster(  # noqa: N802 - as the contract has it
        self,
        requests: AsyncIterator[pb.ImportRosterRequest],
        context: Any,  # noqa: ARG002 - as above
    ) -> AsyncIterator[pb.ImportRosterResponse]:
        try:
            self.callers.append(current_call().caller.organisation)
            async for _ in requests:
                yield pb.ImportRosterResponse(chunk_number=self.read)
                self.read += 1
                await asyncio.sleep(self.seconds)
        finally:
            self.ended.set()

    # The other methods are not called.
    GetImport: Any = None
    ListImports: Any = None
    ListImportErrors: Any = None
    ImportOutcomes: Any = None
    ImportStatusChanges: Any = None


@dataclass
class Door:
    """A server behind the gate, and how to send to it."""

    echo: Echo
    channel: grpc.aio.Channel
    issuer: Issuer

    def send(self, *, role: str = "registrar", lifetime_s: int = 60) -> Any:
        claims = {"sub": "u1", "org": "siyang", "roles": [role]}
        token = self.issuer.sign(claims, lifetime_s=lifetime_s)
        stub = ImportServiceStub(self.channel)
        return stub.ImportRoster(metadata=(("authorization", f"Bearer {token}"),))


@asynccontextmanager
async def opened(folder: Path, echo: Echo, **limits: Any) -> AsyncIterator[Door]:
    secrets = make_secrets(folder)
    permissions = required_permissions([pb.DESCRIPTOR])
    policy = Policy(
        verifier=TokenVerifier(str(secrets.jwks), ISSUER, AUDIENCE),
        grants=Grants([(permissions[METHOD], "registrar")]),
        permissions=permissions,
        read_all_permission="enrollment.read_all",
    )
    server = grpc.aio.server(interceptors=[Gate(policy, SystemClock(), Limits(**limits))])
    add_ImportServiceServicer_to_server(echo, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Door(echo, channel, Issuer(secrets))
    await server.stop(None)


async def refusal(call: Any) -> tuple[grpc.StatusCode, dict[str, Any]]:
    async def read_all() -> None:
        while await asyncio.wait_for(call.read(), 5) is not grpc.aio.EOF:
            pass

    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await read_all()
    return raised.value.code(), details_of(raised.value)


async def test_each_message_is_answered_as_its_caller(tmp_path: Path) -> None:
    async with opened(tmp_path, Echo()) as door:
        call = door.send()
        for number in range(3):
            await call.write(ENDING)
            assert (await call.read()).chunk_number == number
        await call.done_writing()
        assert await call.read() is grpc.aio.EOF
        assert door.echo.callers == ["siyang"]


async def test_who_may_not_send_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    async with opened(tmp_path, Echo()) as door:
        code, details = await refusal(door.send(role="auditor"))
        assert code is grpc.StatusCode.PERMISSION_DENIED
        assert details["metadata"] == {"permission": "enrollment.imports.roster"}
        assert door.echo.callers == []


async def test_a_message_in_the_wrong_form_ends_the_stream(tmp_path: Path) -> None:
    async with opened(tmp_path, Echo()) as door:
        call = door.send()
        await call.write(ENDING)
        await call.read()
        await call.write(pb.ImportRosterRequest())
        code, details = await refusal(call)
        assert code is grpc.StatusCode.INVALID_ARGUMENT
        assert details["reason"] == "FIELDS_INVALID"
        await asyncio.wait_for(door.echo.ended.wait(), 1)


async def test_a_message_that_cannot_be_read_ends_the_stream(tmp_path: Path) -> None:
    async with opened(tmp_path, Echo()) as door:
        metadata = door.issuer.sign({"sub": "u", "org": "s", "roles": ["registrar"]}, lifetime_s=60)
        call: Any = door.channel.stream_stream(METHOD)(
            metadata=(("authorization", f"Bearer {metadata}"),)
        )
        await call.write(b"\xff\xff\xff")
        code, details = await refusal(call)
        assert code is grpc.StatusCode.INVALID_ARGUMENT
        assert details["fields"] == {"": "MESSAGE_UNREADABLE"}


async def test_a_stream_ends_with_the_token_that_began_it(tmp_path: Path) -> None:
    async with opened(tmp_path, Echo(seconds=0.05)) as door:
        call = door.send(lifetime_s=2)

        async def keep_on() -> None:
            while not call.done():
                await call.write(ENDING)
                await asyncio.sleep(0.05)

        writing = asyncio.create_task(keep_on())
        code, details = await refusal(call)
        assert code is grpc.StatusCode.UNAUTHENTICATED
        assert details["metadata"] == {"problem": "TOKEN_EXPIRED"}
        writing.cancel()


async def test_a_silent_caller_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    async with opened(tmp_path, Echo(), upload_idle_max_s=0.2) as door:
        call = door.send()
        await call.write(ENDING)
        code, details = await refusal(call)
        assert (code, details["reason"]) == (
            grpc.StatusCode.DEADLINE_EXCEEDED,
            "DEADLINE_PASSED",
        )
        await asyncio.wait_for(door.echo.ended.wait(), 1)


async def test_no_more_streams_are_taken_than_the_limit_and_an_ended_one_makes_room(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path, Echo(), uploads_max=1) as door:
        first = door.send()
        await first.write(ENDING)
        await first.read()
        code, details = await refusal(door.send())
        assert (code, details["reason"]) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "SERVICE_BUSY")
        await first.done_writing()
        assert await first.read() is grpc.aio.EOF
        second = door.send()
        await second.write(ENDING)
        assert await second.read() is not grpc.aio.EOF


async def test_a_stream_ends_when_its_caller_goes(tmp_path: Path) -> None:
    async with opened(tmp_path, Echo()) as door:
        call = door.send()
        await call.write(ENDING)
        await call.read()
        call.cancel()
        await asyncio.wait_for(door.echo.ended.wait(), 1)


async def test_a_fast_caller_waits_for_a_slow_service(tmp_path: Path) -> None:
    """Messages stay with their caller until they are asked for: memory does not grow with them."""
    source = "x" * 80
    opening = pb.ImportOpening(request_id="01a20823-5bc1-7677-972b-d4d5f96274f5", source=source)
    rows = [pb.ImportRosterRequest.Row(display_name="名" * 20_000) for _ in range(10)]
    large = pb.ImportRosterRequest(chunk=pb.ImportRosterRequest.Chunk(number=1, rows=rows))
    async with opened(tmp_path, Echo(seconds=60)) as door:
        call = door.send()
        await call.write(pb.ImportRosterRequest(opening=opening))
        written = 0
        with suppress(TimeoutError):
            while written < 100:
                await asyncio.wait_for(call.write(large), 1)
                written += 1
        assert written * large.ByteSize() < 16 * 2**20
        call.cancel()
