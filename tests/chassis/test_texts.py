"""Texts that people typed come in one form, without what cannot be seen."""

import pytest

from chassis.errors import FieldsInvalid
from chassis.texts import to_optional_text, to_text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("泗阳中等专业学校", "泗阳中等专业学校"),
        (" \u3000泗阳\t", "泗阳"),
        # Beyond the Basic Multilingual Plane, as in names of real people.
        ("张𬭎", "张𬭎"),
        # The same letter in two normal forms.
        ("Cafe\u0301", "Caf\u00e9"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
    ],
)
def test_a_text_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert to_text(typed, field="name") == kept


@pytest.mark.parametrize("typed", ["", " ", "\u3000\n"])
def test_a_blank_text_is_refused_where_one_is_needed(typed: str) -> None:
    with pytest.raises(FieldsInvalid) as refused:
        to_text(typed, field="name")
    assert [(each.field, each.reason) for each in refused.value.violations] == [
        ("name", "TEXT_BLANK")
    ]
    assert to_optional_text(typed, field="name") == ""


@pytest.mark.parametrize(
    "hidden",
    ["\u202e", "\u200b", "\u2066", "\x07", "\ufeff", "\u2028", "\n"],
    ids=["override", "zero width", "isolate", "bell", "byte order mark", "separator", "new line"],
)
def test_a_text_with_hidden_characters_is_refused(hidden: str) -> None:
    for read in (to_text, to_optional_text):
        with pytest.raises(FieldsInvalid) as refused:
            read(f"王{hidden}二", field="name")
        assert refused.value.violations[0].reason == "TEXT_HAS_HIDDEN_CHARACTERS"
