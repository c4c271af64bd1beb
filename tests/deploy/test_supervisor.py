"""Deaths: reported and mended while a restart helps; otherwise the stack fails."""

import asyncio
import sys
from pathlib import Path

import pytest

from deploy.local import supervisor
from deploy.local.process import Process, ProcessFailed
from deploy.local.supervisor import Supervisor, wait_back


def _python(code: str, folder: Path, *, within_s: float = 10) -> Process:
    ready = folder / "ready"
    return Process(
        name="child",
        command=[sys.executable, "-c", code.format(ready=ready)],
        log=folder / "child.log",
        is_ready=ready.exists,
        ready_within_s=within_s,
    )


STAYS = "open(r'{ready}', 'w'); import time; time.sleep(60)"


async def test_a_death_is_reported_and_the_process_started_again(tmp_path: Path) -> None:
    said: list[str] = []
    watcher, child = Supervisor(said.append), _python(STAYS, tmp_path)
    await watcher.start(child)
    first = child.pid
    child.kill()
    await wait_back(child)
    await watcher.stop([[child]], within_s=1)
    assert child.pid is None
    assert len(said) == 1
    assert "child was ended by SIGKILL" in said[0]
    assert first is not None


async def test_a_process_that_keeps_dying_fails_the_stack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "BACK_OFF_MAX_S", 0.0)
    watcher = Supervisor(lambda _: None)
    child = _python(STAYS, tmp_path)
    await watcher.start(child)
    child.command = [sys.executable, "-c", "raise SystemExit(3)"]
    child.kill()
    with pytest.raises(ProcessFailed, match="child died"):
        await asyncio.wait_for(watcher.run_unless_failed(asyncio.Event().wait()), 30)
    await watcher.stop([[child]], within_s=1)


async def test_a_start_that_fails_shows_the_end_of_the_log(tmp_path: Path) -> None:
    watcher = Supervisor(lambda _: None)
    with pytest.raises(ProcessFailed, match=r"(?s)child ended with 1.*no such database"):
        await watcher.start(_python("raise SystemExit('no such database')", tmp_path))


async def test_a_start_that_takes_too_long_is_said(tmp_path: Path) -> None:
    child = _python("import time; time.sleep(60)", tmp_path, within_s=0.3)
    with pytest.raises(ProcessFailed, match="not ready within"):
        await Supervisor(lambda _: None).start(child)
    child.stop(within_s=1)


async def test_a_process_that_ignores_the_request_is_killed_with_its_children(
    tmp_path: Path,
) -> None:
    code = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);" + STAYS
    )
    child = _python(code, tmp_path)
    watcher = Supervisor(lambda _: None)
    await watcher.start(child)
    await asyncio.wait_for(watcher.stop([[child]], within_s=0.2), 5)
    assert not child.is_running
