"""The same call over JSON and gRPC-Web, streams, CORS, and what is refused before a service."""

import asyncio
import base64
import json
import struct
from typing import Any

import pytest
from guantong.common.v1 import clock_service_pb2
from guantong.transfer.v1 import changes_service_pb2, changes_service_pb2_grpc

from tests.gateway.door import ORIGIN, TestDoor

TEXT = "application/grpc-web-text+proto"
GET_CLOCK = "/guantong.common.v1.ClockService/GetClock"


def _frame(message: bytes) -> bytes:
    return b"\0" + struct.pack(">I", len(message)) + message


def _web(door: TestDoor) -> dict[str, str]:
    return {**door.headers, "content-type": "application/grpc-web+proto", "x-grpc-web": "1"}


async def test_grpc_web_answers_with_trailers_in_the_body(door: TestDoor) -> None:
    answer = await door.http.post(GET_CLOCK, content=_frame(b""), headers=_web(door))
    assert answer.status_code == 200
    size = struct.unpack(">I", answer.content[1:5])[0]
    clock = clock_service_pb2.Clock.FromString(answer.content[5 : 5 + size])
    assert clock.business_time.ToJsonString() == "2023-05-01T00:00:00Z"
    assert b"grpc-status:0" in answer.content[5 + size :]


async def test_grpc_web_text_is_base64(door: TestDoor) -> None:
    headers = {**_web(door), "content-type": TEXT, "accept": TEXT}
    answer = await door.http.post(GET_CLOCK, content=base64.b64encode(_frame(b"")), headers=headers)
    assert answer.headers["content-type"].startswith("application/grpc-web-text")
    assert base64.b64decode(answer.content[:8])[0] == 0


async def test_grpc_web_without_a_token_is_unauthenticated(door: TestDoor) -> None:
    headers = {**_web(door), "Authorization": ""}
    answer = await door.http.post(GET_CLOCK, content=_frame(b""), headers=headers)
    assert answer.headers["grpc-status"] == "16"


async def test_a_stream_is_one_json_value_a_line(door: TestDoor) -> None:
    answer = await door.http.get("/v1/transfer/changes:watch", headers=door.headers)
    marks = [json.loads(line)["position"] for line in answer.text.splitlines()]
    assert (answer.status_code, marks) == (200, ["1", "2", "3"])


async def test_a_stream_over_grpc_comes_whole(door: TestDoor) -> None:
    stub = changes_service_pb2_grpc.ChangesServiceStub(door.channel)
    call = stub.WatchChanges(
        changes_service_pb2.WatchChangesRequest(), metadata=(("authorization", door.bearer),)
    )
    assert [answer.position async for answer in call] == [1, 2, 3]


async def test_a_refusal_of_a_service_reaches_json_callers_as_a_status(door: TestDoor) -> None:
    body = {"businessTime": "2024-01-01T00:00:00Z"}
    answer = await door.http.post("/v1/clock:advance", json=body, headers=door.headers)
    assert (answer.status_code, answer.json()["message"]) == (400, "the clock stands still")
    assert answer.json()["code"] == 9


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        ("/v1/clock?unknown=1", 400, "REQUEST_MALFORMED"),
        ("/v1/persons/a%2Fb", 400, "REQUEST_MALFORMED"),
        ("/v1/nothing", 404, "ROUTE_NOT_FOUND"),
    ],
)
async def test_what_no_service_could_mean_is_refused_as_json(
    door: TestDoor, path: str, status: int, reason: str
) -> None:
    answer = await door.http.get(path, headers=door.headers)
    assert (answer.status_code, answer.json()["details"][0]["reason"]) == (status, reason)


async def test_a_path_that_is_none_is_said_in_the_message(door: TestDoor) -> None:
    answer = await door.http.get("/v1/nothing", headers=door.headers)
    assert answer.json()["message"] == answer.json()["details"][2]["message"]


