"""The arguments of a service's command line, and what it says when it cannot begin."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chassis.changes import Encoders
from chassis.errors import ServiceUnavailable
from chassis.run import Service, main
from chassis.settings import Settings

SETTINGS = {
    "GUANTONG_REGION": "test",
    "GUANTONG_DATABASE_DSN": "postgresql:///none",
    "GUANTONG_PORT": "1",
    "GUANTONG_ISSUER": "i",
    "GUANTONG_AUDIENCE": "a",
    "GUANTONG_JWKS": "j",
}


def run(
    monkeypatch: pytest.MonkeyPatch, *arguments: str, background: Awaitable[None] | None = None
) -> tuple[int | str, list[str]]:
    """Run a command; return what the process would end with, and the services that began."""
    began: list[str] = []

    @asynccontextmanager
    async def running(settings: Settings, worker: int) -> AsyncIterator[Awaitable[None]]:
        began.append(f"{settings.service} {worker}")
        yield background or asyncio.sleep(0)

    monkeypatch.setattr(sys, "argv", ["-m", *arguments])
    service = Service(
        name="library", running=running, migrations=Path(), encoders=Encoders({}), handlers={}
    )
    with pytest.raises(SystemExit) as raised:
        main(service)
    return raised.value.code or 0, began


@pytest.fixture
def _set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GUANTONG_")]:
        monkeypatch.delenv(name)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("arguments", [(), ("stop",), ("serve", "--port", "1"), ("migrate", "x")])
def test_an_unknown_command_says_how_it_is_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert run(monkeypatch, *arguments) == (2, [])
    assert "usage: python -m services.library" in capsys.readouterr().err


@pytest.mark.usefixtures("_set")
def test_a_missing_setting_is_named_before_anything_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GUANTONG_DATABASE_DSN")
    monkeypatch.setenv("GUANTONG_PORT", "many")
    code, began = run(monkeypatch, "serve")
    assert began == []
    assert isinstance(code, str)
    assert code.startswith("library: ")
    assert "GUANTONG_DATABASE_DSN" in code
    assert "GUANTONG_PORT" in code
    assert "many" not in code


async def _fail(error: Exception) -> None:
    raise error


@pytest.mark.usefixtures("_set")
def test_a_background_task_that_ends_ends_the_process_with_a_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert run(monkeypatch, "serve") == (1, ["library 0"])
    assert run(monkeypatch, "serve", background=_fail(ZeroDivisionError())) == (1, ["library 0"])


@pytest.mark.usefixtures("_set")
def test_a_refusal_of_the_background_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    code, _ = run(monkeypatch, "serve", background=_fail(ServiceUnavailable()))
    assert code == f"library: {ServiceUnavailable().message('en')}"


@pytest.mark.usefixtures("_set")
def test_the_name_of_the_service_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "GUANTONG_SERVICE" not in os.environ
    run(monkeypatch, "serve")
    assert os.environ.pop("GUANTONG_SERVICE") == "library"
