"""The command line of a service: its workers, and how they end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.local.ports import free_port

# Two interpreters start on a machine that may be busy.
PATIENCE_S = 60
SERVICE = """
import asyncio, os, sys
from contextlib import asynccontextmanager
from pathlib import Path
from chassis.changes import Encoders
from chassis.run import Service, main

@asynccontextmanager
async def running(settings, worker):
    Path(sys.argv[0]).with_name(f"worker-{worker}").write_text(str(os.getpid()))
    yield asyncio.Event().wait()

nothing = {"migrations": Path(), "encoders": Encoders({}), "handlers": {}}
main(Service(name="library", running=running, **nothing))
"""
SETTINGS = {
    "GUANTONG_SERVICE": "library",
    "GUANTONG_REGION": "test",
    "GUANTONG_DATABASE_DSN": "postgresql:///none",
    "GUANTONG_PORT": "1",
    "GUANTONG_ISSUER": "i",
    "GUANTONG_AUDIENCE": "a",
    "GUANTONG_JWKS": "j",
    "GUANTONG_WORKERS": "2",
}


@pytest.fixture
def started(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], list[int]]]:
    """A service of two workers, and the ids of the workers' processes."""
    script = tmp_path / "service.py"
    script.write_text(SERVICE)
    process = subprocess.Popen(
        [sys.executable, str(script), "serve"], env={**os.environ, **SETTINGS}
    )
    files = [tmp_path / f"worker-{number}" for number in range(2)]
    workers: list[int] = []
    try:
        _until(lambda: all(file.exists() and file.read_text() for file in files))
        workers += [int(file.read_text()) for file in files]
        yield process, workers
    finally:
        process.kill()
        process.wait()
        for worker in filter(_lives, workers):
            os.kill(worker, signal.SIGKILL)


def test_each_worker_serves_its_metrics_on_a_port_of_its_own(tmp_path: Path) -> None:
    script = tmp_path / "service.py"
    script.write_text(SERVICE)
    port = free_port(following=1)
    variables = {**os.environ, **SETTINGS, "GUANTONG_METRICS_PORT": str(port)}
    process = subprocess.Popen([sys.executable, str(script), "serve"], env=variables)
    try:
        for each in (port, port + 1):
            _until(lambda each=each: b"process_resident_memory_bytes" in _page(each))
    finally:
        process.terminate()
        process.wait()


def _page(port: int) -> bytes:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).content
    except httpx.HTTPError:
        return b""


def test_workers_end_when_the_process_that_started_them_is_killed(
    started: tuple[subprocess.Popen[bytes], list[int]],
) -> None:
    process, workers = started
    process.kill()
    process.wait()
    _until(lambda: not any(map(_lives, workers)))


def test_all_workers_end_when_one_is_killed(
    started: tuple[subprocess.Popen[bytes], list[int]],
) -> None:
    process, workers = started
    os.kill(workers[1], signal.SIGKILL)
    assert process.wait(PATIENCE_S) == signal.SIGKILL
    assert not _lives(workers[0])


def test_a_signal_ends_all_workers_without_fault(
    started: tuple[subprocess.Popen[bytes], list[int]],
) -> None:
    process, workers = started
    process.terminate()
    assert process.wait(PATIENCE_S) == 0
    assert not any(map(_lives, workers))


def _lives(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def _until(condition: object) -> None:
    assert callable(condition)
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.02)
