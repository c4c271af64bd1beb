"""Pages: sizes are bounded, and a token is of its filters."""

import base64
import json
from typing import Any

import pytest

from chassis.errors import PageTokenInvalid
from chassis.paging import (
    PAGE_BYTES_MAX,
    PAGE_SIZE_DEFAULT,
    PAGE_SIZE_MAX,
    read_page,
    shorten,
    split,
)

ROWS = [{"id": number} for number in range(1, 6)]


@pytest.mark.parametrize(
    ("asked", "size"),
    [(0, PAGE_SIZE_DEFAULT), (1, 1), (PAGE_SIZE_MAX, PAGE_SIZE_MAX), (2**31 - 1, PAGE_SIZE_MAX)],
)
def test_a_size_is_lowered_to_what_is_allowed(asked: int, size: int) -> None:
    page = read_page(asked, "", {})
    assert (page.size, page.limit, page.after) == (size, size + 1, None)


def test_a_token_leads_to_what_follows_and_the_last_page_has_none() -> None:
    filters = {"state": "OPEN", "of": None}
    page = read_page(2, "", filters)
    shown, token = split(page, ROWS[: page.limit], "id")
    assert shown == ROWS[:2]
    following = read_page(2, token, filters)
    assert following.after == "2"
    assert split(following, ROWS[2:4], "id") == (ROWS[2:4], "")
    assert split(following, [], "id") == ([], "")


@pytest.mark.parametrize(
    "filters",
    [
        {"state": "CLOSED", "of": None},
        {"state": None, "of": None},
        {"state": "OPEN"},
        {"state": "OPEN", "of": "x"},
        {},
    ],
)
def test_a_token_of_other_filters_is_refused(filters: dict[str, str | None]) -> None:
    page = read_page(2, "", {"state": "OPEN", "of": None})
    _, token = split(page, ROWS, "id")
    with pytest.raises(PageTokenInvalid):
        read_page(2, token, filters)


def test_filters_count_whatever_their_order() -> None:
    _, token = split(read_page(2, "", {"a": 1, "b": 2}), ROWS, "id")
    assert read_page(2, token, {"b": 2, "a": 1}).after == "2"


@pytest.mark.parametrize(
    "content", [None, 7, "x", [], ["1"], ["1", "2", "3"], {"a": 1, "b": 2}, [1, 2], [None, None]]
)
def test_a_token_of_another_content_is_refused(content: object) -> None:
    token = base64.urlsafe_b64encode(json.dumps(content).encode()).decode()
    with pytest.raises(PageTokenInvalid):
        read_page(2, token, {})


@pytest.mark.parametrize("token", ["x", "=", "一", "\0", "////", "W10", "[" * 500])
def test_a_token_that_is_none_is_refused(token: str) -> None:
    with pytest.raises(PageTokenInvalid):
        read_page(2, token, {})


def test_a_token_whose_key_is_no_text_is_refused() -> None:
    right = read_page(1, "", {}).filters_hash
    for key in (7, None, ["1"], {"id": 1}):
        token = base64.urlsafe_b64encode(json.dumps([key, right]).encode()).decode()
        with pytest.raises(PageTokenInvalid):
            read_page(2, token, {})


def test_a_page_of_large_rows_is_shorter_and_goes_on_where_it_ended() -> None:
    large = [{"id": number, "text": "文" * 100_000, "sealed": b"x"} for number in range(1, 31)]
    page = read_page(20, "", {})
    shown, token = split(page, large[: page.limit], "id")
    assert 1 <= len(shown) < 20
    assert sum(len(each["text"].encode()) for each in shown) <= PAGE_BYTES_MAX
    assert read_page(20, token, {}).after == str(shown[-1]["id"])


def test_a_row_larger_than_a_page_is_a_page_of_its_own() -> None:
    rows = [{"id": 1, "parts": ["x" * PAGE_BYTES_MAX]}, {"id": 2, "parts": []}]
    shown, token = split(read_page(5, "", {}), rows, "id")
    assert (len(shown), bool(token)) == (1, True)
    assert split(read_page(5, token, {}), rows[1:], "id") == (rows[1:], "")


def test_rows_within_rows_count() -> None:
    rows: list[dict[str, Any]] = [
        {"id": 1, "of": {"text": "x" * PAGE_BYTES_MAX}},
        {"id": 2, "of": None},
    ]
    assert len(shorten(rows)) == 1
