"""Checks one of very many messages of a type fast: a row that is surely fine is told apart at once.

The rules are those of the contract, read once a type. What is not surely fine is given to
`chassis.validation`, which says what is wrong; so there is one list of rules and of texts.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from buf.validate import validate_pb2
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from chassis.errors import FieldsInvalid
from chassis.validation import validate

# Whether a value of a field surely breaks no rule.
_Test = Callable[[Any], bool]
_STRING_RULES: Final = {"min_len", "max_len", "pattern"}
_NUMBERS: Final = {
    FieldDescriptor.CPPTYPE_INT32: "int32",
    FieldDescriptor.CPPTYPE_INT64: "int64",
}


class RowRules:
    """The rules of one type of message."""

    def __init__(self, descriptor: Any) -> None:
        """Read the rules of a descriptor; a field without a fast test makes all checks slow."""
        tests = [(field.name, _test_of(field)) for field in descriptor.fields]
        self._tests = [(name, test) for name, test in tests if test is not _anything]

    def check(self, row: Message) -> FieldsInvalid | None:
        """Return what is wrong with a row, or None."""
        for name, test in self._tests:
            if not test(getattr(row, name)):
                break
        else:
            return None
        try:
            validate(row)
        except FieldsInvalid as refusal:
            return refusal
        return None


def _test_of(field: FieldDescriptor) -> _Test:
    rules = field.GetOptions().Extensions[validate_pb2.field]
    names = {each.name for each, _ in rules.ListFields()}
    if field.is_repeated or field.message_type is not None or field.has_presence:
        return _nothing
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING and names <= {"string", "ignore"}:
        return _text_test(rules)
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL and not names:
        return _anything
    if field.cpp_type == FieldDescriptor.CPPTYPE_ENUM and names <= {"enum"}:
        return _enum_test(field, rules)
    kind = _NUMBERS.get(field.cpp_type, "")
    return _number_test(getattr(rules, kind)) if kind and names <= {kind} else _nothing


def _anything(_: Any) -> bool:
    return True


def _nothing(_: Any) -> bool:
    return False


def _text_test(rules: Any) -> _Test:
    text = rules.string
    if {each.name for each, _ in text.ListFields()} - _STRING_RULES:
        return _nothing
    may_be_empty = rules.ignore == validate_pb2.IGNORE_IF_ZERO_VALUE
    least = text.min_len if text.HasField("min_len") else 0
    most = text.max_len if text.HasField("max_len") else float("inf")
    search = re.compile(text.pattern).search if text.HasField("pattern") else None

    def is_fine(value: str) -> bool:
        if not value and may_be_empty:
            return True
        # What cannot be seen is looked at closely, also where `$` would let a last line end pass.
        if not least <= len(value) <= most or not value.isprintable():
            return False
        return search is None or search(value) is not None

    return is_fine


def _enum_test(field: FieldDescriptor, rules: Any) -> _Test:
    if field.enum_type is None:
        return _nothing
    known = frozenset(value.number for value in field.enum_type.values)
    return (known - frozenset(rules.enum.not_in)).__contains__


def _number_test(rules: Any) -> _Test:
    if {each.name for each, _ in rules.ListFields()} - {"gte", "lte"}:
        return _nothing
    least = rules.gte if rules.HasField("gte") else float("-inf")
    most = rules.lte if rules.HasField("lte") else float("inf")
    return lambda value: least <= value <= most
