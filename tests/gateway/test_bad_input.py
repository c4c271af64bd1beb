"""The table of bad input over JSON: the door gives the same reason as the service itself."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from google.api import annotations_pb2
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from deploy.local.envoy import EnvoyServer
from deploy.local.issuer import AUDIENCE, ISSUER
from deploy.local.ports import HOST, SERVICES, free_port
from deploy.local.secrets import make_secrets
from gateway.envoy.bootstrap import render
from gateway.settings import GatewaySettings
from tests.conftest import MakeDatabase
from tests.gateway.door import DESCRIPTORS
from tests.transfer.conftest import serving_transfer
from tests.transfer.edge.bad_input import CASES, Case
from tests.transfer.edge.world import METHODS, World, make_world

HTTP_OK = 200
HTTP_OF = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "NOT_FOUND": 404,
    "ABORTED": 409,
    "UNAVAILABLE": 503,
}
# Such a name makes another path, which leads nowhere.
NO_PATH = {"missing", "of another collection", "without a collection", "with more segments"}
BY_RPC = {
    rpc: [
        case
        for case in CASES
        # `GET /v1/persons/{id}` is a call to another service.
        if case.rpc == rpc and not (rpc.startswith("Get") and case.fault == "of another collection")
    ]
    for rpc in METHODS
}
_VARIABLE = re.compile(r"\{(\w+)=(\w+)/\*\}")


@dataclass(frozen=True, kw_only=True)
class Door:
    """A service behind Envoy, and a client of its JSON."""

    world: World
    http: httpx.AsyncClient

    async def send(self, rpc: str, request: Message) -> httpx.Response:
        """Send a request as JSON: what is in the path, the query and the body."""
        fields = MessageToDict(request, preserving_proto_field_name=True)
        rule = METHODS[rpc].GetOptions().Extensions[annotations_pb2.http]
        path = rule.get or rule.post
        if found := _VARIABLE.search(path):
            path = path.replace(found[0], quote(fields.pop(found[1], ""), safe="/"))
        headers = {"Authorization": self.world.token(rpc)[0][1]}
        if rule.get:
            return await self.http.get(path, params=fields, headers=headers)
        return await self.http.post(path, json=fields, headers=headers)


@pytest.fixture(scope="module")
async def json_door(
    make_database: MakeDatabase, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Door]:
    folder = tmp_path_factory.mktemp("json")
    async with serving_transfer(make_database, folder) as service:
        settings = GatewaySettings(
            port=free_port(),
            admin_port=free_port(),
            front=f"{HOST}:{free_port()}",
            services={each: [f"{HOST}:{service.port}"] for each in SERVICES},
            issuer=ISSUER,
            audience=AUDIENCE,
            jwks=str(make_secrets(folder).jwks),
            descriptor_set=DESCRIPTORS,
            access_log=str(folder / "access.log"),
        )
        envoy = EnvoyServer(folder / "envoy", render(settings), admin_port=settings.admin_port)
        world = await make_world(service)
        envoy.process.start()
        try:
            # Aside, for the service answers health checks on this loop.
            await asyncio.to_thread(envoy.process.wait_ready)
            async with httpx.AsyncClient(base_url=settings.url, timeout=10) as client:
                door = Door(world=world, http=client)
                await _until_healthy(door)
                yield door
        finally:
            envoy.process.stop()


async def _until_healthy(door: Door) -> None:
    async with asyncio.timeout(10):
        head = door.world.request("GetHead")
        while (await door.send("GetHead", head)).status_code != HTTP_OK:  # noqa: ASYNC110 - it is asked
            await asyncio.sleep(0.05)


def _refusal(answer: httpx.Response) -> dict[str, Any]:
    """Return reason, named fields and languages of a refusal."""
    found: dict[str, Any] = {"fields": {}, "locales": set()}
    for detail in answer.json()["details"]:
        kind = detail["@type"].rpartition(".")[2]
        if kind == "ErrorInfo":
            found["reason"] = detail["reason"]
        elif kind == "BadRequest":
            found["fields"] = {
                each.get("field", ""): each["reason"] for each in detail["fieldViolations"]
            }
        elif kind == "LocalizedMessage":
            found["locales"].add(detail["locale"])
    return found


async def _told(door: Door, case: Case) -> str:
    """Return what is wrong with the answer to a case; empty when nothing is."""
    answer = await door.send(case.rpc, door.world.request(case.rpc, **{case.field: case.value}))
    try:
        refusal = _refusal(answer)
    except (ValueError, KeyError, TypeError):
        return f"{case}: {answer.status_code} {answer.text[:300]}"
    if _is_of_the_door(case):
        # What no path and no query can say is refused before a service is asked.
        is_right = answer.status_code in {400, 404} and refusal["locales"] == {"zh-CN", "en"}
        return "" if is_right else f"{case}: {answer.status_code} {refusal}"
    expected = {"reason": case.reason, "fields": case.named, "locales": {"zh-CN", "en"}}
    if (answer.status_code, refusal) == (HTTP_OF[case.code], expected):
        return ""
    return f"{case}: {answer.status_code} {refusal}"


def _is_of_the_door(case: Case) -> bool:
    is_query = case.rpc.startswith("List")
    return (case.field == "name" and case.fault in NO_PATH) or (case.field == "state" and is_query)


@pytest.mark.parametrize("rpc", sorted(METHODS))
async def test_bad_input_over_json_is_refused_for_the_same_reason(
    json_door: Door, rpc: str
) -> None:
    before = await json_door.world.stored()
    wrong = [told for case in BY_RPC[rpc] if (told := await _told(json_door, case))]
    assert await json_door.world.stored() == before
    assert not wrong, "\n".join(wrong)
