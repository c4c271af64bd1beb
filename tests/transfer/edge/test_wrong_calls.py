"""What is wrong with a call as a whole: who calls, its bytes, its size, its time, its pages."""

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import grpc.aio
import pytest
from google.protobuf.message import Message
from guantong.transfer.v1.application_pb2 import Application
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from chassis.paging import read_page
from services.transfer.commands.submit_applications import SubmitApplication, submit_applications
from tests.transfer.aggregates import FRONT
from tests.transfer.desk import Desk
from tests.transfer.edge.world import METHODS, World
from tests.transfer.way import Way

Code = grpc.StatusCode
MIB = 1024 * 1024
every_rpc = pytest.mark.parametrize("rpc", sorted(METHODS))
LISTS = ["ListApplications", "ListTransferBatches", "ListObjections"]


def bearer(token: str) -> tuple[tuple[str, str]]:
    return (("authorization", f"Bearer {token}"),)


def unsigned(world: World) -> str:
    """Return a token of algorithm none, with the claims of one that would do."""
    _, claims, _ = world.token("GetHead")[0][1].removeprefix("Bearer ").split(".")
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    return f"{header}.{claims}."


def _claims(world: World) -> dict[str, Any]:
    _, claims, _ = world.token("GetHead")[0][1].removeprefix("Bearer ").split(".")
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(claims + "=="))
    return decoded


def of_another_key(world: World) -> str:
    key = ECKey.generate_key("P-256", auto_kid=True)
    return jwt.encode({"alg": "ES256", "kid": str(key.kid)}, _claims(world), key)


def of_a_secret(world: World) -> str:
    key = OctKey.import_key("public keys are no secrets, and this is none")
    return jwt.encode({"alg": "HS256"}, _claims(world), key)


def signed(world: World, **claims: Any) -> str:
    given = {"sub": "u1", "org": FRONT, "roles": ["registrar"]} | claims
    return world.service.issuer.sign(given, lifetime_s=60)


TOKENS: dict[str, Callable[[World], str]] = {
    "TOKEN_MALFORMED": lambda _: "x.y.z",
    "ALGORITHM_NOT_ACCEPTED": unsigned,
    "KEY_UNKNOWN": of_another_key,
    "AUDIENCE_NOT_ACCEPTED": lambda world: signed(world, aud="elsewhere"),
    "ISSUER_NOT_ACCEPTED": lambda world: signed(world, iss="https://elsewhere"),
    "TOKEN_EXPIRED": lambda world: signed(world, exp=1_700_000_000),
    "CLAIM_MISSING_ORG": lambda world: signed(world, org=None),
    "CLAIM_MISSING_SUB": lambda world: signed(world, sub=""),
    "CLAIM_MISSING_ROLES": lambda world: signed(world, roles="registrar"),
}


@every_rpc
async def test_nobody_calls_without_a_token(world: World, rpc: str) -> None:
    code, details = await world.refused(rpc, world.request(rpc), metadata=())
    assert (code, details["reason"]) == (Code.UNAUTHENTICATED, "NOT_AUTHENTICATED")
    assert details["metadata"] == {"problem": "TOKEN_MISSING"}


@pytest.mark.parametrize("rpc", ["GetApplication", "SubmitApplication", "WatchChanges"])
@pytest.mark.parametrize("problem", TOKENS)
async def test_a_token_that_proves_nothing_is_refused(world: World, rpc: str, problem: str) -> None:
    token = TOKENS[problem](world)
    code, details = await world.refused(rpc, world.request(rpc), metadata=bearer(token))
    assert (code, details["reason"]) == (Code.UNAUTHENTICATED, "NOT_AUTHENTICATED")
    assert details["metadata"] == {"problem": problem}


async def test_a_token_signed_with_a_secret_is_refused(world: World) -> None:
    metadata = bearer(of_a_secret(world))
    code, details = await world.refused("GetHead", world.request("GetHead"), metadata=metadata)
    assert code is Code.UNAUTHENTICATED
    assert details["metadata"] == {"problem": "ALGORITHM_NOT_ACCEPTED"}


def _first_text(rpc: str) -> int:
    """Return the number of a request's first field of text."""
    fields = METHODS[rpc].input_type.fields
    return next(each.number for each in fields if each.type == each.TYPE_STRING)


