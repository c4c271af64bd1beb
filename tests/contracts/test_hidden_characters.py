"""No text of any request may hide something: the rule is the contract's, not that of a service."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from chassis.errors import FieldsInvalid
from chassis.validation import validate
from tests.architecture.sources import SERVICES

# Turns what follows around; shows nothing itself.
HIDDEN = "a\u202eb"
DEPTH_MAX = 4


def requests() -> Iterator[Descriptor]:
    for package in (*SERVICES, "common"):
        module = import_module(f"guantong.{package}.v1")
        for found in iter_modules(module.__path__):
            if found.name.endswith("_pb2"):
                file = import_module(f"guantong.{package}.v1.{found.name}").DESCRIPTOR
                for service in file.services_by_name.values():
                    yield from (method.input_type for method in service.methods)


def with_texts(message: Message, depth: int = 0) -> list[str]:
    """Put a text with a hidden character into every text of a message; return their paths."""
    paths = []
    for field in message.DESCRIPTOR.fields:
        if field.containing_oneof is not None and message.WhichOneof(field.containing_oneof.name):
            continue
        for subscript, filled in _fill(message, field, depth):
            paths += [f"{field.name}{subscript}{each}" for each in filled]
    return paths


def _fill(message: Message, field: Any, depth: int) -> Iterator[tuple[str, list[str]]]:
    value: Any = getattr(message, field.name)
    if _is_map(field):
        # What a map is keyed by is told by the key, as its values are.
        value[HIDDEN] = HIDDEN
        yield f"[{HIDDEN}]", [""]
    elif field.type == FieldDescriptor.TYPE_MESSAGE and depth < DEPTH_MAX:
        part = value.add() if field.is_repeated else value
        part.SetInParent()
        yield (
            "[0]" if field.is_repeated else "",
            [f".{each}" for each in with_texts(part, depth + 1)],
        )
    elif field.type == FieldDescriptor.TYPE_STRING and field.is_repeated:
        value.append(HIDDEN)
        yield "[0]", [""]
    elif field.type == FieldDescriptor.TYPE_STRING:
        setattr(message, field.name, HIDDEN)
        yield "", [""]


def _is_map(field: Any) -> bool:
    kind = field.message_type
    if kind is None or not kind.GetOptions().map_entry:
        return False
    assert kind.fields_by_name["value"].type == FieldDescriptor.TYPE_STRING, "no other map is known"
    return True


REQUESTS = sorted({each.full_name: each for each in requests()}.items())


@pytest.mark.parametrize("request_type", [each for _, each in REQUESTS], ids=dict(REQUESTS))
def test_every_text_of_a_request_is_refused_when_it_hides_something(
    request_type: Descriptor,
) -> None:
    request = GetMessageClass(request_type)()
    paths = with_texts(request)
    if not paths:
        return
    with pytest.raises(FieldsInvalid) as refused:
        validate(request)
    hiding = {
        each.field
        for each in refused.value.violations
        if each.reason == "TEXT_HAS_HIDDEN_CHARACTERS"
    }
    assert hiding == set(paths)


def test_every_service_has_requests_with_texts() -> None:
    packages = {
        name.split(".")[1] for name, each in REQUESTS if with_texts(GetMessageClass(each)())
    }
    assert packages >= set(SERVICES)