async def test_malformed_json_is_refused_as_json(door: TestDoor) -> None:
    answer = await door.http.post("/v1/clock:advance", content=b"{", headers=door.headers)
    assert (answer.status_code, answer.json()["code"]) == (400, 3)


async def test_a_body_over_the_limit_is_refused(door: TestDoor) -> None:
    body = b'{"businessTime": "2024-01-01T00:00:00Z"}'
    body += b" " * door.settings.limits.body_max_bytes
    status, answer = await _post_reading_early(door, "/v1/clock:advance", body)
    assert (status, answer["details"][0]["reason"]) == (413, "BODY_TOO_LARGE")


async def test_a_body_just_under_the_limit_passes(door: TestDoor) -> None:
    body = b'{"businessTime": "2024-01-01T00:00:00Z"}'
    body += b" " * (door.settings.limits.body_max_bytes - len(body))
    answer = await door.http.post("/v1/clock:advance", content=body, headers=door.headers)
    assert answer.json()["message"] == "the clock stands still"


async def _post_reading_early(door: TestDoor, path: str, body: bytes) -> tuple[int, Any]:
    """Post while reading, as curl does: the refusal comes before the body is through."""
    reader, writer = await asyncio.open_connection(door.settings.host, door.settings.port)
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: door",
        f"Authorization: {door.bearer}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode() + body)
    head = await reader.readuntil(b"\r\n\r\n")
    size = next(
        int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"content-length:")
    )
    answer = json.loads(await reader.readexactly(size))
    writer.transport.abort()
    return int(head.split()[1]), answer


async def test_headers_over_the_limit_are_refused(door: TestDoor) -> None:
    headers = {**door.headers, "x-large": "a" * 1024 * (door.settings.limits.headers_max_kib + 1)}
    answer = await door.http.get("/v1/clock", headers=headers)
    assert answer.status_code == 431


async def test_a_preflight_from_a_known_origin_passes_and_another_does_not(door: TestDoor) -> None:
    headers = {"origin": ORIGIN, "access-control-request-method": "POST"}
    known = await door.http.options("/v1/clock:advance", headers=headers)
    foreign = await door.http.options(
        "/v1/clock:advance", headers={**headers, "origin": "http://elsewhere.example"}
    )
    assert known.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-origin" not in foreign.headers


async def test_the_access_log_holds_no_query_and_no_token(door: TestDoor) -> None:
    await door.http.get("/v1/clock", params={"secret": "31415926"}, headers=door.headers)
    text = await _log_with(door, "/v1/clock")
    lines = [json.loads(line) for line in text.splitlines()]
    assert ("GET", "/v1/clock") in {(line["method"], line["path"]) for line in lines}
    assert "31415926" not in text
    assert door.bearer not in text


async def test_the_access_log_says_the_grpc_status_of_grpc_and_makes_none_up(
    door: TestDoor,
) -> None:
    advance = "/guantong.common.v1.ClockService/AdvanceClock"
    await door.http.post("/v1/clock:advance", json={}, headers=door.headers)
    await door.http.post(advance, content=_frame(b""), headers=_web(door))
    await door.http.get("/readyz")
    text = await _log_with(door, advance, "/v1/clock:advance", "/readyz")
    lines = [json.loads(line) for line in text.splitlines()]
    said = {line["path"]: line.get("grpc") for line in lines}
    assert said[advance] == "FailedPrecondition"
    assert said["/v1/clock:advance"] is None
    assert said["/readyz"] is None


async def _log_with(door: TestDoor, *paths: str) -> str:
    """Return the log once it holds the paths: a line is written when its answer has gone out."""
    async with asyncio.timeout(5):
        while True:
            # Envoy flushes its log when asked to reopen it.
            await door.http.post(f"http://127.0.0.1:{door.settings.admin_port}/reopen_logs")
            text = door.access_log.read_text()
            if all(f'"{path}"' in text for path in paths):
                return text
            await asyncio.sleep(0.05)
