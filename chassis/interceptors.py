"""What happens around every RPC: log, errors, identity, permission, validation, limits, deadline.

One interceptor, so that the order is read in one place. It wraps each method once, when it is
first called. Methods raise DomainError; only here does an error become a status. This module
must not know any method by name but those that need no token: health and reflection.
"""

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import grpc
from google.protobuf.message import DecodeError, Message

from chassis import logs
from chassis.changes import Origin
from chassis.clock import Clock
from chassis.errors import (
    DeadlinePassed,
    DomainError,
    FieldsInvalid,
    FieldViolation,
    InternalFault,
    Kind,
    PermissionDenied,
    ServiceBusy,
    ServiceUnavailable,
)
from chassis.identity import Caller, TokenVerifier
from chassis.permissions import Grants
from chassis.settings import Limits
from chassis.statuses import to_status
from chassis.temporary import describe, is_outage
from chassis.validation import validate

_OPEN_SERVICES = (
    "/grpc.health.v1.Health/",
    "/grpc.reflection.v1.ServerReflection/",
    "/grpc.reflection.v1alpha.ServerReflection/",
)
# W3C, version 00; it is stored with every change.
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_log = logs.get_logger(__name__)


@dataclass(slots=True)
class Call:
    """The running call: who called what, and where its changes come from.

    `scope` is the organisation whose records the caller may read; None means all records. A caller
    that acts for another organisation is one of that in `caller`; `origin` says the own one.
    """

    caller: Caller
    method: str
    origin: Origin
    scope: str | None


# Who says which organisation a caller may act for beside the own: returns the caller as one of
# that, or raises. What such a caller asks for is in the metadata: `x-acting-for`.
StandIn = Callable[[Caller, str, datetime], Awaitable[Caller]]

_current: ContextVar[Call] = ContextVar("call")


def current_call() -> Call:
    """Return the call that the running method answers."""
    return _current.get()


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may call: the verifier of tokens, the grants, and the permission that each RPC needs."""

    verifier: TokenVerifier
    grants: Grants
    permissions: Mapping[str, str]
    # Whose roles grant it reads the records of all organisations.
    read_all_permission: str


class Gate(grpc.aio.ServerInterceptor):
    """Wraps every method of a server."""

    def __init__(self, policy: Policy, clock: Clock, limits: Limits) -> None:
        self._policy = policy
        self._clock = clock
        self._limits = limits
        self._in_flight = 0
        self._uploads = 0
        self._handlers: dict[str, Any] = {}
        self._stand_in: StandIn | None = None

    def let_stand_in(self, stand_in: StandIn) -> None:
        """Let callers act for other organisations; without this everybody acts for the own."""
        self._stand_in = stand_in

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Return the method's handler, wrapped; health and reflection stay open."""
        method = handler_call_details.method
        handler = self._handlers.get(method)
        if handler is None:
            handler = await continuation(handler_call_details)
            if handler is None or method.startswith(_OPEN_SERVICES):
                return handler
            handler = self._wrap(method, handler)
            self._handlers[method] = handler
        return handler

    def _wrap(self, method: str, handler: Any) -> Any:
        parse = handler.request_deserializer
        if handler.unary_unary is not None:
            unary = self._unary(method, parse, handler.unary_unary)
            # Bytes come in unparsed: what cannot be parsed is then the caller's error, not ours.
            return grpc.unary_unary_rpc_method_handler(unary, None, handler.response_serializer)
        if handler.stream_stream is not None:
            exchange = self._exchange(method, parse, handler.stream_stream)
            return grpc.stream_stream_rpc_method_handler(
                exchange, None, handler.response_serializer
            )
        stream = self._stream(method, parse, handler.unary_stream)
        return grpc.unary_stream_rpc_method_handler(stream, None, handler.response_serializer)

    def _unary(self, method: str, parse: Callable[[bytes], Message], behaviour: Any) -> Any:
        async def call(raw: bytes, context: Any) -> Any:
            facts = _Facts(method, context)
            self._in_flight += 1
            try:
                async with asyncio.timeout(self._deadline_s(context)):
                    request = await self._admit(facts, parse, raw)
                    answer = await behaviour(request, context)
                facts.code = "OK"
            except Exception as error:  # noqa: BLE001 - the boundary: nothing passes unanswered
                failure = _as_domain_error(error, facts)
            else:
                return answer
            finally:
                self._in_flight -= 1
                _log_call(facts)
            return await context.abort_with_status(to_status(failure))

        return call

    def _stream(self, method: str, parse: Callable[[bytes], Message], behaviour: Any) -> Any:
        async def call(raw: bytes, context: Any) -> AsyncIterator[Any]:
            facts = _Facts(method, context)
            failure: DomainError | None = None
            try:
                request = await self._admit(facts, parse, raw)
                async with aclosing(behaviour(request, context)) as responses:
                    async for response in responses:
                        # A stream must not outlive the token that began it.
                        self._identify(facts)
                        yield response
                facts.code = "OK"
            except Exception as error:  # noqa: BLE001 - as above
                failure = _as_domain_error(error, facts)
            finally:
                _log_call(facts)
            if failure is not None:
                await context.abort_with_status(to_status(failure))

        return call

    def _exchange(self, method: str, parse: Callable[[bytes], Message], behaviour: Any) -> Any:
        async def call(arriving: AsyncIterator[bytes], context: Any) -> AsyncIterator[Any]:
            facts = _Facts(method, context)
            failure: DomainError | None = None
            self._uploads += 1
            try:
                self._check_uploads()
                await self._let_in(facts)
                requests = self._checked(arriving, facts, parse)
                async with aclosing(behaviour(requests, context)) as responses:
                    async for response in responses:
                        self._identify(facts)
                        yield response
                facts.code = "OK"
            except Exception as error:  # noqa: BLE001 - as above
                failure = _as_domain_error(error, facts)
            finally:
                self._uploads -= 1
                _log_call(facts)
            if failure is not None:
                await context.abort_with_status(to_status(failure))

        return call

    def _check_uploads(self) -> None:
        if self._uploads > self._limits.uploads_max:
            raise ServiceBusy

    async def _checked(
        self, arriving: AsyncIterator[bytes], facts: "_Facts", parse: Callable[[bytes], Message]
    ) -> AsyncIterator[Message]:
        """Yield the messages of a caller, each checked; nothing is read before it is asked for."""
        messages = aiter(arriving)
        while True:
            async with asyncio.timeout(self._limits.upload_idle_max_s):
                raw = await anext(messages, None)
            if raw is None:
                return
            self._identify(facts)
            yield _read(parse, raw)

    async def _admit(
        self, facts: "_Facts", parse: Callable[[bytes], Message], raw: bytes
    ) -> Message:
        """Let a call of one message pass."""
        await self._let_in(facts)
        return _read(parse, raw)

    async def _let_in(self, facts: "_Facts") -> None:
        """Check identity, permission and limit; set what `current_call` returns."""
        policy = self._policy
        facts.caller = caller = self._identify(facts)
        permission = policy.permissions[facts.method]
        if not policy.grants.allows(caller.roles, permission):
            raise PermissionDenied(permission=permission)
        if self._in_flight > self._limits.concurrency_max:
            raise ServiceBusy
        origin = Origin(
            actor=caller.subject,
            organisation=caller.organisation,
            business_time=self._clock.now(),
            traceparent=facts.traceparent,
        )
        if facts.acting_for and self._stand_in is not None:
            caller = await self._stand_in(caller, facts.acting_for, origin.business_time)
        sees_all = policy.grants.allows(caller.roles, policy.read_all_permission)
        scope = None if sees_all else caller.organisation
        _current.set(Call(caller, facts.method, origin, scope))
        logs.bind(request_id=facts.request_id, trace_id=facts.traceparent[3:35])

    def _identify(self, facts: "_Facts") -> Caller:
        return self._policy.verifier.verify(facts.authorization, datetime.now(UTC))

    def _deadline_s(self, context: Any) -> float:
        remaining = context.time_remaining()
        limit = self._limits.deadline_max_s
        return limit if remaining is None else min(limit, remaining)


