"""Promises of log lines: their form, the facts of their call, and what stays out of them."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
import structlog

from chassis import logs
from chassis.settings import Settings


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Logging as a process sets it up, written to memory."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    file = io.StringIO()
    logs.configure(_settings(), file)
    yield file
    structlog.reset_defaults()
    root.handlers, root.level = handlers, level


def test_a_line_is_one_json_object_with_the_service_and_the_fields(lines: io.StringIO) -> None:
    logs.get_logger("chassis.x").info("relay started", position=7, place="泗阳")
    line = _only(lines)
    assert (line["event"], line["position"], line["level"]) == ("relay started", 7, "info")
    assert (line["service"], line["module"]) == ("library", "chassis.x")
    assert line["time"].endswith("Z")
    assert "泗阳" in lines.getvalue()


def test_a_line_below_the_level_costs_no_output(lines: io.StringIO) -> None:
    logs.get_logger("x").debug("not said")
    assert lines.getvalue() == ""


def test_a_logger_made_before_logging_is_set_up_follows_the_set_up() -> None:
    early = logs.get_logger("early")
    file = io.StringIO()
    logs.configure(_settings(), file)
    early.info("said")
    assert _only(file)["module"] == "early"
    structlog.reset_defaults()


def test_a_line_carries_the_facts_of_its_call(lines: io.StringIO) -> None:
    with logs.bound(request_id="r1", method="/x.Y/Z"):
        logs.bind(caller="u1")
        logs.get_logger("x").info("inside")
    line = _only(lines)
    assert (line["request_id"], line["method"], line["caller"]) == ("r1", "/x.Y/Z", "u1")


def test_facts_end_with_their_block(lines: io.StringIO) -> None:
    with logs.bound(request_id="r1"):
        logs.bind(caller="u1")
    logs.get_logger("x").info("after")
    assert not {"request_id", "caller"} & _only(lines).keys()


async def test_facts_of_calls_that_run_together_do_not_mix(lines: io.StringIO) -> None:
    async def call(number: int) -> None:
        logs.bind(request_id=f"r{number}")
        await asyncio.sleep(0)
        logs.get_logger("x").info("done", number=number)

    await asyncio.gather(*(call(number) for number in range(20)))
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert {line["request_id"] for line in told} == {f"r{number}" for number in range(20)}
    assert all(line["request_id"] == f"r{line['number']}" for line in told)


def test_a_traceback_is_told_without_the_values_of_variables(lines: io.StringIO) -> None:
    password = "2retnuh"[::-1]
    try:
        _fail(password)
    except ValueError:
        logs.get_logger("x").exception("call failed")
    assert "ValueError: no" in _only(lines)["exception"]
    assert password not in lines.getvalue()


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_the_text_of_a_librarys_error_stays_out_of_its_traceback(log_format: str) -> None:
    name = "花小张"[::-1]
    twice = asyncpg.UniqueViolationError("duplicate key value violates unique constraint")
    twice.detail, twice.constraint_name = f"Key (name)=({name}) already exists.", "person_name"
    file = io.StringIO()
    logs.configure(_settings(log_format=log_format), file)
    try:
        try:
            raise twice
        except asyncpg.UniqueViolationError as error:
            raise asyncpg.DataError(f"invalid input for query argument: {name}") from error
    except asyncpg.DataError as error:
        logs.get_logger("x").error("call failed", exc_info=error)
        logging.getLogger("some.library").exception("task failed")
    structlog.reset_defaults()
    told = file.getvalue()
    assert name not in told
    assert told.count("UniqueViolationError sqlstate=23505 constraint_name=person_name") == 2
    assert told.count("DataError sqlstate=22000") == 2


def test_a_library_that_logs_its_own_way_gets_the_same_form(lines: io.StringIO) -> None:
    with logs.bound(request_id="r1"):
        logging.getLogger("some.library").warning("slow %s", "thing")
        logging.getLogger("some.library").info("chatter")
    line = _only(lines)
    assert (line["event"], line["module"], line["level"]) == (
        "slow thing",
        "some.library",
        "warning",
    )
    assert line["request_id"] == "r1"


def test_a_line_break_in_a_field_cannot_forge_a_second_line(lines: io.StringIO) -> None:
    logs.get_logger("x").info("said", value='a\n{"event": "forged"}')
    assert len(lines.getvalue().splitlines()) == 1


def test_the_console_form_is_read_by_people() -> None:
    file = io.StringIO()
    logs.configure(_settings(log_format="console"), file)
    logs.get_logger("x").warning("relay waits", seconds=2)
    structlog.reset_defaults()
    assert "relay waits" in file.getvalue()
    assert "seconds=2" in file.getvalue()


def _settings(**more: Any) -> Settings:
    return Settings(
        service="library",
        region="suzhou",
        database_dsn="postgresql:///x",
        port=1,
        issuer="i",
        audience="a",
        jwks="j",
        **more,
    )


def _only(file: io.StringIO) -> dict[str, Any]:
    (line,) = file.getvalue().splitlines()
    told: dict[str, Any] = json.loads(line)
    return told


def _fail(password: str) -> None:
    if password:
        raise ValueError("no")
