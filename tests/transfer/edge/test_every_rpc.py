"""Every RPC: answered when all is well, refused to who may not, and answered again as before."""

from typing import Any

import grpc.aio
import pytest
from guantong.transfer.v1 import application_service_pb2 as pb

from tests.transfer.aggregates import BACK, FRONT, STRANGER
from tests.transfer.edge.world import METHODS, World

Code = grpc.StatusCode
READING = {rpc for rpc in METHODS if rpc.startswith(("Get", "List", "Watch"))}
CREATING = {"CreateApplication", "CreateTransferBatch"}
# Both schools may take these steps, and the feed is open to all, each in its scope.
OF_BOTH = {"SignTransferScheme", "RaiseObjection"} | READING
OF_ONE_RECORD = set(METHODS) - {
    *("CreateTransferBatch", "BatchSubmitApplications"),
    *("ListApplications", "ListTransferBatches", "ListObjections"),
    *("ListChanges", "WatchChanges", "GetHead", "GetDigest", "ListDigestEntries"),
}
# Which field names the record that the call is about.
NAMING = {"CreateApplication": "transfer_batch", "RaiseObjection": "application"}


def test_the_world_has_a_call_for_every_rpc_of_the_contract(world: World) -> None:
    assert set(world.rpcs) == set(METHODS)


@pytest.mark.parametrize("rpc", sorted(METHODS))
@pytest.mark.parametrize("role", ["fund_approver", "assistance_officer", "nobody"])
async def test_a_role_that_is_not_granted_it_is_refused(world: World, rpc: str, role: str) -> None:
    code, details = await world.refused(
        rpc, world.request(rpc), metadata=world.token(rpc, role=role)
    )
    assert (code, details["reason"]) == (Code.PERMISSION_DENIED, "PERMISSION_DENIED")


@pytest.mark.parametrize("rpc", sorted(set(METHODS) - READING))
@pytest.mark.parametrize("role", ["administrator", "auditor", "bureau_officer", "agent", "system"])
async def test_who_oversees_changes_nothing(world: World, rpc: str, role: str) -> None:
    code, details = await world.refused(
        rpc, world.request(rpc), metadata=world.token(rpc, role=role)
    )
    assert (code, details["reason"]) == (Code.PERMISSION_DENIED, "PERMISSION_DENIED")
    assert details["metadata"]["permission"].startswith("transfer.")


@pytest.mark.parametrize("rpc", sorted(OF_ONE_RECORD))
async def test_a_stranger_is_answered_as_if_there_were_nothing(world: World, rpc: str) -> None:
    field = NAMING.get(rpc, "name")
    request = world.request(rpc)
    name = getattr(request, field)
    absent = f"{name.partition('/')[0]}/00000000-0000-7000-8000-ffffffffffff"
    token = world.token(rpc, party=STRANGER)
    answers = [
        await world.refused(rpc, world.request(rpc, **{field: each}), metadata=token)
        for each in (name, absent)
    ]
    assert [code for code, _ in answers] == [Code.NOT_FOUND] * 2
    texts = [details["texts"]["en"] for _, details in answers]
    assert texts[0].replace(name, "") == texts[1].replace(absent, "")
    assert answers[0][1]["metadata"] == {"name": name}


@pytest.mark.parametrize("rpc", sorted(set(METHODS) - OF_BOTH - {"BatchSubmitApplications"}))
async def test_the_other_school_is_told_whose_turn_it_is(world: World, rpc: str) -> None:
    is_front = world.rpcs[rpc].party == FRONT
    token = world.token(rpc, party=BACK if is_front else FRONT, subject="other")
    code, details = await world.refused(rpc, world.request(rpc), metadata=token)
    expected = "NOT_FRONT_SCHOOL" if is_front else "NOT_BACK_COLLEGE"
    assert (code, details["reason"]) == (Code.PERMISSION_DENIED, expected)
    assert details["domain"] == "transfer.guantong"


