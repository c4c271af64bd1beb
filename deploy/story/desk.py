"""Where the personas of the case make their calls: over gRPC, through the door, in bounded time.

What fails for a while is repeated with the same request_id, which repeats the answer and never
the effect. The id of each step is made of the step's name, so a second run of the story says the
same to the same suite and is answered from memory.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Any, Protocol, TypeVar
from uuid import UUID, uuid5

import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc import aio
from guantong.assistance.v1.indicator_service_pb2_grpc import IndicatorServiceStub
from guantong.assistance.v1.pairing_service_pb2_grpc import PairingServiceStub
from guantong.common.v1.clock_service_pb2_grpc import ClockServiceStub
from guantong.enrollment.v1 import changes_service_pb2_grpc as enrollment_changes
from guantong.enrollment.v1.cohort_service_pb2_grpc import CohortServiceStub
from guantong.enrollment.v1.organisation_service_pb2_grpc import OrganisationServiceStub
from guantong.enrollment.v1.pathway_project_service_pb2_grpc import PathwayProjectServiceStub
from guantong.enrollment.v1.person_service_pb2_grpc import PersonServiceStub
from guantong.enrollment.v1.status_record_service_pb2_grpc import StatusRecordServiceStub
from guantong.transfer.v1 import changes_service_pb2_grpc as transfer_changes
from guantong.transfer.v1.application_service_pb2_grpc import ApplicationServiceStub
from guantong.transfer.v1.objection_service_pb2_grpc import ObjectionServiceStub
from guantong.transfer.v1.transfer_batch_service_pb2_grpc import TransferBatchServiceStub

from deploy.local.door import Door, StoryFailed

NAMESPACE = UUID("5f0b7a52-2e0e-5d6c-9a43-6d1f0c3b2a10")
DEADLINE_S = 10.0
# How long a step is repeated: a process that was killed is back long before.
PATIENCE_S = 60.0
PAUSE_FIRST_S, PAUSE_MAX_S = 0.1, 2.0
AT_ONCE = 8
_TEMPORARY = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    }
)
# What a service answers as long as it has not heard of the step before, taken in another one.
_NOT_HEARD_YET = frozenset({"PATHWAY_PROJECT_NOT_APPROVED"})
# What a suite answers that holds the data of another edition of the case.
_OF_ANOTHER_CASE = frozenset({"REQUEST_ID_REUSED", "ORGANISATION_ALREADY_REGISTERED"})
_ANOTHER_CASE = "（现有数据来自另一版案例，请先运行 make clean）"
_DETAILS = "grpc-status-details-bin"
_CHANNEL_OPTIONS = (
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
)


class Persona(StrEnum):
    """Who acts, as in personas.yaml."""

    ADMINISTRATOR = "administrator"
    SIYANG_REGISTRAR = "siyang_registrar"
    SIYANG_APPROVER = "siyang_approver"
    SIYANG_AGENT = "siyang_agent"
    SZAI_REGISTRAR = "szai_registrar"
    SZAI_APPROVER = "szai_approver"
    SZAI_AGENT = "szai_agent"
    SZEDU_OFFICER = "szedu_officer"
    SZEDU_ASSISTANCE = "szedu_assistance"


class Intent(Protocol):
    """A request that changes something."""

    request_id: str


class Transition(Intent, Protocol):
    """A request that changes a record which the caller has seen."""

    name: str
    etag: str


class Seen(Protocol):
    """A record as a caller has seen it."""

    @property
    def name(self) -> str: ...
    @property
    def etag(self) -> str: ...


R = TypeVar("R")
I = TypeVar("I", bound=Intent)  # noqa: E741 - I for intent
T = TypeVar("T", bound=Transition)
A = TypeVar("A", bound=Message)
Method = aio.UnaryUnaryMultiCallable


class Refused(StoryFailed):
    """A call was refused, or not answered in bounded time."""

    def __init__(self, what: str, error: aio.AioRpcError) -> None:
        self.status = _status(error)
        self.reason = _reason(self.status)
        hint = _ANOTHER_CASE if self.reason in _OF_ANOTHER_CASE else ""
        facts = (f"{what}:", error.code().name, self.reason, _text(self.status, error), hint)
        super().__init__(" ".join(each for each in facts if each))


class Desk:
    """Calls as personas, over one channel."""

    def __init__(self, door: Door, channel: aio.Channel) -> None:
        self._door = door
        self._tokens: dict[Persona, str] = {}
        self.clock = ClockServiceStub(channel)
        self.organisations = OrganisationServiceStub(channel)
        self.projects = PathwayProjectServiceStub(channel)
        self.cohorts = CohortServiceStub(channel)
        self.persons = PersonServiceStub(channel)
        self.records = StatusRecordServiceStub(channel)
        self.batches = TransferBatchServiceStub(channel)
        self.applications = ApplicationServiceStub(channel)
        self.objections = ObjectionServiceStub(channel)
        self.pairings = PairingServiceStub(channel)
        self.indicators = IndicatorServiceStub(channel)
        self.enrollment_changes = enrollment_changes.ChangesServiceStub(channel)
        self.transfer_changes = transfer_changes.ChangesServiceStub(channel)

    async def ask(self, persona: Persona, method: Method[R, A], request: R) -> A:
        """Read something."""
        return await self._repeat(persona, method, request, what=f"{persona} {type(request)}")

    async def do(self, persona: Persona, method: Method[I, A], request: I, *, step: str) -> A:
        """Take a step; raises Refused."""
        request.request_id = str(uuid5(NAMESPACE, step))
        return await self._repeat(persona, method, request, what=f"{step} ({persona})")

    async def move(
        self, persona: Persona, method: Method[T, A], record: Seen, request: T, *, step: str
    ) -> A:
        """Change a record in the version that was seen; raises Refused."""
        request.name, request.etag = record.name, record.etag
        return await self.do(persona, method, request, step=step)

    def headers(self, persona: Persona) -> aio.Metadata:
        """Return what a call as this persona carries."""
        if persona not in self._tokens:
            self._tokens[persona] = self._door.token(persona)
        return aio.Metadata(("authorization", f"Bearer {self._tokens[persona]}"))

    async def _repeat(self, persona: Persona, method: Method[R, A], request: R, *, what: str) -> A:
        patience = Patience()
        while True:
            call = method(request, metadata=self.headers(persona), timeout=DEADLINE_S)
            try:
                return await call
            except aio.AioRpcError as error:
                if not await patience.allows(error):
                    raise Refused(what, error) from None


class Patience:
    """Decides whether to try again, after waiting as long as the answer asked for."""

    def __init__(self, *, patience_s: float = PATIENCE_S) -> None:
        self._until = time.monotonic() + patience_s
        self._pause_s = PAUSE_FIRST_S

    async def allows(self, error: aio.AioRpcError) -> bool:
        """Wait and return True, or return False when the failure is final or time is over."""
        status = _status(error)
        passes = error.code() in _TEMPORARY or _reason(status) in _NOT_HEARD_YET
        if not passes or time.monotonic() > self._until:
            return False
        pause_s = _asked_pause_s(status) or self._pause_s
        self._pause_s = min(PAUSE_MAX_S, self._pause_s * 2)
        await asyncio.sleep(pause_s)
        return True


@asynccontextmanager
async def open_desk(door: Door) -> AsyncIterator[Desk]:
    """Open a channel to the door for as long as the story lasts."""
    async with aio.insecure_channel(door.target, options=_CHANNEL_OPTIONS) as channel:
        yield Desk(door, channel)


async def together(steps: Iterable[Coroutine[Any, Any, R]]) -> list[R]:
    """Take steps a few at a time; return their results in order; the first refusal ends all."""
    places = asyncio.Semaphore(AT_ONCE)

    async def take(step: Coroutine[Any, Any, R]) -> R:
        async with places:
            return await step

    waiting = list(steps)
    tasks = [asyncio.ensure_future(take(step)) for step in waiting]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for step in waiting:
            step.close()  # those that were never begun


def _status(error: aio.AioRpcError) -> status_pb2.Status | None:
    for key, value in error.trailing_metadata() or ():
        if key == _DETAILS and isinstance(value, bytes):
            return status_pb2.Status.FromString(value)
    return None  # nobody but the transport spoke


def _details(status: status_pb2.Status | None, kind: type[A]) -> list[A]:
    found = []
    for packed in status.details if status else ():
        detail = kind()
        if packed.Unpack(detail):
            found.append(detail)
    return found


def _reason(status: status_pb2.Status | None) -> str:
    return next((each.reason for each in _details(status, error_details_pb2.ErrorInfo)), "")


def _asked_pause_s(status: status_pb2.Status | None) -> float | None:
    asked = _details(status, error_details_pb2.RetryInfo)
    return asked[0].retry_delay.ToMilliseconds() / 1000 if asked else None


def _text(status: status_pb2.Status | None, error: aio.AioRpcError) -> str:
    texts = {
        each.locale: each.message for each in _details(status, error_details_pb2.LocalizedMessage)
    }
    return texts.get("zh-CN") or error.details() or ""
