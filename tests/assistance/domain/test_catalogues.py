"""The domain's lists of refusals, events and codes are those of the contract."""

import inspect
import string

import pytest
from guantong.assistance.v1 import error_reason_pb2, events_pb2, indicator_pb2, pairing_pb2

from chassis.errors import DomainError
from services.assistance.domain import indicator, pairing, refusals
from services.assistance.domain.events import Event

REFUSALS = [
    each
    for _, each in inspect.getmembers(refusals, inspect.isclass)
    if issubclass(each, refusals.AssistanceRefusal) and each is not refusals.AssistanceRefusal
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
        (pairing.State, pairing_pb2.Pairing.State, "STATE_"),
        (pairing.Level, pairing_pb2.Pairing.Level, "LEVEL_"),
        (pairing.Programme, pairing_pb2.Pairing.Programme, "PROGRAMME_"),
        (indicator.Kind, indicator_pb2.Indicator.Kind, "KIND_"),
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
    assert refusal.domain == "assistance.guantong"
