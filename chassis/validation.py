"""Checks a request against the limits of its contract and says every broken one in two languages.

The limits are protovalidate options in the proto files; none is written here. This module must
not check what needs the database or the clock.
"""

from collections.abc import Sequence
from typing import Any, Final

import protovalidate
from google.protobuf.message import Message

from chassis.errors import FieldsInvalid, FieldViolation

_VALIDATOR: Final = protovalidate.Validator()

# By protovalidate's rule id, or its first part. "{value}" is the limit.
_ZH: Final = {
    "required": "此字段必填",
    "string.uuid": "应为 UUID",
    "string.uuid_empty": "应为 UUID，不能为空",
    "string.pattern": "格式不符合要求：{value}",
    "string.min_len": "至少 {value} 个字符",
    "string.max_len": "至多 {value} 个字符",
    "repeated.min_items": "至少 {value} 项",
    "repeated.max_items": "至多 {value} 项",
    "map.max_pairs": "至多 {value} 项",
    "enum.defined_only": "不是已定义的取值",
    "enum.not_in": "必须选择一个取值",
    "int32.gte": "不得小于 {value}",
    "int32.lte": "不得大于 {value}",
    "int32.gte_lte": "超出允许范围",
    "int64.gte": "不得小于 {value}",
    "int64.lte": "不得大于 {value}",
    "int64.gte_lte": "超出允许范围",
}


def validate(message: Message) -> None:
    """Raise FieldsInvalid with a violation for each broken limit."""
    try:
        _VALIDATOR.validate(message)
    except protovalidate.ValidationError as error:
        raise FieldsInvalid(violations=[_violation(each) for each in error.violations]) from None


def _violation(violation: Any) -> FieldViolation:
    proto = violation.proto
    rule_id = proto.rule_id
    zh = _ZH.get(rule_id, "不符合要求").format(value=violation.rule_value)
    return FieldViolation(
        field=_path(proto.field.elements),
        reason=rule_id.replace(".", "_").upper(),
        zh=zh,
        en=proto.message,
    )


def _path(elements: Sequence[Any]) -> str:
    """Write a field path as google.rpc.BadRequest has it: `items[2].etag`."""
    parts = []
    for element in elements:
        subscript = element.subscript
        index = "" if subscript is None else f"[{getattr(subscript, 'value', subscript)}]"
        parts.append(f"{element.field_name}{index}")
    return ".".join(parts)