@every_rpc
@pytest.mark.parametrize("garbage", ["noise", "cut", "no utf-8"])
async def test_bytes_that_are_no_message_are_refused(world: World, rpc: str, garbage: str) -> None:
    sent = {
        "noise": b"\xff\xff\xff\xff",
        # A text of 100 bytes of which none comes.
        "cut": bytes([_first_text(rpc) << 3 | 2, 100]),
        "no utf-8": bytes([_first_text(rpc) << 3 | 2, 2]) + b"\xc3\x28",
    }[garbage]
    code, details = await world.refused(rpc, sent)
    assert (code, details["reason"]) == (Code.INVALID_ARGUMENT, "FIELDS_INVALID")
    assert details["fields"] == {"": "MESSAGE_UNREADABLE"}


@pytest.mark.parametrize("rpc", ["BatchSubmitApplications", "ListObjections", "WatchChanges"])
async def test_a_message_over_the_limit_is_not_taken(world: World, rpc: str) -> None:
    before = await world.stored()
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await world.call(rpc, bytes(4 * MIB + 1))
    assert raised.value.code() is Code.RESOURCE_EXHAUSTED
    assert await world.stored() == before


async def test_a_message_just_under_the_limit_is_read(world: World) -> None:
    # An unknown field as long as can be: it is skipped, and what is known is missing.
    sent = bytes([15 << 3 | 2]) + b"\xfb\xff\xff\x01" + bytes(4 * MIB - 5)
    code, details = await world.refused("GetApplication", sent)
    assert (code, details["fields"]) == (Code.INVALID_ARGUMENT, {"name": "STRING_PATTERN"})


async def test_metadata_over_the_limit_is_not_taken(world: World) -> None:
    before = await world.stored()
    metadata = (*world.token("SubmitApplication"), ("x-filler", "a" * 40_000))
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await world.call("SubmitApplication", world.request("SubmitApplication"), metadata=metadata)
    assert raised.value.code() is Code.RESOURCE_EXHAUSTED
    assert await world.stored() == before


async def test_a_call_that_waits_past_its_deadline_changes_nothing(world: World) -> None:
    before = await world.stored()
    request = world.request("SubmitApplication")
    path = "/guantong.transfer.v1.ApplicationService/SubmitApplication"
    call: Any = world.service.channel.unary_unary(path)
    async with world.service.base.database.connection() as holder, holder.transaction():
        await holder.execute("SELECT 1 FROM application FOR UPDATE")
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await call(
                request.SerializeToString(), metadata=world.token("SubmitApplication"), timeout=0.2
            )
        assert raised.value.code() is Code.DEADLINE_EXCEEDED
        await asyncio.sleep(0.1)
    assert await world.stored() == before


def _made_token(filters: dict[str, Any], *, after: object) -> str:
    """Return a page token with a right hash of filters and a key of one's own making."""
    content = [after, read_page(1, "", filters).filters_hash]
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


NO_FILTERS: dict[str, dict[str, Any]] = {
    "ListApplications": {"batch_id": None, "state": None},
    "ListTransferBatches": {"project_id": None, "state": None},
    "ListObjections": {"batch_id": None},
}


