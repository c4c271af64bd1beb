"""The feed over gRPC, with the real interceptors, and a service that fills holes from it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from guantong.transfer.v1 import changes_service_pb2, changes_service_pb2_grpc
from guantong.transfer.v1.application_pb2 import Application

from chassis import changes, interceptors, keystore
from chassis.changes_servicer import ChangesServicer
from chassis.db import Transaction
from chassis.epoch import Head
from chassis.errors import CursorExpired, ServiceBusy
from chassis.feed import Feed, Page
from chassis.feed_client import FeedClient
from chassis.feed_tokens import FeedTokens
from chassis.foundation import Foundation
from chassis.head_watch import HeadWatch
from chassis.identity import Caller
from chassis.keys import KeyStore
from chassis.migrations import upgrade
from chassis.rpc import Register
from chassis.sequencer import Sequencer
from tests.chassis.conftest import MakeDatabase, Note, migrate, origin
from tests.served import Served, details_of, served

_WATCHES_MAX = 2
_KEYSTORE = Path(keystore.__file__).with_name("migrations")


def _encode(note: Note) -> changes.Encoded:
    application = Application(name=note.name)
    application.sealed.fields["person_display_name"] = b"sealed"
    return changes.Encoded(note.name, application, note.audience)


async def _present(resources: Sequence[Message], caller: Caller) -> None:
    for resource in resources:
        resource.ClearField("sealed")
        resource.etag = caller.organisation  # type: ignore[attr-defined]


def _servicers(base: Foundation, _: KeyStore) -> Register:
    feed = Feed(
        base.database,
        HeadWatch(base.database),
        FeedTokens.made_up(),
        service="transfer",
        mark_s=0.2,
    )
    servicer: Any = ChangesServicer(
        feed, changes_service_pb2, present=_present, watches_max=_WATCHES_MAX
    )

    def register(server: grpc.aio.Server) -> None:
        changes_service_pb2_grpc.add_ChangesServiceServicer_to_server(servicer, server)

    return register


@pytest.fixture
async def service(make_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[Served]:
    async with served(
        service="transfer",
        database_dsn=await make_database("chassis", migrate),
        keystore_dsn=await make_database("keystore", lambda dsn: upgrade(dsn, _KEYSTORE)),
        folder=tmp_path,
        contract=[changes_service_pb2.DESCRIPTOR],
        servicers=_servicers,
    ) as running:
        yield running


async def _write(service: Served, *notes: Note) -> None:
    async def work(tx: Transaction) -> None:
        tx.note(notes)
        await changes.record(tx, changes.Encoders({Note: _encode}), origin())

    await service.base.database.transact(work)
    await Sequencer(service.base.database).number()


def _stub(service: Served) -> Any:
    return changes_service_pb2_grpc.ChangesServiceStub(service.channel)


async def test_a_party_reads_its_changes_with_sealed_fields_opened(service: Served) -> None:
    await _write(service, Note("applications/1", audience=("szai",)), Note("applications/2"))
    request = changes_service_pb2.ListChangesRequest(page_size=10)
    metadata = service.token("szai", "agent")
    answer = await _stub(service).ListChanges(request, metadata=metadata, timeout=5)
    assert [each.resource_name for each in answer.changes] == ["applications/1", "applications/2"]
    application = Application()
    assert answer.changes[0].resource.Unpack(application)
    assert application.etag == "szai"
    assert not application.HasField("sealed")
    other = await _stub(service).ListChanges(
        request, metadata=service.token("other", "agent"), timeout=5
    )
    assert [each.resource_name for each in other.changes] == ["applications/2"]


async def test_an_expired_token_is_out_of_range_with_its_reason(service: Served) -> None:
    request = changes_service_pb2.ListChangesRequest(token="none")
    metadata = service.token("szai", "agent")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await _stub(service).ListChanges(request, metadata=metadata, timeout=5)
    assert refused.value.code() is grpc.StatusCode.OUT_OF_RANGE
    assert details_of(refused.value)["reason"] == "CURSOR_EXPIRED"


async def test_a_watch_follows_and_too_many_at_once_are_refused(service: Served) -> None:
    metadata = service.token("szai", "agent")
    request = changes_service_pb2.WatchChangesRequest()
    streams = [
        _stub(service).WatchChanges(request, metadata=metadata, timeout=10)
        for _ in range(_WATCHES_MAX)
    ]
    for stream in streams:
        assert (await stream.read()).position == 0
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await _stub(service).WatchChanges(request, metadata=metadata, timeout=5).read()
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    await _write(service, Note("applications/1"))
    for stream in streams:
        while not (message := await stream.read()).changes:
            pass
        assert message.position == 1
        stream.cancel()
    async with asyncio.timeout(5):
        # A watch that ended makes room for another.
        while True:
            stream = _stub(service).WatchChanges(request, metadata=metadata, timeout=5)
            try:
                assert (await stream.read()).position == 1
                break
            except grpc.aio.AioRpcError:
                await asyncio.sleep(0.02)
    stream.cancel()


class _Quiet:
    """A feed that gives one mark and then nothing."""

    async def watch(self, *_: Any) -> AsyncIterator[Page]:
        yield Page((), "token", 0, more=False)
        await asyncio.Event().wait()


async def test_a_party_that_watches_too_much_keeps_no_other_out() -> None:
    feed: Any = _Quiet()
    servicer = ChangesServicer(feed, changes_service_pb2, watches_max=3, watches_of_party_max=2)
    request = changes_service_pb2.WatchChangesRequest()

    async def watch(party: str) -> AsyncIterator[Any]:
        caller = Caller("u", party, frozenset({"agent"}))
        interceptors._current.set(interceptors.Call(caller, "m", origin(), party))
        answers = servicer.WatchChanges(request, None)
        await anext(answers)
        return answers

    watches = [await watch("szai"), await watch("szai")]
    with pytest.raises(ServiceBusy):
        await watch("szai")
    watches.append(await watch("siyang"))
    with pytest.raises(ServiceBusy):
        await watch("other")
    await watches[0].aclose()  # type: ignore[attr-defined] # it is a generator
    await watch("other")


async def test_a_service_reads_what_follows_its_cursor_sealed_as_stored(
    service: Served, tmp_path: Path
) -> None:
    await _write(service, *(Note(f"applications/{n}", audience=("szai",)) for n in range(1, 6)))
    token_file = tmp_path / "token"
    [(_, value)] = service.token("system", "system")
    token_file.write_text(value.removeprefix("Bearer ") + "\n")
    client = FeedClient(service.channel, changes_service_pb2, token_file=token_file)
    head = await client.head()
    assert head.position == 5
    page = await client.changes(epoch=head.epoch, after=2)
    assert [each.position for each in page] == [3, 4, 5]
    application = Application()
    assert page[0].resource.Unpack(application)
    assert application.HasField("sealed")
    assert await client.changes(epoch=head.epoch, after=5) == []
    for wrong in (Head(0, "another"), Head(6, head.epoch)):
        with pytest.raises(CursorExpired):
            await client.changes(epoch=wrong.epoch, after=wrong.position)
