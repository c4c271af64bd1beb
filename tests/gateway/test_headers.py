"""Headers that HTTP takes and gRPC does not: none of them makes a call a fault of a service."""

import asyncio
import json

import pytest

from tests.gateway.door import TestDoor


async def _get(door: TestDoor, header: bytes) -> tuple[int, bytes]:
    """Ask for the clock with one more header, as it stands."""
    reader, writer = await asyncio.open_connection(door.settings.host, door.settings.port)
    token = door.bearer.encode()
    lines = [b"GET /v1/clock HTTP/1.1", b"Host: door", b"Connection: close"]
    lines += [b"Authorization: " + token, header, b"", b""]
    writer.write(b"\r\n".join(lines))
    async with asyncio.timeout(10):
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return int(head.split()[1]), body


@pytest.mark.parametrize(
    "header",
    [
        b"$b: x",
        b"a!b: x",
        b"a|~'b: x",
        b"x-trace-bin: ???",
        b"X-BIN: ???",
        b"grpc-trace-bin: ???",
        b"grpc-tags-bin: ???",
        b"x-name: caf\xc3\xa9",
        b"cookie: a=\xe4\xbd\xa0",
        b"x-name: a\tb",
        b"te: gzip",
        b"grpc-status: 13",
        b"grpc-message: x",
        b"grpc-encoding: gzip",
        b"traceparent: x",
        b"grpc-timeout: 5S",
    ],
)
async def test_a_header_that_no_service_reads_changes_nothing(
    door: TestDoor, header: bytes
) -> None:
    status, body = await _get(door, header)
    assert (status, json.loads(body)) == (200, {"businessTime": "2023-05-01T00:00:00Z"})
    sent = {name.encode() for name in door.seen[-1]}
    assert not any(b"$" in name or name.endswith(b"-bin") for name in sent)


@pytest.mark.parametrize("value", [b"x", b"-1S", b"5", b"999999999S", b"5 S"])
async def test_a_deadline_that_is_none_is_refused(door: TestDoor, value: bytes) -> None:
    status, body = await _get(door, b"grpc-timeout: " + value)
    assert (status, json.loads(body)["details"][0]["reason"]) == (400, "REQUEST_MALFORMED")
