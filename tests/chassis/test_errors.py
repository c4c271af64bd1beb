"""Promises of the typed refusals: reason, texts, retry, and no dependency."""

import ast
import string
from pathlib import Path
from typing import ClassVar

import pytest

from chassis import errors
from chassis.errors import DomainError, EtagMismatch, FieldsInvalid, FieldViolation, Kind

COMMON = sorted(
    (
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, DomainError) and each is not DomainError
    ),
    key=lambda each: each.__name__,
)


class LibraryRefusal(DomainError):
    domain: ClassVar[str] = "library.guantong"


class ISBNNotKnown(LibraryRefusal):
    kind = Kind.FAILED_PRECONDITION
    zh = "没有书号 {isbn}。"
    en = "No book {isbn}."


def test_the_reason_is_the_class_name_in_upper_snake() -> None:
    assert EtagMismatch(expected="1", actual="2").reason == "ETAG_MISMATCH"
    assert ISBNNotKnown(isbn="1").reason == "ISBN_NOT_KNOWN"


def test_a_refusal_takes_the_error_domain_of_its_family() -> None:
    assert ISBNNotKnown(isbn="1").domain == "library.guantong"
    assert EtagMismatch(expected="1", actual="2").domain == "guantong"


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("zh-CN", "没有书号 7。"),
        ("en", "No book 7."),
        ("en-GB", "No book 7."),
        ("fr", "没有书号 7。"),
    ],
)
def test_the_message_is_rendered_in_the_asked_language(locale: str, text: str) -> None:
    assert ISBNNotKnown(isbn="7").message(locale) == text


class ShelfMoved(LibraryRefusal):
    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"halls": {"EAST": "东馆", "WEST": "西馆"}}
    zh = "“{halls}”的书架 {shelf} 已移走。"
    en = "The shelf {shelf} of {halls} was moved."


def test_names_of_the_contract_are_said_in_chinese_and_kept_in_metadata() -> None:
    moved = ShelfMoved(halls="EAST, WEST, NEW", shelf="EAST")
    assert moved.message("zh-CN") == "“东馆、西馆、NEW”的书架 EAST 已移走。"
    assert moved.message("en") == "The shelf EAST of EAST, WEST, NEW was moved."
    assert moved.metadata["halls"] == "EAST, WEST, NEW"
    assert ShelfMoved(shelf="7").message("zh-CN") == "“?”的书架 7 已移走。"


def test_metadata_is_never_read_as_a_template() -> None:
    assert ISBNNotKnown(isbn="{0.__class__}").message("en") == "No book {0.__class__}."


def test_left_out_metadata_shows_as_a_question_mark_and_does_not_hide_the_refusal() -> None:
    assert ISBNNotKnown().message("en") == "No book ?."


def test_violations_are_kept_in_order_and_named_in_the_log_text() -> None:
    first = FieldViolation("plan.quota", "TOO_LARGE", "过大", "too large")
    refusal = FieldsInvalid(violations=[first])
    assert refusal.violations == (first,)
    assert str(refusal) == "FIELDS_INVALID plan.quota:TOO_LARGE"


def test_a_class_may_say_when_to_retry_and_a_raiser_may_say_otherwise() -> None:
    assert errors.NotYetKnown(name="x").retry_after_ms == 1_000
    assert errors.NotYetKnown(name="x", retry_after_ms=5).retry_after_ms == 5
    assert EtagMismatch(expected="1", actual="2").retry_after_ms is None


@pytest.mark.parametrize("refusal", COMMON)
def test_every_common_refusal_says_what_to_do_in_both_languages(
    refusal: type[DomainError],
) -> None:
    assert "请" in refusal.zh
    assert refusal.en.endswith(".")
    assert _names(refusal.zh) == _names(refusal.en)
    assert refusal.kind in Kind


def test_the_module_needs_only_the_standard_library() -> None:
    tree = ast.parse(Path(errors.__file__).read_text(encoding="utf-8"))
    froms = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    plain = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert froms | plain <= {"re", "collections.abc", "dataclasses", "enum", "typing"}


def _names(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}
