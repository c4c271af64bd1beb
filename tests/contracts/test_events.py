"""What an agent of a school was written for stays: no event loses or renames what it carried.

A golden file is an event of the day on which it was written. It is read by today's contract; a
new field is no loss, a field that was renamed or taken away is an error of the reader.
"""

import json
from importlib import import_module

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message
from guantong.common.v1.event_pb2 import Change

from tests.contracts.events import EVENTS, GOLDEN, RESOURCES, to_json


def test_each_event_of_each_service_has_a_golden_file_and_each_file_an_event() -> None:
    for service, resources in RESOURCES.items():
        events = import_module(f"services.{service}.domain.events").Event
        assert {each.value for each in events} == set(resources)
    assert {path.stem for path in GOLDEN.iterdir()} == {name for _, name, _ in EVENTS}


@pytest.mark.parametrize(("source", "name", "resource"), EVENTS, ids=[each[1] for each in EVENTS])
def test_an_event_of_an_earlier_day_is_read_whole(
    source: str, name: str, resource: type[Message]
) -> None:
    golden = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    change = json_format.ParseDict(golden, Change())
    assert to_json(change) == golden
    assert (change.source, change.event_type) == (source, name)
    assert change.resource.TypeName() == resource.DESCRIPTOR.full_name


def test_a_field_of_an_earlier_day_that_is_gone_is_noticed() -> None:
    golden = json.loads((GOLDEN / "PairingCreated.json").read_text(encoding="utf-8"))
    golden["resource"]["helping"] = golden["resource"].pop("helper")
    with pytest.raises(json_format.ParseError, match="helping"):
        json_format.ParseDict(golden, Change())
