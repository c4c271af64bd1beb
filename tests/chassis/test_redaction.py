"""Promises of what a message shows in a log line."""

from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.redaction import redact

FIELD = descriptor_pb2.FieldDescriptorProto
SECRET = "泗阳𠮷"


def _field(number: int, name: str, kind: int, **more: Any) -> descriptor_pb2.FieldDescriptorProto:
    is_redacted = more.pop("is_redacted", False)
    field = FIELD(number=number, name=name, type=kind, **{"label": FIELD.LABEL_OPTIONAL, **more})  # type: ignore[arg-type]
    if is_redacted:
        field.options.debug_redact = True
    return field


@pytest.fixture(scope="session")
def card() -> type[Message]:
    """A message type with a personal field beside every way to nest it."""
    file = descriptor_pb2.FileDescriptorProto(
        name="chassis_test/card.proto",
        package="chassis_test",
        syntax="proto3",
        dependency=["google/protobuf/any.proto", "google/protobuf/timestamp.proto"],
    )
    # The two must be in the pool before a file may depend on them.
    assert AnyMessage.DESCRIPTOR is not None
    assert Timestamp.DESCRIPTOR is not None
    inner, many, a_message = ".chassis_test.Card", FIELD.LABEL_REPEATED, FIELD.TYPE_MESSAGE
    message = file.message_type.add(name="Card")
    entry = message.nested_type.add(name="ByNameEntry")
    entry.options.map_entry = True
    entry.field.append(_field(1, "key", FIELD.TYPE_STRING))
    entry.field.append(_field(2, "value", a_message, type_name=inner))
    colour = message.enum_type.add(name="Colour")
    colour.value.add(name="COLOUR_UNSPECIFIED", number=0)
    colour.value.add(name="COLOUR_RED", number=1)
    time, anything = ".google.protobuf.Timestamp", ".google.protobuf.Any"
    message.field.extend(
        [
            _field(1, "title", FIELD.TYPE_STRING),
            _field(2, "secret", FIELD.TYPE_STRING, is_redacted=True),
            _field(3, "inner", a_message, type_name=inner),
            _field(4, "many", a_message, type_name=inner, label=many),
            _field(5, "by_name", a_message, type_name=inner + ".ByNameEntry", label=many),
            _field(6, "anything", a_message, type_name=anything),
            _field(7, "hidden", a_message, type_name=inner, is_redacted=True),
            _field(8, "blob", FIELD.TYPE_BYTES),
            _field(9, "colour", FIELD.TYPE_ENUM, type_name=inner + ".Colour"),
            _field(10, "time", a_message, type_name=time),
            _field(11, "secrets", FIELD.TYPE_STRING, label=many, is_redacted=True),
            _field(12, "colours", FIELD.TYPE_ENUM, type_name=inner + ".Colour", label=many),
        ]
    )
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("chassis_test.Card"))


def test_a_personal_field_is_replaced_and_its_neighbour_is_shown(card: type[Message]) -> None:
    assert redact(card(title="a", secret=SECRET)) == {"title": "a", "secret": "***"}


@pytest.mark.parametrize("place", ["inner", "many", "by_name", "anything", "hidden"])
def test_a_personal_field_is_replaced_wherever_it_is_nested(
    card: type[Message], place: str
) -> None:
    secret = card(title="a", secret=SECRET, secrets=[SECRET])
    packed = AnyMessage()
    packed.Pack(secret)
    values: dict[str, Any] = {"many": [secret], "by_name": {"k": secret}, "anything": packed}
    shown = redact(card(**{place: values.get(place, secret)}))
    assert SECRET not in repr(shown)
    assert "***" in repr(shown)


def test_the_message_that_is_redacted_is_not_changed(card: type[Message]) -> None:
    message = card(secret=SECRET)
    redact(message)
    assert message == card(secret=SECRET)


def test_an_any_of_an_unknown_or_broken_type_shows_its_type_only(card: type[Message]) -> None:
    unknown = AnyMessage(type_url="type.googleapis.com/no.such.Type", value=SECRET.encode())
    broken = AnyMessage(type_url="type.googleapis.com/chassis_test.Card", value=b"\xff\xff")
    assert redact(card(anything=unknown))["anything"] == {"@type": "no.such.Type", "value": "***"}
    assert redact(card(anything=broken))["anything"]["value"] == "***"


def test_an_any_at_the_top_is_opened_like_a_nested_one(card: type[Message]) -> None:
    packed = AnyMessage()
    packed.Pack(card(title="a", secret=SECRET))
    assert redact(packed) == {"@type": "chassis_test.Card", "title": "a", "secret": "***"}


def test_enums_show_names_bytes_show_sizes_and_times_are_readable(card: type[Message]) -> None:
    message = card(blob=b"1234", colour=1, colours=[1, 7], time=Timestamp(seconds=1))
    assert redact(message) == {
        "blob": "<4 bytes>",
        "colour": "COLOUR_RED",
        "colours": ["COLOUR_RED", 7],
        "time": "1970-01-01T00:00:01Z",
    }


def test_a_time_out_of_range_does_not_break_the_line(card: type[Message]) -> None:
    shown = redact(card(time=Timestamp(seconds=2**62)))
    assert shown == {"time": "<not a valid time>"}


def test_a_long_list_and_a_deep_message_are_cut(card: type[Message]) -> None:
    many = redact(card(many=[card(title="a")] * 1_000))["many"]
    assert len(many) == 21
    assert many[-1] == "and 980 more"
    deep = card(title="bottom")
    for _ in range(50):
        deep = card(inner=deep)
    assert "too deep" in repr(redact(deep))
    assert "bottom" not in repr(redact(deep))