@pytest.mark.parametrize("rpc", ["ListApplications", "ListTransferBatches", "ListObjections"])
async def test_a_list_shows_what_the_reader_may_see(world: World, rpc: str) -> None:
    counts = {}
    for party, role in (
        (FRONT, "registrar"),
        (BACK, "registrar"),
        (STRANGER, "registrar"),
        ("suite", "administrator"),
        ("szedu", "bureau_officer"),
        ("suite", "auditor"),
    ):
        answer = await world.call(
            rpc,
            world.request(rpc, page_size=1_000),
            metadata=world.token(rpc, party=party, role=role),
        )
        (field,) = [each for each in answer.DESCRIPTOR.fields if each.is_repeated]
        counts[party, role] = len(getattr(answer, field.name))
    assert counts.pop((STRANGER, "registrar")) == 0
    assert len(set(counts.values())) == 1
    assert set(counts.values()) != {0}


async def test_a_bulk_tells_each_stranger_item_by_item(world: World) -> None:
    rpc = "BatchSubmitApplications"
    before = await world.stored()
    for party, code in ((STRANGER, Code.NOT_FOUND), (BACK, Code.PERMISSION_DENIED)):
        answer: pb.BatchSubmitApplicationsResponse = await world.call(
            rpc, world.request(rpc), metadata=world.token(rpc, party=party)
        )
        assert [each.error.code for each in answer.results] == [code.value[0]]
    assert await world.stored() == before


# What makes a repeated call another one.
OTHER_BODY: dict[str, dict[str, Any]] = {
    "CreateApplication": {"cohort_member": "cohortMembers/00000000-0000-7000-8000-ffffffffffff"},
    "CreateTransferBatch": {"quota": 29},
    "RaiseObjection": {"ground": "别的"},
    **{rpc: {} for rpc in READING},
}


async def _call_twice(world: World, rpc: str) -> Any:
    """Call, call again as after a lost answer, and use the request_id for something else."""
    request = world.request(rpc)
    first = await world.call(rpc, request)
    stored = await world.stored()
    assert await world.call(rpc, request) == first, rpc
    assert await world.stored() == stored, rpc
    if changes := OTHER_BODY.get(rpc, {"etag": '"0"'}):
        other = world.request(rpc, **changes, request_id=request.request_id)  # type: ignore[attr-defined] # it changes
        code, details = await world.refused(rpc, other)
        assert (code, details["reason"]) == (Code.ALREADY_EXISTS, "REQUEST_ID_REUSED"), rpc
    return first


async def test_every_rpc_is_answered_and_repeated_and_used_up(world: World) -> None:
    """The last of this module: it changes the world."""
    changing = sorted(set(METHODS) - READING - CREATING - {"BatchSubmitApplications"})
    for rpc in sorted(READING):
        await _call_twice(world, rpc)
    for rpc in sorted(CREATING):
        first = await _call_twice(world, rpc)
        assert first.version == 1
        code, details = await world.refused(rpc, world.request(rpc))
        assert code is Code.ALREADY_EXISTS, rpc
    bulk = world.request("BatchSubmitApplications")
    for rpc in changing:
        seen = world.request(rpc)
        first = await _call_twice(world, rpc)
        assert first.etag == f'"{first.version}"', rpc
        if "etag" not in seen.DESCRIPTOR.fields_by_name:
            continue
        assert first.version == int(seen.etag.strip('"')) + 1, rpc  # type: ignore[attr-defined] # it has one
        # The same intent anew: what the caller has seen is no longer so.
        code, details = await world.refused(rpc, world.request(rpc))
        assert (code, details["reason"]) == (Code.ABORTED, "ETAG_MISMATCH"), rpc
        assert details["metadata"] == {"expected": seen.etag, "actual": first.etag}, rpc  # type: ignore[attr-defined] # as above
        if rpc == "GrantLeave":
            # Leave may be granted anew: the later day counts.
            continue
        # And with what is so now the state refuses.
        code, details = await world.refused(rpc, world.request(rpc, etag=first.etag))
        assert code in {Code.FAILED_PRECONDITION, Code.ABORTED}, rpc
    answer = await world.call("BatchSubmitApplications", bulk)
    assert [each.error.code for each in answer.results] == [Code.ABORTED.value[0]]
