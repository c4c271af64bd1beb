"""Checks a request against the limits of its contract and says every broken one in two languages.

The limits are protovalidate options in the proto files; none is written here. This module must
not check what needs the database or the clock.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import protovalidate
from buf.validate import validate_pb2
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from chassis.errors import FieldsInvalid, FieldViolation
from chassis.texts import has_hidden_characters, hidden_characters

_VALIDATOR: Final = protovalidate.Validator()

# By protovalidate's rule id. "{value}" is the limit, "{0}" and "{1}" are those of a range.
_ZH: Final = {
    "required": "此字段必填",
    "string.uuid": "应为 UUID",
    "string.uuid_empty": "应为 UUID，不能为空",
    "string.pattern": "格式不符合要求：{value}",
    "string.min_len": "至少 {value} 个字符",
    "string.max_len": "至多 {value} 个字符",
    "repeated.min_items": "至少 {value} 项",
    "repeated.max_items": "至多 {value} 项",
    "repeated.unique": "不能有重复项",
    "map.max_pairs": "至多 {value} 项",
    "enum.defined_only": "不是已定义的取值",
    "enum.not_in": "必须选择一个取值",
    "int32.gte": "不得小于 {value}",
    "int32.lte": "不得大于 {value}",
    "int32.gte_lte": "应在 {0} 至 {1} 之间",
    "int64.gte": "不得小于 {value}",
    "int64.lte": "不得大于 {value}",
    "int64.gte_lte": "应在 {0} 至 {1} 之间",
}
# Where protovalidate's own text tells nobody what to do.
_EN: Final = {"enum.not_in": "a value must be chosen"}
# The limits of a range stand in protovalidate's text; a violation holds only the first.
_NUMBER: Final = re.compile(r"-?[0-9]+")


def validate(message: Message) -> None:
    """Raise FieldsInvalid with a violation for each broken limit, and each text that hides some.

    What is in a list that is too long is not looked at: that would take longer than any answer
    may, and a small message holds millions of items. Items that the contract says to ignore are
    each checked by whoever takes them.
    """
    overlong = list(_overlong(message))
    if overlong:
        raise FieldsInvalid(violations=overlong)
    violations = list(_unseen(message))
    try:
        _VALIDATOR.validate(message)
    except protovalidate.ValidationError as error:
        violations += [_violation(each) for each in error.violations]
    if violations:
        raise FieldsInvalid(violations=violations)


def _overlong(message: Message, prefix: str = "") -> Iterator[FieldViolation]:
    """Find lists of more items than their contract allows, outer ones first."""
    for field, value in message.ListFields():
        path = prefix + field.name
        if field.is_repeated:
            limit = _items_max(field)
            if limit is not None and len(value) > limit:
                yield FieldViolation(
                    field=path,
                    reason="REPEATED_MAX_ITEMS",
                    zh=_ZH["repeated.max_items"].format(value=limit),
                    en=f"must contain no more than {limit} item(s)",
                )
                continue
        if field.message_type is not None and not _ignores_items(field):
            for subscript, each in _items(field, value):
                if isinstance(each, Message):
                    yield from _overlong(each, f"{path}{subscript}.")


def _items_max(field: FieldDescriptor) -> int | None:
    limits = field.GetOptions().Extensions[validate_pb2.field].repeated
    return int(limits.max_items) if limits.HasField("max_items") else None


def _ignores_items(field: FieldDescriptor) -> bool:
    limits = field.GetOptions().Extensions[validate_pb2.field].repeated
    return bool(limits.items.ignore == validate_pb2.IGNORE_ALWAYS)


def _unseen(message: Message, prefix: str = "") -> Iterator[FieldViolation]:
    """Find texts that no text column of PostgreSQL takes, and those with hidden characters."""
    for field, value in message.ListFields():
        path = prefix + field.name
        if field.is_repeated and _ignores_items(field):
            continue
        for subscript, each in _items(field, value):
            if isinstance(each, Message):
                yield from _unseen(each, f"{path}{subscript}.")
            elif isinstance(each, str) and "\0" in each:
                yield _has_nul(path + subscript)
            elif isinstance(each, str) and has_hidden_characters(each):
                yield hidden_characters(path + subscript)


def _has_nul(path: str) -> FieldViolation:
    return FieldViolation(
        field=path,
        reason="STRING_HAS_NUL",
        zh="不得含有空字符（U+0000）",
        en="must not contain the character U+0000",
    )


def _items(field: FieldDescriptor, value: Any) -> Iterable[tuple[str, Any]]:
    if not field.is_repeated:
        return [("", value)]
    if isinstance(value, Mapping):
        return [(f"[{key}]", part) for key, each in value.items() for part in (key, each)]
    return [(f"[{index}]", each) for index, each in enumerate(value)]


def _violation(violation: Any) -> FieldViolation:
    proto = violation.proto
    rule_id = proto.rule_id
    limits = _NUMBER.findall(proto.message)
    zh = _ZH.get(rule_id, "不符合要求").format(*limits, value=violation.rule_value)
    return FieldViolation(
        field=_path(proto.field.elements),
        reason=rule_id.replace(".", "_").upper(),
        zh=zh,
        en=_EN.get(rule_id, proto.message),
    )


def _path(elements: Sequence[Any]) -> str:
    """Write a field path as google.rpc.BadRequest has it: `items[2].etag`."""
    parts = []
    for element in elements:
        subscript = element.subscript
        index = "" if subscript is None else f"[{getattr(subscript, 'value', subscript)}]"
        parts.append(f"{element.field_name}{index}")
    return ".".join(parts)
