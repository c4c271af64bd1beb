"""Streams of callers through Envoy: unbuffered, without a unary call's timeout, back and forth."""

import asyncio
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from guantong.enrollment.v1 import import_service_pb2 as pb
from guantong.enrollment.v1.import_service_pb2_grpc import ImportServiceStub

from gateway.settings import GatewayLimits
from tests.gateway.door import TestDoor, open_door


def _chunk(rows: int) -> pb.ImportRosterRequest:
    row = pb.ImportRosterRequest.Row(display_name="测试" * 10, class_name="食品2001")
    chunk = pb.ImportRosterRequest.Chunk(number=1, rows=[row] * rows)
    return pb.ImportRosterRequest(chunk=chunk)


def _call(door: TestDoor, **metadata: str) -> Any:
    stub = ImportServiceStub(door.channel)
    return stub.ImportRoster(metadata=tuple(metadata.items()))


async def test_each_message_is_answered_before_the_next_is_sent_and_longer_than_a_call_may_take(
    tmp_path: Path,
) -> None:
    limits = GatewayLimits(unary_timeout_s=1, request_timeout_s=1)
    async with open_door(tmp_path, limits=limits) as door:
        call = _call(door, authorization=door.bearer)
        for number in (1, 2, 3):
            await call.write(_chunk(1_000))
            answer = await asyncio.wait_for(call.read(), 5)
            assert answer.chunk_number == number
            await asyncio.sleep(0.8)
        await call.done_writing()
        assert await call.read() is grpc.aio.EOF
        assert await call.code() is grpc.StatusCode.OK


async def test_many_large_messages_pass_whatever_a_buffer_may_hold(door: TestDoor) -> None:
    call = _call(door, authorization=door.bearer)
    message = _chunk(10_000)
    count = 30

    async def write() -> None:
        for _ in range(count):
            await call.write(message)
        await call.done_writing()

    writing = asyncio.create_task(write())
    assert [answer.chunk_number async for answer in call] == list(range(1, count + 1))
    await writing
    assert count * message.ByteSize() > 20 * 2**20


async def test_a_stream_without_a_token_does_not_reach_the_service(door: TestDoor) -> None:
    call = _call(door)
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call.read()
    assert raised.value.code() is grpc.StatusCode.UNAUTHENTICATED
