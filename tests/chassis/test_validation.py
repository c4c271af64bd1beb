"""What is said of a request that breaks the limits of its contract."""

import time

import pytest
from google.protobuf.message import Message
from guantong.transfer.v1.application_service_pb2 import (
    AssessApplicationRequest,
    BatchSubmitApplicationsRequest,
    DivertApplicationRequest,
)
from guantong.transfer.v1.application_service_pb2 import BatchSubmitApplicationsRequest as Bulk
from guantong.transfer.v1.transfer_batch_service_pb2 import CreateTransferBatchRequest

from chassis.errors import FieldsInvalid, FieldViolation
from chassis.validation import validate

SOMETHING = "7b8e1c52-54a5-4f0e-9d3c-3a1e6f0b2c11"


def test_a_list_that_is_too_long_is_refused_without_looking_at_its_items() -> None:
    # 200 kB of empty items: looking at each takes a quarter of a minute and 600 MB.
    request = BatchSubmitApplicationsRequest(
        request_id=SOMETHING, items=[Bulk.Item() for _ in range(100_000)]
    )
    began = time.monotonic()
    (violation,) = _violations(request)
    assert time.monotonic() - began < 1
    assert (violation.field, violation.reason) == ("items", "REPEATED_MAX_ITEMS")
    assert (violation.zh, violation.en) == (
        "至多 1000 项",
        "must contain no more than 1000 item(s)",
    )


def test_a_list_as_long_as_it_may_be_is_looked_at_item_by_item() -> None:
    item = Bulk.Item(name=f"applications/{SOMETHING}", etag='"1"')
    request = BatchSubmitApplicationsRequest(request_id=SOMETHING, items=[item] * 1000)
    validate(request)
    request.items[999].etag = ""
    (violation,) = _violations(request)
    assert (violation.field, violation.reason) == ("items[999].etag", "STRING_MIN_LEN")


def test_a_text_with_u0000_is_refused_by_its_path() -> None:
    request = AssessApplicationRequest(
        name=f"applications/{SOMETHING}",
        etag='"1"',
        exemption_ground="a\0b",
        request_id=SOMETHING,
    )
    (violation,) = _violations(request)
    assert (violation.field, violation.reason) == ("exemption_ground", "STRING_HAS_NUL")


def test_a_number_outside_its_range_is_told_the_range_and_a_choice_to_choose() -> None:
    said = {each.field: (each.zh, each.en) for each in _violations(DivertApplicationRequest())}
    assert said["diversion"] == ("必须选择一个取值", "a value must be chosen")
    said = {
        each.field: (each.zh, each.en)
        for each in _violations(CreateTransferBatchRequest(quota=0, minimum_total_hundredths=-7))
    }
    assert said["quota"] == (
        "应在 1 至 5000 之间",
        "must be greater than or equal to 1 and less than or equal to 5000",
    )
    assert said["minimum_total_hundredths"][0] == "应在 0 至 10000 之间"


def _violations(request: Message) -> tuple[FieldViolation, ...]:
    with pytest.raises(FieldsInvalid) as refused:
        validate(request)
    return refused.value.violations
