"""Bad input, foreign callers and broken rules: each answered clearly, and nothing changed."""

import base64
import json
from typing import Any
from uuid import uuid4

import grpc.aio
import pytest
from google.type.date_pb2 import Date
from guantong.assistance.v1.pairing_pb2 import Pairing

from chassis.paging import read_page
from tests.assistance.edge.world import RPCS, World, make_world
from tests.served import Served, details_of

Code = grpc.StatusCode
NOWHERE = str(uuid4())
LONG = "一" * 81
FORGED: dict[str, Any] = {
    "garbage": "????",
    "a statement": "'; drop table pairing; --",
    "a number": 7,
    "a large number": "9" * 30,
    "nothing": None,
    "no text": "\0",
}


@pytest.fixture(scope="module")
async def world(assistance: Served) -> World:
    return await make_world(assistance)


def token_for(filters: dict[str, Any], *, after: object) -> str:
    """Return a page token with a right hash of filters and a key of one's own making."""
    content = [after, read_page(1, "", filters).filters_hash]
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


async def refused(
    world: World, rpc: str, request: Any, **caller: str
) -> tuple[grpc.StatusCode, dict[str, Any]]:
    """Call an RPC that must be refused; return the code and the details. Nothing may change."""
    before = await world.snapshot()
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await world.call(rpc, request, **caller)
    assert await world.snapshot() == before
    details = details_of(raised.value)
    assert set(details["texts"]) == {"zh-CN", "en"}
    assert all(details["texts"].values())
    return raised.value.code(), details


@pytest.mark.parametrize(
    ("rpc", "changes", "fields"),
    [
        ("CreatePairing", {"request_id": None}, {"request_id": "STRING_UUID_EMPTY"}),
        ("CreatePairing", {"request_id": "1"}, {"request_id": "STRING_UUID"}),
        ("CreatePairing", {"level": None}, {"level": "ENUM_NOT_IN"}),
        ("CreatePairing", {"level": 99}, {"level": "ENUM_DEFINED_ONLY"}),
        ("CreatePairing", {"programme": None}, {"programme": "ENUM_NOT_IN"}),
        ("CreatePairing", {"programme": 99}, {"programme": "ENUM_DEFINED_ONLY"}),
        ("CreatePairing", {"helper": None}, {"helper": "STRING_PATTERN"}),
        ("CreatePairing", {"helper": "szai"}, {"helper": "STRING_PATTERN"}),
        ("CreatePairing", {"helper": "organisations/SZAI"}, {"helper": "STRING_PATTERN"}),
        ("CreatePairing", {"helper": "organisations/szai\n"}, {"helper": "STRING_PATTERN"}),
        ("CreatePairing", {"receiver": None}, {"receiver": "STRING_PATTERN"}),
        ("CreatePairing", {"receiver": "schools/siyang"}, {"receiver": "STRING_PATTERN"}),
        ("CreatePairing", {"agreement_number": LONG}, {"agreement_number": "STRING_MAX_LEN"}),
        ("CreatePairing", {"begin_date": None}, {"begin_date": "REQUIRED"}),
        ("CreatePairing", {"begin_date": Date()}, {"begin_date": "DATE_INVALID"}),
        (
            "CreatePairing",
            {"begin_date": Date(year=2023, month=2, day=29)},
            {"begin_date": "DATE_INVALID"},
        ),
        (
            "CreatePairing",
            {"level": None, "helper": "", "request_id": ""},
            {
                "level": "ENUM_NOT_IN",
                "helper": "STRING_PATTERN",
                "request_id": "STRING_UUID_EMPTY",
            },
        ),
        ("GetPairing", {"name": None}, {"name": "STRING_PATTERN"}),
        ("GetPairing", {"name": f"indicators/{NOWHERE}"}, {"name": "STRING_PATTERN"}),
        ("GetPairing", {"name": f"pairings/{NOWHERE.upper()}"}, {"name": "STRING_PATTERN"}),
        ("GetPairing", {"name": f"pairings/{NOWHERE}/x"}, {"name": "STRING_PATTERN"}),
        ("GetPairing", {"name": "pairings/' or 1=1 --"}, {"name": "STRING_PATTERN"}),
        ("ListPairings", {"page_size": -1}, {"page_size": "INT32_GTE"}),
        ("ListPairings", {"page_token": "x" * 513}, {"page_token": "STRING_MAX_LEN"}),
        ("CreateIndicator", {"request_id": None}, {"request_id": "STRING_UUID_EMPTY"}),
        ("CreateIndicator", {"pairing": None}, {"pairing": "STRING_PATTERN"}),
        ("CreateIndicator", {"pairing": NOWHERE}, {"pairing": "STRING_PATTERN"}),
        ("CreateIndicator", {"kind": None}, {"kind": "ENUM_NOT_IN"}),
        ("CreateIndicator", {"kind": -1}, {"kind": "ENUM_DEFINED_ONLY"}),
        ("CreateIndicator", {"target": None}, {"target": "INT64_GTE_LTE"}),
        ("CreateIndicator", {"target": -(2**63)}, {"target": "INT64_GTE_LTE"}),
        ("CreateIndicator", {"target": 1_000_000_001}, {"target": "INT64_GTE_LTE"}),
        ("GetIndicator", {"name": None}, {"name": "STRING_PATTERN"}),
        ("GetIndicator", {"name": f"pairings/{NOWHERE}"}, {"name": "STRING_PATTERN"}),
        ("ListIndicators", {"pairing": "x"}, {"pairing": "STRING_PATTERN"}),
        ("ListIndicators", {"page_size": -1}, {"page_size": "INT32_GTE"}),
        ("ListIndicators", {"page_token": "x" * 513}, {"page_token": "STRING_MAX_LEN"}),
        ("ListIndicatorEvidence", {"name": None}, {"name": "STRING_PATTERN"}),
        ("ListIndicatorEvidence", {"page_size": -(2**31)}, {"page_size": "INT32_GTE"}),
        ("ListIndicatorEvidence", {"page_token": "x" * 513}, {"page_token": "STRING_MAX_LEN"}),
    ],
)
async def test_each_wrong_field_is_named(
    world: World, rpc: str, changes: dict[str, Any], fields: dict[str, str]
) -> None:
    code, details = await refused(world, rpc, world.request(rpc, **changes))
    assert code is Code.INVALID_ARGUMENT
    assert (details["domain"], details["reason"]) == ("guantong", "FIELDS_INVALID")
    assert details["fields"] == fields


