"""The story's calls: repeated with the same request_id while they may succeed, and bounded."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import grpc
import pytest
from guantong.assistance.v1 import pairing_pb2, pairing_service_pb2, pairing_service_pb2_grpc
from guantong.common.v1.event_pb2 import Change
from guantong.transfer.v1 import changes_service_pb2, changes_service_pb2_grpc

from chassis.errors import DomainError, Kind, NotYetKnown
from chassis.statuses import to_status
from deploy.local.door import Door, StoryFailed
from deploy.story.desk import Desk, Persona, Refused, open_desk
from deploy.story.feed import Feed, first_of


class RequestIdReused(DomainError):
    """As a suite answers that holds another case."""

    kind = Kind.ALREADY_EXISTS
    zh = "该请求编号已用于其他内容。"
    en = "The request id was used with another body."


@dataclass
class Suite(
    pairing_service_pb2_grpc.PairingServiceServicer,
    changes_service_pb2_grpc.ChangesServiceServicer,
):
    """Answers with what a test put into it."""

    refusals: list[DomainError] = field(default_factory=list)
    streams: list[list[str]] = field(default_factory=list)
    request_ids: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    async def CreatePairing(self, request: Any, context: Any) -> pairing_pb2.Pairing:  # noqa: N802
        self.request_ids.append(request.request_id)
        if self.refusals:
            await context.abort_with_status(to_status(self.refusals.pop(0)))
        return pairing_pb2.Pairing(name="pairings/1")

    async def WatchChanges(self, request: Any, context: Any) -> AsyncIterator[Any]:  # noqa: N802
        self.tokens.append(request.token)
        for name in self.streams.pop(0):
            change = Change(event_type="ApplicationProposed", resource_name=name)
            yield changes_service_pb2.WatchChangesResponse(changes=[change], next_token=name)
        await context.abort(grpc.StatusCode.UNAVAILABLE, "cut")

    GetPairing = ListPairings = ListChanges = GetHead = cast("Any", None)
    GetDigest = ListDigestEntries = cast("Any", None)


@dataclass(frozen=True)
class StandInDoor:
    """A door to the suite of a test."""

    target: str

    def token(self, persona: str) -> str:
        return persona


@asynccontextmanager
async def _desk(suite: Suite) -> AsyncIterator[Desk]:
    server = grpc.aio.server()
    pairing_service_pb2_grpc.add_PairingServiceServicer_to_server(suite, server)
    changes_service_pb2_grpc.add_ChangesServiceServicer_to_server(suite, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with open_desk(cast("Door", StandInDoor(f"127.0.0.1:{port}"))) as desk:
        yield desk
    await server.stop(None)


async def _pair(desk: Desk) -> pairing_pb2.Pairing:
    return await desk.do(
        Persona.SZEDU_ASSISTANCE,
        desk.pairings.CreatePairing,
        pairing_service_pb2.CreatePairingRequest(),
        step="pair",
    )


async def test_what_is_not_yet_known_is_asked_again_with_the_same_request_id() -> None:
    suite = Suite(refusals=[NotYetKnown(retry_after_ms=1, name="x") for _ in range(3)])
    async with _desk(suite) as desk:
        assert (await _pair(desk)).name == "pairings/1"
        await _pair(desk)
    assert len(suite.request_ids) == 5
    assert len(set(suite.request_ids)) == 1


async def test_a_refusal_ends_the_step_and_says_why() -> None:
    async with _desk(Suite(refusals=[RequestIdReused()])) as desk:
        with pytest.raises(Refused, match=r"pair.*REQUEST_ID_REUSED.*已用于其他内容.*make clean"):
            await _pair(desk)


def _feed(desk: Desk) -> Feed:
    return Feed(
        desk,
        Persona.SZAI_AGENT,
        desk.transfer_changes.WatchChanges,
        changes_service_pb2.WatchChangesRequest,
        ["applications"],
    )


async def test_a_stream_that_is_cut_is_resumed_where_it_ended() -> None:
    suite = Suite(streams=[["a", "b"], ["c"]])
    async with _desk(suite) as desk:
        names = ["a", "c"]
        found = await _feed(desk).wait(
            lambda changes: first_of(changes, names, "ApplicationProposed"), what="a and c"
        )
    assert sorted(found) == names
    assert suite.tokens == ["", "b"]


async def test_what_does_not_appear_in_time_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.story.feed.WITHIN_S", 0.0)
    async with _desk(Suite(streams=[["a"]])) as desk:
        with pytest.raises(StoryFailed, match=r"szai_agent.*registrations"):
            await _feed(desk).wait(lambda _: None, what="registrations")
