"""Streams behind the gate: they end with the token that began them, and when their caller goes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from guantong.transfer.v1 import changes_service_pb2 as pb
from guantong.transfer.v1.changes_service_pb2_grpc import (
    ChangesServiceServicer,
    ChangesServiceStub,
    add_ChangesServiceServicer_to_server,
)

from chassis.clock import SystemClock
from chassis.identity import TokenVerifier
from chassis.interceptors import Gate, Policy
from chassis.permissions import Grants, required_permissions
from chassis.settings import Limits
from deploy.local.issuer import AUDIENCE, ISSUER, Issuer
from deploy.local.secrets import make_secrets
from tests.served import details_of

TICK_S = 0.05


@dataclass
class Ticking(ChangesServiceServicer):
    """Gives a mark every few milliseconds for as long as somebody listens."""

    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def WatchChanges(  # noqa: N802 - as the contract has it
        self,
        request: pb.WatchChangesRequest,  # noqa: ARG002 - as above
        context: Any,  # noqa: ARG002 - as above
    ) -> AsyncIterator[pb.WatchChangesResponse]:
        try:
            while True:
                yield pb.WatchChangesResponse(position=1)
                await asyncio.sleep(TICK_S)
        finally:
            self.ended.set()

    async def ListChanges(self, request: Any, context: Any) -> Any:  # noqa: N802 - as above
        raise NotImplementedError

    async def GetHead(self, request: Any, context: Any) -> Any:  # noqa: N802 - as above
        raise NotImplementedError

    async def GetDigest(self, request: Any, context: Any) -> Any:  # noqa: N802 - as above
        raise NotImplementedError

    async def ListDigestEntries(self, request: Any, context: Any) -> Any:  # noqa: N802 - as above
        raise NotImplementedError


@dataclass
class Door:
    """A server behind the gate, and how to watch it."""

    ticking: Ticking
    channel: grpc.aio.Channel
    issuer: Issuer

    def watch(self, *, lifetime_s: int) -> grpc.aio.UnaryStreamCall[Any, pb.WatchChangesResponse]:
        claims = {"sub": "u1", "org": "szai", "roles": ["agent"]}
        token = self.issuer.sign(claims, lifetime_s=lifetime_s)
        return ChangesServiceStub(self.channel).WatchChanges(
            pb.WatchChangesRequest(), metadata=(("authorization", f"Bearer {token}"),)
        )


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    secrets = make_secrets(tmp_path)
    policy = Policy(
        verifier=TokenVerifier(str(secrets.jwks), ISSUER, AUDIENCE),
        grants=Grants([("transfer.changes.read", "agent")]),
        permissions=required_permissions([pb.DESCRIPTOR]),
        read_all_permission="transfer.read_all",
    )
    server = grpc.aio.server(interceptors=[Gate(policy, SystemClock(), Limits())])
    ticking = Ticking()
    add_ChangesServiceServicer_to_server(ticking, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Door(ticking, channel, Issuer(secrets))
    await server.stop(None)


async def _to_the_end(call: grpc.aio.UnaryStreamCall[Any, pb.WatchChangesResponse]) -> None:
    async for _ in call:
        pass


async def test_a_watch_ends_when_the_token_that_began_it_expires(door: Door) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await asyncio.wait_for(_to_the_end(door.watch(lifetime_s=2)), 5)
    assert raised.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert details_of(raised.value)["metadata"] == {"problem": "TOKEN_EXPIRED"}
    await asyncio.wait_for(door.ticking.ended.wait(), 1)


async def test_a_watch_ends_when_its_caller_goes(door: Door) -> None:
    call = door.watch(lifetime_s=60)
    assert await call.read() is not grpc.aio.EOF
    call.cancel()
    await asyncio.wait_for(door.ticking.ended.wait(), 1)
