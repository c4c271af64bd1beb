"""A protobuf message as a dict that may stand in a log line, without what is personal.

The contract says what is personal by `debug_redact`; Python's own `str()` of a message ignores
that option. This module shows less rather than more: what it cannot check it does not show.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, cast

from google.protobuf import descriptor_pool
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

REDACTED = "***"
_ITEMS_MAX = 20
_DEPTH_MAX = 16
_TIMES = frozenset({"google.protobuf.Timestamp", "google.protobuf.Duration"})

# Shows one field's value; the number is how many levels of messages may still follow.
Show = Callable[[Any, int], Any]
_shows: dict[Descriptor, Mapping[int, Show]] = {}


def redact(message: Message) -> dict[str, Any]:
    """Return a message as a dict for a log line.

    Fields marked `debug_redact` become "***", also in nested and repeated messages, maps and
    Any. Bytes show their size only, long lists and maps their first items, and an Any of a type
    that is not known here only its type.
    """
    return _show_message(message, _DEPTH_MAX)


def _show_message(message: Message, depth: int) -> dict[str, Any]:
    if depth == 0:
        return {"...": "too deep"}
    if isinstance(message, AnyMessage):
        return _show_any(message, depth)
    shows = _shows_of(cast("Descriptor", message.DESCRIPTOR))
    return {field.name: shows[field.number](value, depth) for field, value in message.ListFields()}


def _shows_of(descriptor: Descriptor) -> Mapping[int, Show]:
    shows = _shows.get(descriptor)
    if shows is None:
        shows = _shows[descriptor] = {field.number: _show_of(field) for field in descriptor.fields}
    return shows


def _show_of(field: FieldDescriptor) -> Show:
    """Choose, once per field of a type, how its values are shown."""
    if field.GetOptions().debug_redact:
        return _hide
    entry = field.message_type
    if entry is not None and entry.GetOptions().map_entry:
        return partial(_show_map, _show_of_one(entry.fields_by_name["value"]))
    show_one = _show_of_one(field)
    return partial(_show_list, show_one) if field.is_repeated else show_one


def _show_of_one(field: FieldDescriptor) -> Show:
    if field.message_type is not None:
        is_time = field.message_type.full_name in _TIMES
        return _show_time if is_time else _show_inner
    if field.enum_type is not None:
        names = {value.number: value.name for value in field.enum_type.values}
        return partial(_show_enum, names)
    return _show_bytes if field.type == FieldDescriptor.TYPE_BYTES else _show_plain


def _hide(_: Any, __: int) -> str:
    return REDACTED


def _show_plain(value: Any, _: int) -> Any:
    return value


def _show_bytes(value: bytes, _: int) -> str:
    return f"<{len(value)} bytes>"


def _show_enum(names: Mapping[int, str], value: int, _: int) -> str | int:
    return names.get(value, value)


def _show_time(value: Any, _: int) -> str:
    try:
        return str(value.ToJsonString())
    except ValueError:
        return "<not a valid time>"


def _show_inner(value: Message, depth: int) -> dict[str, Any]:
    return _show_message(value, depth - 1)


def _show_list(show_one: Show, values: Sequence[Any], depth: int) -> list[Any]:
    shown = [show_one(value, depth) for value in values[:_ITEMS_MAX]]
    if len(values) > _ITEMS_MAX:
        shown.append(f"and {len(values) - _ITEMS_MAX} more")
    return shown


def _show_map(show_one: Show, values: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    shown = {str(key): show_one(values[key], depth) for key in list(values)[:_ITEMS_MAX]}
    if len(values) > _ITEMS_MAX:
        shown["..."] = f"and {len(values) - _ITEMS_MAX} more"
    return shown


def _show_any(message: AnyMessage, depth: int) -> dict[str, Any]:
    try:
        descriptor = descriptor_pool.Default().FindMessageTypeByName(message.TypeName())
        inner = GetMessageClass(descriptor).FromString(message.value)
    except (KeyError, DecodeError):
        return {"@type": message.TypeName()[:200], "value": REDACTED}
    return {"@type": message.TypeName(), **_show_message(inner, depth - 1)}
