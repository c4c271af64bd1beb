"""Resource names, and etags."""

from uuid import UUID

import pytest

from chassis.errors import EtagMismatch, FieldsInvalid
from chassis.etags import check_etag, etag_of
from chassis.names import name_of, parse_slug, parse_uuid, parse_uuid_or_none

ID = UUID("00000000-0000-7000-8000-00000000abcd")


def test_a_name_goes_there_and_back() -> None:
    assert name_of("notes", ID) == f"notes/{ID}"
    assert parse_uuid("notes", f"notes/{ID}") == ID
    assert parse_slug("parties", name_of("parties", "alpha")) == "alpha"


def test_where_there_is_no_resource_there_is_no_name() -> None:
    assert name_of("notes", None) == ""
    assert parse_uuid_or_none("notes", "", field="note") is None
    assert parse_uuid_or_none("notes", f"notes/{ID}", field="note") == ID


@pytest.mark.parametrize(
    "name",
    [
        "",
        "notes",
        "notes/",
        f"Notes/{ID}",
        f"other/{ID}",
        f"/notes/{ID}",
        f"notes/{ID}/x",
        f"{ID}",
        "notes/1",
    ],
)
def test_what_is_no_name_of_the_collection_names_its_field(name: str) -> None:
    with pytest.raises(FieldsInvalid) as raised:
        parse_uuid("notes", name, field="note")
    (violation,) = raised.value.violations
    assert (violation.field, violation.reason) == ("note", "NAME_INVALID")
    assert "notes/{uuid}" in violation.zh
    assert "notes/{uuid}" in violation.en


@pytest.mark.parametrize("name", ["", "parties", "parties/", "other/alpha"])
def test_what_is_no_slug_of_the_collection_is_refused(name: str) -> None:
    with pytest.raises(FieldsInvalid):
        parse_slug("parties", name)


def test_an_etag_is_of_one_version() -> None:
    check_etag(etag_of(7), 7)
    for etag in ('"8"', "7", 'W/"7"', "", '"07"', '" 7"'):
        with pytest.raises(EtagMismatch) as raised:
            check_etag(etag, 7)
        assert raised.value.metadata == {"expected": etag, "actual": '"7"'}