def _read(parse: Callable[[bytes], Message], raw: bytes) -> Message:
    try:
        request = parse(raw)
    except DecodeError:
        raise _unreadable() from None
    validate(request)
    return request


def _unreadable() -> FieldsInvalid:
    # Anew each time: an error that is raised again keeps all frames that it ever passed.
    violation = FieldViolation(
        field="",
        reason="MESSAGE_UNREADABLE",
        zh="请求内容无法解析，请检查消息类型与编码",
        en="the message cannot be parsed: check its type and encoding",
    )
    return FieldsInvalid(violations=[violation])


class _Facts:
    """What the metadata says of a call, and how it ended."""

    __slots__ = (
        "acting_for",
        "authorization",
        "caller",
        "code",
        "method",
        "reason",
        "request_id",
        "started",
        "traceparent",
    )

    def __init__(self, method: str, context: Any) -> None:
        self.started = time.perf_counter()
        self.method = method
        # Until it ends in another way: a caller that leaves raises nothing that is caught here.
        self.code = Kind.CANCELLED.value
        self.reason = ""
        self.caller: Caller | None = None
        self.acting_for = ""
        self.authorization = ""
        self.request_id = ""
        self.traceparent = ""
        for key, value in context.invocation_metadata() or ():
            if key == "authorization":
                self.authorization = value
            elif key == "x-acting-for":
                self.acting_for = value[:64]
            elif key == "x-request-id":
                self.request_id = value[:64]
            elif key == "traceparent" and _TRACEPARENT.fullmatch(value):
                self.traceparent = value
        self.request_id = self.request_id or os.urandom(16).hex()
        if not self.traceparent:
            self.traceparent = f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01"


def _as_domain_error(error: Exception, facts: _Facts) -> DomainError:
    failure = _translate(error, facts)
    facts.code = failure.kind.value
    facts.reason = failure.reason
    return failure


def _translate(error: Exception, facts: _Facts) -> DomainError:
    if isinstance(error, DomainError):
        return error
    if isinstance(error, TimeoutError):
        return DeadlinePassed()
    if is_outage(error):
        _log.warning("surroundings failed", error=describe(error), method=facts.method)
        return ServiceUnavailable()
    _log.error(
        "call failed by a fault of ours",
        method=facts.method,
        request_id=facts.request_id,
        exc_info=error,
    )
    return InternalFault(request_id=facts.request_id)


def _log_call(facts: _Facts) -> None:
    caller = facts.caller
    _log.info(
        "call",
        method=facts.method,
        caller=caller.subject if caller else "",
        organisation=caller.organisation if caller else "",
        code=facts.code,
        reason=facts.reason,
        request_id=facts.request_id,
        duration_ms=round((time.perf_counter() - facts.started) * 1000, 2),
    )