def raw(world: World, rpc: str) -> grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]:
    """Return an RPC that takes bytes."""
    service = "PairingService" if "Pairing" in rpc else "IndicatorService"
    return world.service.channel.unary_unary(f"/guantong.assistance.v1.{service}/{rpc}")


@pytest.mark.parametrize("rpc", RPCS)
async def test_bytes_that_are_no_message_are_refused(world: World, rpc: str) -> None:
    before = await world.snapshot()
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await raw(world, rpc)(
            b"\xff\xff\xff", metadata=world.service.token("szedu", "assistance_officer")
        )
    assert raised.value.code() is Code.INVALID_ARGUMENT
    assert details_of(raised.value)["fields"] == {"": "MESSAGE_UNREADABLE"}
    assert await world.snapshot() == before


@pytest.mark.parametrize("rpc", RPCS)
async def test_a_message_over_the_limit_is_not_taken(world: World, rpc: str) -> None:
    before = await world.snapshot()
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await raw(world, rpc)(
            bytes(4 * 1024 * 1024 + 1),
            metadata=world.service.token("szedu", "assistance_officer"),
        )
    assert raised.value.code() is Code.RESOURCE_EXHAUSTED
    assert await world.snapshot() == before


@pytest.mark.parametrize("rpc", ["ListPairings", "ListIndicators", "ListIndicatorEvidence"])
@pytest.mark.parametrize("made", sorted(FORGED))
async def test_a_page_token_of_ones_own_making_is_refused(
    world: World, rpc: str, made: str
) -> None:
    pairing_id = world.pairing.name.removeprefix("pairings/")
    indicator_id = world.indicator.name.removeprefix("indicators/")
    filters = {
        "ListPairings": {},
        "ListIndicators": {"pairing_id": pairing_id},
        "ListIndicatorEvidence": {"indicator_id": indicator_id},
    }[rpc]
    token = FORGED[made] if made == "garbage" else token_for(filters, after=FORGED[made])
    code, details = await refused(world, rpc, world.request(rpc, page_token=token))
    assert (code, details["reason"]) == (Code.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID")


async def test_a_page_token_of_another_listing_is_refused(world: World) -> None:
    token = token_for({"pairing_id": NOWHERE}, after=NOWHERE)
    code, details = await refused(
        world, "ListIndicators", world.request("ListIndicators", page_token=token)
    )
    assert (code, details["reason"]) == (Code.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID")


@pytest.mark.parametrize(
    ("rpc", "changes", "code", "reason"),
    [
        (
            "CreatePairing",
            {"helper": "organisations/siyang"},
            Code.INVALID_ARGUMENT,
            "HELPER_IS_RECEIVER",
        ),
        (
            "CreatePairing",
            {"level": Pairing.LEVEL_REGION},
            Code.FAILED_PRECONDITION,
            "REGION_PAIR_WRONG",
        ),
        (
            "CreatePairing",
            {"helper": "organisations/szedu"},
            Code.FAILED_PRECONDITION,
            "REGION_PAIR_WRONG",
        ),
        (
            "CreatePairing",
            {"helper": "organisations/szai", "programme": Pairing.PROGRAMME_NORTH_SOUTH},
            Code.ALREADY_EXISTS,
            "PAIRING_ALREADY_EXISTS",
        ),
    ],
)
async def test_what_a_rule_refuses_says_the_rule(
    world: World, rpc: str, changes: dict[str, Any], code: grpc.StatusCode, reason: str
) -> None:
    found, details = await refused(world, rpc, world.request(rpc, **changes))
    assert (found, details["reason"]) == (code, reason)
    assert details["domain"] == "assistance.guantong"


async def test_an_indicator_that_is_set_is_not_set_again(world: World) -> None:
    request = world.request("CreateIndicator", pairing=world.pairing.name)
    code, details = await refused(world, "CreateIndicator", request)
    assert (code, details["reason"]) == (Code.ALREADY_EXISTS, "INDICATOR_ALREADY_SET")


@pytest.mark.parametrize("party", ["sztf", "sqjm"])
async def test_who_does_not_keep_the_pairing_sets_no_indicator(world: World, party: str) -> None:
    request = world.request("CreateIndicator")
    code, details = await refused(world, "CreateIndicator", request, party=party)
    assert (code, details["reason"]) == (Code.PERMISSION_DENIED, "NOT_A_PAIRING_PARTY")


async def test_an_organisation_that_has_not_arrived_is_no_refusal(world: World) -> None:
    request = world.request("CreatePairing", helper="organisations/later")
    code, details = await refused(world, "CreatePairing", request)
    assert (code, details["reason"]) == (Code.UNAVAILABLE, "NOT_YET_KNOWN")
    assert details["metadata"] == {"name": "organisations/later"}


@pytest.mark.parametrize(
    "rpc", ["GetPairing", "CreateIndicator", "GetIndicator", "ListIndicatorEvidence"]
)
async def test_a_stranger_is_answered_as_if_there_were_nothing(world: World, rpc: str) -> None:
    field = "pairing" if rpc == "CreateIndicator" else "name"
    request = world.request(rpc)
    name = getattr(request, field)
    foreign = await refused(world, rpc, request, party="gaobo")
    nowhere = f"{name.split('/')[0]}/{NOWHERE}"
    absent = await refused(world, rpc, world.request(rpc, **{field: nowhere}), party="gaobo")
    assert foreign[0] is absent[0] is Code.NOT_FOUND
    assert foreign[1]["metadata"] == {"name": name}
    assert foreign[1]["texts"]["en"].replace(name, "") == absent[1]["texts"]["en"].replace(
        nowhere, ""
    )


@pytest.mark.parametrize(
    ("rpc", "role"),
    [
        *((rpc, "fund_approver") for rpc in RPCS),
        *(
            (rpc, role)
            for rpc in ("CreatePairing", "CreateIndicator")
            for role in ("administrator", "auditor", "registrar", "approver", "agent", "system")
        ),
    ],
)
async def test_a_role_that_is_not_granted_it_is_refused(world: World, rpc: str, role: str) -> None:
    code, details = await refused(world, rpc, world.request(rpc), role=role)
    assert (code, details["reason"]) == (Code.PERMISSION_DENIED, "PERMISSION_DENIED")


@pytest.mark.parametrize("rpc", RPCS)
async def test_nobody_calls_without_a_token(world: World, rpc: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await raw(world, rpc)(world.request(rpc).SerializeToString())
    assert raised.value.code() is Code.UNAUTHENTICATED
    assert details_of(raised.value)["reason"] == "NOT_AUTHENTICATED"


@pytest.mark.parametrize(
    ("rpc", "changes"),
    [
        ("CreatePairing", {"receiver": "organisations/sqjm"}),
        ("CreateIndicator", {"target": 41}),
    ],
)
async def test_a_request_id_is_not_used_for_another_intent(
    world: World, rpc: str, changes: dict[str, Any]
) -> None:
    request = world.request(rpc)
    await world.call(rpc, request)
    other = world.request(rpc, **changes | {"request_id": request.request_id})  # type: ignore[attr-defined]
    code, details = await refused(world, rpc, other)
    assert (code, details["reason"]) == (Code.ALREADY_EXISTS, "REQUEST_ID_REUSED")
