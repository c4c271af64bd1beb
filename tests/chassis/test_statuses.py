"""An error on the wire: code, one reason, fields, delay, both languages; and not too large."""

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

from chassis.errors import (
    DomainError,
    EtagMismatch,
    FieldsInvalid,
    FieldViolation,
    Kind,
    NotYetKnown,
)
from chassis.statuses import VIOLATIONS_MAX, to_proto, to_status

# What a client takes for certain: half of the limit that is set, beyond which it may refuse.
TRAILERS_SAFE_BYTES = 8 * 1024


def unpacked(status: status_pb2.Status) -> dict[str, list[Message]]:
    kinds: list[type[Message]] = [
        error_details_pb2.ErrorInfo,
        error_details_pb2.BadRequest,
        error_details_pb2.RetryInfo,
        error_details_pb2.LocalizedMessage,
    ]
    found: dict[str, list[Message]] = {kind.DESCRIPTOR.name: [] for kind in kinds}
    for detail in status.details:
        (kind,) = [each for each in kinds if detail.Is(each.DESCRIPTOR)]
        message = kind()
        detail.Unpack(message)
        found[kind.DESCRIPTOR.name].append(message)
    return found


def violations(count: int, length: int = 10) -> list[FieldViolation]:
    return [
        FieldViolation(f"items[{index}].name", "STRING_PATTERN", "不" * length, "x" * length)
        for index in range(count)
    ]


def test_a_refusal_has_a_reason_and_both_texts_and_nothing_else() -> None:
    status = to_proto(EtagMismatch(expected='"1"', actual='"2"'))
    assert status.code == code_pb2.ABORTED
    found = unpacked(status)
    assert [len(found[kind]) for kind in found] == [1, 0, 0, 2]
    (info,) = found["ErrorInfo"]
    assert info == error_details_pb2.ErrorInfo(
        reason="ETAG_MISMATCH", domain="guantong", metadata={"expected": '"1"', "actual": '"2"'}
    )
    texts = {each.locale: each.message for each in found["LocalizedMessage"]}  # type: ignore[attr-defined] # of this kind
    assert set(texts) == {"zh-CN", "en"}
    assert status.message == texts["en"]


def test_fields_are_named_with_both_texts() -> None:
    found = unpacked(to_proto(FieldsInvalid(violations=violations(2))))
    (request,) = found["BadRequest"]
    assert [each.field for each in request.field_violations] == ["items[0].name", "items[1].name"]  # type: ignore[attr-defined] # of this kind
    first = request.field_violations[0]  # type: ignore[attr-defined] # as above
    assert (first.reason, first.description) == ("STRING_PATTERN", "x" * 10)
    assert (first.localized_message.locale, first.localized_message.message) == ("zh-CN", "不" * 10)


def test_a_refusal_that_passes_says_after_which_delay() -> None:
    found = unpacked(to_proto(NotYetKnown(name="notes/1")))
    (retry,) = found["RetryInfo"]
    assert retry.retry_delay.ToMilliseconds() == 1_000  # type: ignore[attr-defined] # of this kind


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_a_code(kind: Kind) -> None:
    class Refusal(DomainError):
        zh = "一"
        en = "one"

    Refusal.kind = kind
    assert to_status(Refusal()).code is grpc.StatusCode[kind.value]


def trailers_bytes(error: DomainError) -> int:
    """Return what an error takes of the trailing metadata, as it is sent."""
    status = to_status(error)
    sizes = [len(value) * 4 // 3 + 4 for _, value in status.trailing_metadata or ()]
    # Whatever is not ASCII is escaped, three characters a byte.
    text = sum(1 if 32 <= byte < 127 else 3 for byte in (status.details or "").encode())
    return sum(sizes) + text + 200


def test_a_thousand_broken_fields_fit_into_the_trailers() -> None:
    # As long as the texts of the contract's longest pattern.
    error = FieldsInvalid(violations=violations(2_000, length=110))
    found = unpacked(to_proto(error))
    (request,) = found["BadRequest"]
    shown = len(request.field_violations)  # type: ignore[attr-defined] # of this kind
    assert 5 < shown <= VIOLATIONS_MAX
    assert trailers_bytes(error) < TRAILERS_SAFE_BYTES


def test_as_many_short_ones_are_shown_as_are_read_and_one_however_long() -> None:
    for count, length, shown in ((3, 10, 3), (40, 10, VIOLATIONS_MAX), (2, 5_000, 1)):
        error = FieldsInvalid(violations=violations(count, length))
        (request,) = unpacked(to_proto(error))["BadRequest"]
        assert len(request.field_violations) == shown  # type: ignore[attr-defined] # of this kind


def test_long_facts_fit_into_the_trailers() -> None:
    assert trailers_bytes(EtagMismatch(expected="一" * 32, actual='"1"')) < TRAILERS_SAFE_BYTES