@pytest.mark.parametrize("rpc", LISTS)
@pytest.mark.parametrize(
    "after", ["", "x", "\0", "' or 1=1 --", 7, None, [], {}, "9" * 99, "𠮷", "0" * 31 + "x"]
)
async def test_a_page_token_of_ones_own_making_is_refused(
    world: World, rpc: str, after: object
) -> None:
    token = _made_token(NO_FILTERS[rpc], after=after)
    code, details = await world.refused(rpc, world.request(rpc, page_token=token))
    assert (code, details["reason"]) == (Code.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID")


@pytest.mark.parametrize("rpc", LISTS)
@pytest.mark.parametrize(
    "token", ["x", "====", "\0", "一", "W10=", "bnVsbA==", "eyJhIjogMSwgImIiOiAyfQ==", "//8="]
)
async def test_a_page_token_that_is_none_is_refused(world: World, rpc: str, token: str) -> None:
    code, details = await world.refused(rpc, world.request(rpc, page_token=token))
    assert code is Code.INVALID_ARGUMENT
    # With a null it is the field that is wrong.
    assert details["reason"] == ("FIELDS_INVALID" if "\0" in token else "PAGE_TOKEN_INVALID")


async def pages(world: World, rpc: str, **filters: Any) -> list[Message]:
    """Read a list two at a time."""
    found: list[Message] = []
    token = ""
    while True:
        request = world.request(rpc, page_size=2, page_token=token, **filters)
        answer = await world.call(rpc, request)
        (shown,) = [each for each in answer.DESCRIPTOR.fields if each.is_repeated]
        found += getattr(answer, shown.name)
        token = answer.next_page_token
        if not token:
            return found


@pytest.mark.parametrize("rpc", LISTS)
async def test_pages_show_each_record_once_in_order(world: World, rpc: str) -> None:
    names = [each.name for each in await pages(world, rpc)]  # type: ignore[attr-defined] # a resource
    assert names == sorted(set(names))
    whole = await world.call(rpc, world.request(rpc, page_size=5_000))
    (shown,) = [each for each in whole.DESCRIPTOR.fields if each.is_repeated]
    assert [each.name for each in getattr(whole, shown.name)] == names


async def test_a_page_token_is_of_its_filters(world: World) -> None:
    first = await world.call("ListApplications", world.request("ListApplications", page_size=1))
    assert first.next_page_token
    for changes in (
        {"state": Application.STATE_DRAFT},
        {"transfer_batch": world.rpcs["CloseRegistration"].fields["name"]},
    ):
        request = world.request("ListApplications", page_token=first.next_page_token, **changes)
        code, details = await world.refused("ListApplications", request)
        assert (code, details["reason"]) == (Code.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID")
    for rpc in ("ListTransferBatches", "ListObjections"):
        request = world.request(rpc, page_token=first.next_page_token)
        code, details = await world.refused(rpc, request)
        assert (code, details["reason"]) == (Code.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID")


@pytest.mark.parametrize("rpc", ["ListChanges", "WatchChanges"])
@pytest.mark.parametrize("token", ["x", "一", "AAAA", "0" * 512])
async def test_a_feed_token_that_is_none_is_said_to_be_expired(
    world: World, rpc: str, token: str
) -> None:
    code, details = await world.refused(rpc, world.request(rpc, token=token))
    assert (code, details["reason"]) == (Code.OUT_OF_RANGE, "CURSOR_EXPIRED")


@pytest.mark.parametrize("rpc", ["ListApplications", "ListTransferBatches", "ListObjections"])
async def test_a_filter_narrows_a_list(world: World, rpc: str) -> None:
    field = "pathway_project" if rpc == "ListTransferBatches" else "transfer_batch"
    everything = await pages(world, rpc)
    source = "pathway_project" if rpc == "ListTransferBatches" else "transfer_batch"
    wanted = getattr(everything[0], source)
    expected = [each for each in everything if getattr(each, source) == wanted]
    assert await pages(world, rpc, **{field: wanted}) == expected
    nothing = f"{wanted.partition('/')[0]}/{uuid4()}"
    assert await pages(world, rpc, **{field: nothing}) == []


TEXTS = {
    "beyond the basic plane": "𠮷田𪚥",
    "markup": "<script>alert(1)</script>'; drop table application; -- {state} %s",
    "longest": "𠮷" * 200,
    "private use": "\ue000",
    "no character": "\uffff",
}
HIDING = {
    "bidirectional": "\u202eabc\u202c\u2066x\u2069",
    "many lines": "一\r\n二\t三",
    "joined": "👨\u200d👩\u200d👧",
    "other controls": "\x01\x7f\u0085\ufeff\uffff",
}


@pytest.mark.parametrize("text", TEXTS)
async def test_text_is_kept_as_it_was_given(world: World, text: str) -> None:
    assert await rejected_for(world, TEXTS[text]) == TEXTS[text]


async def test_text_is_kept_in_one_form_and_without_blanks_around_it(world: World) -> None:
    assert await rejected_for(world, " Cafe\u0301\n") == "Caf\u00e9"


@pytest.mark.parametrize("text", HIDING)
async def test_text_that_hides_something_is_refused(world: World, text: str) -> None:
    request = world.request("RejectApplication", reject_reason=HIDING[text])
    code, details = await world.refused("RejectApplication", request)
    assert (code, details["reason"]) == (Code.INVALID_ARGUMENT, "FIELDS_INVALID")
    assert details["fields"] == {"reject_reason": "TEXT_HAS_HIDDEN_CHARACTERS"}


async def rejected_for(world: World, reason: str) -> str:
    """Reject an application of a new batch for a reason; return the reason as it is kept."""
    way = await Way.begin(Desk(world.service.base.database, world.service.keys))
    await way.draft(1)
    await way.all(submit_applications, SubmitApplication, party=FRONT)
    (each,) = way.applicants
    request = world.request(
        "RejectApplication", name=each.name, etag=each.etag, reject_reason=reason
    )
    rejected = await world.call("RejectApplication", request)
    found = await world.call("GetApplication", world.request("GetApplication", name=each.name))
    assert found.decision_reason == rejected.decision_reason
    return str(found.decision_reason)
