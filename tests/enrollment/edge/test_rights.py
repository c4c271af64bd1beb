"""Every RPC x role x foreign object, by the one table of rights."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import grpc.aio
import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from tests.enrollment import made
from tests.enrollment.edge.rights import (
    AGENT,
    ALL,
    HIDDEN,
    REFUSED,
    RIGHTS,
    SCHOOL,
    SCOPED,
    Foreign,
)
from tests.enrollment.edge.rights_world import (
    BUREAU,
    METHODS,
    RightsWorld,
    caller_of,
    collection_of,
    example,
    make_rights_world,
)
from tests.served import Served, details_of

READS = ("Get", "List", "Watch", "Compute", "Export")
# Whose the records of a list are that are no school's.
OWNERS = {"ListProvincialListImports": BUREAU}
# What a feed tells everybody.
PUBLIC = {"organisations", "majors", "pathwayProjects", "provincialLists"}
# Long enough for a stream that is let in to say something.
WAIT_S = 0.2


@pytest.fixture(scope="module")
async def rights(enrollment: Served) -> RightsWorld:
    return await make_rights_world(enrollment)


def test_the_table_has_every_rpc_of_the_contract_and_no_other() -> None:
    assert RIGHTS.keys() == METHODS.keys()


@pytest.mark.parametrize("rpc", METHODS)
async def test_an_rpc_is_open_to_the_roles_of_the_table_and_to_no_other(
    rights: RightsWorld, rpc: str
) -> None:
    allowed, _ = RIGHTS[rpc]
    before = await rights.world.snapshot()
    found = {role for role in ALL if await is_let_in(rights.service, rpc, role)}
    assert found == allowed
    assert await rights.world.snapshot() == before


async def is_let_in(service: Served, rpc: str, role: str) -> bool:
    """Whether a role passes the gate: with an empty request no more is asked of it."""
    empty = GetMessageClass(METHODS[rpc].input_type)()
    try:
        await answer(service, rpc, empty, made.FRONT, role)
    except grpc.aio.AioRpcError as error:
        return bool(details_of(error)["reason"] != "PERMISSION_DENIED")
    return True


async def answer(service: Served, rpc: str, request: Message, party: str, role: str) -> Any:
    """Return what is answered first; None to who is let into a stream and told nothing yet."""
    method, token = METHODS[rpc], service.token(party, role)
    if not method.server_streaming:
        return await caller_of(service, rpc)(request, metadata=token)
    if method.client_streaming:
        call = caller_of(service, rpc)(metadata=token)
        await call.done_writing()
    else:
        call = caller_of(service, rpc)(request, metadata=token)
    with suppress(TimeoutError):
        async with asyncio.timeout(WAIT_S):
            return await call.read()
    call.cancel()
    return None


def named(rpc: str) -> FieldDescriptor:
    """Return the field by which an RPC names what belongs to a school."""
    fields = [each for each in METHODS[rpc].input_type.fields if collection_of(each)]
    return min(fields, key=lambda each: each.name != "name")


def nowhere(name: str) -> str:
    """Return a name of the same collection that nothing has."""
    collection, _, identity = name.partition("/")
    return f"{collection}/{uuid4() if len(identity) == len(str(uuid4())) else 'nowhere'}"


def rows_of(foreign: Foreign) -> Iterator[tuple[str, str]]:
    """Return the RPCs of one kind with the roles that a stranger could have."""
    for rpc, (roles, kind) in RIGHTS.items():
        readers = roles & (SCHOOL | AGENT)
        # Who oversees schools reads of all, and decides for its own only.
        for role in sorted(readers if rpc.startswith(READS) else roles):
            if kind is foreign:
                yield rpc, role


@pytest.mark.parametrize(("rpc", "role"), list(rows_of(HIDDEN)))
async def test_what_is_anothers_is_answered_as_if_it_did_not_exist(
    rights: RightsWorld, rpc: str, role: str
) -> None:
    field = named(rpc)
    name = rights.objects[collection_of(field)]
    before = await rights.world.snapshot()
    told = []
    for asked in (name, nowhere(name)):
        request = example(rpc, **{field.name: asked})
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await answer(rights.service, rpc, request, made.STRANGER, role)
        details = details_of(raised.value)
        told.append((raised.value.code(), details["reason"], details["metadata"]))
        assert told[-1] == (
            grpc.StatusCode.NOT_FOUND,
            "RESOURCE_NOT_FOUND",
            {"name": asked},
        )
    assert await rights.world.snapshot() == before


@pytest.mark.parametrize(("rpc", "role"), list(rows_of(SCOPED)))
async def test_a_list_shows_a_stranger_nothing_of_others(
    rights: RightsWorld, rpc: str, role: str
) -> None:
    given = {each.name for each, _ in example(rpc).ListFields()}
    named = [each for each in METHODS[rpc].input_type.fields if each.name in given]
    objects = {
        each.name: rights.objects[collection_of(each)] for each in named if collection_of(each)
    }
    request = example(rpc, **objects)
    own = await answer(rights.service, rpc, request, OWNERS.get(rpc, made.FRONT), role)
    assert items(own), "the school has none: make one in make_rights_world"
    assert not items(await answer(rights.service, rpc, request, made.STRANGER, role))


@pytest.mark.parametrize(("rpc", "role"), list(rows_of(REFUSED)))
async def test_what_is_public_is_not_anothers_to_deal_with(
    rights: RightsWorld, rpc: str, role: str
) -> None:
    field = named(rpc)
    request = example(rpc, **{field.name: rights.objects[collection_of(field)]})
    before = await rights.world.snapshot()
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await answer(rights.service, rpc, request, made.STRANGER, role)
    details = details_of(raised.value)
    assert raised.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert details["domain"] == "enrollment.guantong"
    assert await rights.world.snapshot() == before


async def test_a_feed_tells_a_stranger_of_what_is_public_only(rights: RightsWorld) -> None:
    table = {
        each.resource_name.partition("/")[0]
        for each in await feed(rights, made.STRANGER)
        if not each.removed
    }
    assert table == PUBLIC
    own = {each.resource_name for each in await feed(rights, made.FRONT)}
    told = {name for name in rights.objects.values() if name in own}
    assert {"persons", "statusChanges", "learningOutcomes"} < {
        name.partition("/")[0] for name in told
    }


async def feed(rights: RightsWorld, party: str) -> list[Any]:
    """Return the first page of the feed of a party."""
    request = example("ListChanges", page_size=1_000)
    page = await answer(rights.service, "ListChanges", request, party, "agent")
    return list(page.changes)


def items(message: Any) -> list[Any]:
    """Return what a list answered, whatever it is called."""
    lists = [each for each in message.DESCRIPTOR.fields if each.is_repeated]
    return [item for each in lists for item in getattr(message, each.name)]
