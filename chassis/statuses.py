"""Turns a DomainError into the status that goes over the wire, and into a google.rpc.Status.

Details: one ErrorInfo, BadRequest for fields, RetryInfo for a delay, LocalizedMessage in Chinese
and English. Nothing of our insides may be in it.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from chassis.errors import DomainError, FieldViolation

# Details travel in trailing metadata, in base64. A gRPC client refuses more than 8 KiB of it at
# random, unless it was told otherwise: the caller would read of a stream that was removed.
VIOLATIONS_MAX: Final = 20
_VIOLATIONS_MAX_BYTES: Final = 4 * 1024
_LOCALES: Final = ("zh-CN", "en")


def to_status(error: DomainError) -> grpc.Status:
    """Return the status for `context.abort_with_status`."""
    return rpc_status.to_status(to_proto(error))


def to_proto(error: DomainError) -> status_pb2.Status:
    """Return the error as google.rpc.Status, as bulk results and JSON callers get it."""
    return status_pb2.Status(
        code=code_pb2.Code.Value(error.kind.value),
        message=error.message("en"),
        details=[_pack(detail) for detail in _details(error)],
    )


def _details(error: DomainError) -> list[Message]:
    details: list[Message] = [
        error_details_pb2.ErrorInfo(
            reason=error.reason, domain=error.domain, metadata=error.metadata
        )
    ]
    if error.violations:
        details.append(
            error_details_pb2.BadRequest(field_violations=list(_first(error.violations)))
        )
    if error.retry_after_ms is not None:
        delay = duration_pb2.Duration()
        delay.FromMilliseconds(error.retry_after_ms)
        details.append(error_details_pb2.RetryInfo(retry_delay=delay))
    details.extend(
        error_details_pb2.LocalizedMessage(locale=locale, message=error.message(locale))
        for locale in _LOCALES
    )
    return details


def _first(
    violations: Sequence[FieldViolation],
) -> Iterator[error_details_pb2.BadRequest.FieldViolation]:
    """Return the first violations, as many as fit; always one."""
    left = _VIOLATIONS_MAX_BYTES
    for number, each in enumerate(violations[:VIOLATIONS_MAX]):
        message = _violation(each)
        left -= message.ByteSize()
        if left < 0 and number:
            return
        yield message


def _violation(violation: FieldViolation) -> error_details_pb2.BadRequest.FieldViolation:
    return error_details_pb2.BadRequest.FieldViolation(
        field=violation.field,
        reason=violation.reason,
        description=violation.en,
        localized_message=error_details_pb2.LocalizedMessage(locale="zh-CN", message=violation.zh),
    )


def _pack(message: Message) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed
