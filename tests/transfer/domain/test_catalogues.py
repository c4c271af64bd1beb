"""The domain's lists of refusals, events and states are those of the contract."""

import inspect
import string

import pytest
from guantong.transfer.v1 import (
    application_pb2,
    error_reason_pb2,
    events_pb2,
    objection_pb2,
    transfer_batch_pb2,
)

from chassis.errors import DomainError
from services.transfer.domain import application_states, objection, refusals, transfer_batch
from services.transfer.domain.events import Event

REFUSALS = [
    each
    for _, each in inspect.getmembers(refusals, inspect.isclass)
    if issubclass(each, refusals.TransferRefusal) and each is not refusals.TransferRefusal
]


def names(enum: object, prefix: str) -> set[str]:
    keys = set(enum.keys())  # type: ignore[attr-defined]
    return {key.removeprefix(prefix) for key in keys} - {"UNSPECIFIED"}


def test_each_refusal_is_a_reason_of_the_contract_and_each_reason_a_refusal() -> None:
    assert {each.reason for each in REFUSALS} == names(
        error_reason_pb2.ErrorReason, "ERROR_REASON_"
    )


def test_each_event_is_of_the_contract_and_named_alike() -> None:
    assert {each.name for each in Event} == names(events_pb2.EventType, "EVENT_TYPE_")
    for event in Event:
        assert event.value == "".join(word.capitalize() for word in event.name.split("_"))


@pytest.mark.parametrize(
    ("ours", "theirs", "prefix"),
    [
        (application_states.State, application_pb2.Application.State, "STATE_"),
        (
            application_states.RetentionKind,
            application_pb2.Application.RetentionKind,
            "RETENTION_KIND_",
        ),
        (application_states.Diversion, application_pb2.Application.Diversion, "DIVERSION_"),
        (transfer_batch.State, transfer_batch_pb2.TransferBatch.State, "STATE_"),
        (transfer_batch.Holder, transfer_batch_pb2.TransferBatch.Holder, "HOLDER_"),
        (objection.State, objection_pb2.Objection.State, "STATE_"),
    ],
)
def test_the_enums_have_the_values_of_the_contract(
    ours: object, theirs: object, prefix: str
) -> None:
    assert {each.value for each in ours} == names(theirs, prefix)  # type: ignore[attr-defined]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda each: str(each.__name__))
def test_each_refusal_says_the_same_facts_in_chinese_and_english(
    refusal: type[DomainError],
) -> None:
    facts = [
        {name for _, name, _, _ in string.Formatter().parse(text) if name}
        for text in (refusal.zh, refusal.en)
    ]
    assert facts[0] == facts[1]
    assert refusal.zh.endswith("。")
    assert refusal.en.endswith(".")
    assert refusal.domain == "transfer.guantong"
