"""Policies are dated data: the narrowest row that holds counts, and none is a clear refusal."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.enrollment.domain.policies import (
    MonthDay,
    Place,
    PolicyRow,
    PolicyTable,
    SchoolKind,
)
from services.enrollment.domain.policy_refusals import PolicyNotInForce
from services.enrollment.edge.policies import load_policies

JIANGSU = Place("32", SchoolKind.SECONDARY)


def row(value: Any, **facts: Any) -> PolicyRow:
    return PolicyRow(**{"valid_from": date(2020, 1, 1), "source": "TEST", **facts}, value=value)


TABLE = PolicyTable(
    {
        "weeks": [
            row(2, valid_to=date(2021, 12, 31)),
            row(3, valid_from=date(2022, 1, 1)),
            row(4, school_kind=SchoolKind.HIGHER),
            row(5, province="32"),
            row(6, province="44", school_kind=SchoolKind.SECONDARY),
        ],
        "until": [row("11-20")],
    }
)


@pytest.mark.parametrize(
    ("on", "place", "value"),
    [
        (date(2020, 1, 1), Place(), 2),
        (date(2021, 12, 31), Place(), 2),
        (date(2022, 1, 1), Place(), 3),
        (date(2022, 1, 1), Place("51", SchoolKind.SECONDARY), 3),
        (date(2022, 1, 1), Place("51", SchoolKind.HIGHER), 4),
        (date(2022, 1, 1), Place("32", SchoolKind.HIGHER), 5),
        (date(2022, 1, 1), Place("44", SchoolKind.SECONDARY), 6),
        (date(2022, 1, 1), Place("44", SchoolKind.HIGHER), 4),
    ],
)
def test_the_narrowest_row_that_holds_counts(on: date, place: Place, value: int) -> None:
    assert TABLE.number("weeks", on=on, place=place) == value


@pytest.mark.parametrize(
    ("name", "on"), [("weeks", date(2019, 12, 31)), ("ages", date(2022, 1, 1))]
)
def test_where_no_row_holds_the_refusal_says_which_policy_is_missing(name: str, on: date) -> None:
    with pytest.raises(PolicyNotInForce) as refused:
        TABLE.number(name, on=on)
    assert refused.value.metadata["policy"] == name
    assert refused.value.metadata["date"] == on.isoformat()


def test_two_rows_do_not_hold_at_once() -> None:
    with pytest.raises(ValueError, match="two rows of weeks hold on 2020-06-01"):
        PolicyTable({"weeks": [row(2), row(3, valid_from=date(2020, 6, 1))]})


def test_a_policy_is_asked_for_as_what_it_is() -> None:
    assert TABLE.month_day("until", on=date(2022, 1, 1)) == MonthDay(11, 20)
    with pytest.raises(TypeError):
        TABLE.number("until", on=date(2022, 1, 1))


def test_every_committed_row_names_its_source_and_a_default_says_so() -> None:
    rows = [row for rows in load_policies().rows.values() for row in rows]
    assert rows
    assert [row for row in rows if row.is_default != row.source.startswith("GK")] == []


@pytest.mark.parametrize(
    "written",
    [
        "{value: 1, valid_from: 2020-01-01}",
        "{value: 1, valid_from: soon, source: GK}",
        "{value: 1.5, valid_from: 2020-01-01, source: GK}",
        "{value: 1, valid_from: 2020-01-01, source: GK, province: Jiangsu}",
        "{value: 1, valid_from: 2020-01-01, source: GK, until: 2021-01-01}",
    ],
)
def test_a_malformed_row_stops_the_start(tmp_path: Path, written: str) -> None:
    file = tmp_path / "policies.yaml"
    file.write_text(f"weeks:\n  - {written}\n", encoding="utf-8")
    with pytest.raises(ValidationError):
        load_policies(file)
