"""One child process: started in a group of its own, logged to a file, stopped for certain.

The kernel ends it when the launcher dies, however that dies, so nothing is left behind. Nothing
here is specific to a program. Start children from the main thread: the kernel's promise is bound
to the thread that started them.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

LOG_TAIL_LINES = 15
POLL_S = 0.02


class ProcessFailed(Exception):
    """A program ended or did not become ready; the text holds the end of its log."""


@dataclass(kw_only=True)
class Process:
    """A program that may be started, killed and started again."""

    name: str
    command: Sequence[str | Path]
    log: Path
    is_ready: Callable[[], bool]
    environment: Mapping[str, str] | None = None
    folder: Path | None = None
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    ready_within_s: float = 30.0
    _child: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def pid(self) -> int | None:
        """The process id, while there is one."""
        return self._child.pid if self._child else None

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs or before it was started."""
        return self._child.poll() if self._child else None

    @property
    def end(self) -> str:
        """How it ended, in words."""
        code = self.exit_code
        if code is not None and code < 0:
            return f"was ended by {signal.Signals(-code).name}"
        return f"ended with {code}"

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def start(self) -> None:
        """Start the program, without waiting until it is ready."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                _guarded(self.command, self.stop_signal),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=None if self.environment is None else dict(self.environment),
                user=self.user,
                group=_group_of(self.user),
                extra_groups=[] if self.user else None,
                start_new_session=True,
            )

    def wait_ready(self) -> None:
        """Wait until the program answers; raises ProcessFailed when it ends or takes too long."""
        deadline = time.monotonic() + self.ready_within_s
        while not self.is_ready():
            self.check_starting(deadline)
            time.sleep(POLL_S)

    def check_starting(self, deadline: float) -> None:
        """Raise ProcessFailed when waiting for readiness has become useless."""
        if not self.is_running:
            raise ProcessFailed(f"{self.name} {self.end}.{self._log_tail()}")
        if time.monotonic() > deadline:
            raise ProcessFailed(
                f"{self.name} was not ready within {self.ready_within_s:.0f} s.{self._log_tail()}"
            )

    def stop(self, *, within_s: float = 10.0) -> None:
        """Ask it to end, insist after `within_s`, and take its children along."""
        if self._child is None:
            return
        if self.is_running:
            self._child.send_signal(self.stop_signal)
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(within_s)
        self.kill()
        self._child = None

    def kill(self) -> None:
        """SIGKILL the program and everything in its group."""
        if self._child is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()

    def _log_tail(self) -> str:
        try:
            lines = self.log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
        except OSError:
            return ""
        return f" The end of {self.log}:\n  " + "\n  ".join(lines)


def _guarded(command: Sequence[str | Path], stop_signal: signal.Signals) -> list[str]:
    """Return the command under a kernel's promise to end it with us, where there is one."""
    parts = [str(part) for part in command]
    guard = shutil.which("setpriv")  # of util-linux, essential in Debian; absent outside Linux
    return [guard, "--pdeathsig", stop_signal.name[3:], "--", *parts] if guard else parts


def _group_of(user: str | None) -> int | None:
    if user is None:
        return None
    import pwd  # noqa: PLC0415 - not on every platform, and needed by root only

    return pwd.getpwnam(user).pw_gid
