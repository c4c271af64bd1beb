"""The stack as a whole: it comes up, survives the death of any process, and leaves nothing."""

import asyncio
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest

from deploy.local import clean
from deploy.local.databases import DATABASES
from deploy.local.ports import PortInvalid, Ports, PortTaken, check_free, free_port, free_ports
from deploy.local.reach import remove
from deploy.local.stack import AlreadyRunning
from tests.deploy.stacks import StandInStack


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[StandInStack]:
    folder = tmp_path_factory.mktemp("stack")
    async with StandInStack(folder, ports=free_ports(), report=lambda _: None) as started:
        yield started
    remove(folder / "postgres")


async def _get(stack: StandInStack, path: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {stack.door.token('auditor')}"}
    async with httpx.AsyncClient(base_url=stack.door.url, headers=headers) as client:
        return await client.get(path)


async def test_a_caller_with_a_persona_is_answered_through_the_door(stack: StandInStack) -> None:
    assert (await _get(stack, "/readyz")).json()["ready"] is True
    assert (await _get(stack, "/v1/clock")).status_code == 200


async def test_a_role_reaches_its_own_database_only(stack: StandInStack) -> None:
    for name in DATABASES:
        connection = await asyncpg.connect(stack.door.dsns[name])
        assert await connection.fetchval("SELECT current_user") == name
        await connection.close()
    foreign = stack.door.dsns["transfer"].rpartition("/")[0] + "/enrollment"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(foreign)


def test_secrets_are_readable_by_their_owner_only(stack: StandInStack) -> None:
    for path in (stack.folder / "secrets").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


async def test_a_second_launcher_is_refused(stack: StandInStack) -> None:
    with pytest.raises(AlreadyRunning):
        async with StandInStack(stack.folder, ports=free_ports()):
            pass


def test_what_runs_is_not_cleaned_away(
    stack: StandInStack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert clean.main(stack.folder) == 1
    assert "Stop it first" in capsys.readouterr().err
    assert (stack.folder / "secrets").exists()


@pytest.mark.parametrize("name", ["transfer", "nats", "postgres", "front", "gateway"])
async def test_a_killed_process_comes_back(stack: StandInStack, name: str) -> None:
    stack.kill(name)
    await stack.wait_back(name)
    for _ in range(100):
        try:
            if (await _get(stack, "/v1/clock")).status_code == 200:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.05)
    raise AssertionError("the door did not answer again")


def test_a_taken_port_is_named_with_its_variable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} .* GUANTONG_NATS_PORT"):
            check_free(Ports(**{**vars(free_ports()), "nats": port}))


def test_two_parts_on_one_port_are_named() -> None:
    ports = free_ports(workers=2)
    both = "GUANTONG_ENROLLMENT_PORT and GUANTONG_TRANSFER_PORT both take port"
    with pytest.raises(PortInvalid, match=both):
        check_free(Ports(**{**vars(ports), "transfer": ports.enrollment + 1}), workers=2)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_when_the_launcher_ends(tmp_path: Path, how: signal.Signals) -> None:
    """Even a killed launcher leaves no process: the kernel ends its children."""
    command = [sys.executable, "-m", "tests.deploy.stacks", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as launcher:
        assert launcher.stdout is not None
        assert launcher.stdout.readline() == b"up\n"
        children = psutil.Process(launcher.pid).children(recursive=True)
        assert len(children) >= 7
        os.kill(launcher.pid, how)
        launcher.wait(15)
    _, alive = psutil.wait_procs(children, timeout=10)
    remove(tmp_path / "postgres")
    assert [each for each in alive if each.status() != psutil.STATUS_ZOMBIE] == []


def test_free_ports_leave_room_for_workers() -> None:
    first = free_port(following=3)
    for port in range(first, first + 4):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
