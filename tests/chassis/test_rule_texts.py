"""Every limit that the contract sets has a text in Chinese, and breaking it says so."""

import importlib
from collections.abc import Iterator
from pathlib import Path

import guantong
import pytest
from buf.validate import validate_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor, FileDescriptor

from chassis.validation import _ZH

LOWER = ("gt", "gte")
UPPER = ("lt", "lte")
# Rules that say how, not what, is checked.
NO_RULES = {"ignore", "example"}


def contract() -> Iterator[FileDescriptor]:
    for folder in guantong.__path__:
        for path in sorted(Path(folder).rglob("*_pb2.py")):
            parts = path.relative_to(Path(folder).parent).with_suffix("").parts
            yield importlib.import_module(".".join(parts)).DESCRIPTOR


def messages(files: Iterator[FileDescriptor]) -> Iterator[Descriptor]:
    waiting = [each for file in files for each in file.message_types_by_name.values()]
    while waiting:
        message = waiting.pop()
        yield message
        waiting += message.nested_types


def rule_ids(rules: validate_pb2.FieldRules) -> Iterator[str]:
    """Return the ids of the rules that a field may break."""
    if rules.required:
        yield "required"
    kind = rules.WhichOneof("type")
    if kind is None:
        return
    given = getattr(rules, kind)
    names = [field.name for field, _ in given.ListFields() if field.name not in NO_RULES]
    bounds = [name for group in (LOWER, UPPER) for name in names if name in group]
    yield from (f"{kind}.{name}" for name in names if name not in {*LOWER, *UPPER, "items"})
    if bounds:
        yield f"{kind}.{'_'.join(bounds)}"
    if "uuid" in names:
        yield "string.uuid_empty"
    if kind == "repeated":
        yield from rule_ids(given.items)
    if kind == "map":
        yield from rule_ids(given.keys)
        yield from rule_ids(given.values)


def limits() -> Iterator[tuple[str, str]]:
    for message in messages(contract()):
        for field in message.fields:
            for rule_id in rule_ids(_rules(field)):
                yield rule_id, field.full_name


def _rules(field: FieldDescriptor) -> validate_pb2.FieldRules:
    rules: validate_pb2.FieldRules = field.GetOptions().Extensions[validate_pb2.field]
    return rules


BY_RULE = dict(sorted(limits()))


def test_the_contract_has_limits() -> None:
    assert {"string.pattern", "repeated.max_items", "required"} <= BY_RULE.keys()


@pytest.mark.parametrize("rule_id", BY_RULE)
def test_every_rule_of_the_contract_has_a_chinese_text(rule_id: str) -> None:
    assert rule_id in _ZH, f"{BY_RULE[rule_id]} may break {rule_id}"


def test_no_rule_is_written_in_the_language_of_expressions() -> None:
    # Such a rule has an id and a text of its own, in one language.
    for message in messages(contract()):
        for field in message.fields:
            assert not _rules(field).cel, field.full_name
        own = message.GetOptions().Extensions[validate_pb2.message]
        assert not own.cel, message.full_name
