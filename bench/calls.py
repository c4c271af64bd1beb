"""The caller of a benchmark: a process of its own that is given jobs."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.message import Message

from deploy.local.environment import ROOT

IN_FLIGHT = 16
WARM = 200


@dataclass(frozen=True, kw_only=True)
class Calls:
    """What a job saw."""

    calls: int
    seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def per_s(self) -> float:
        return self.calls / self.seconds


class Caller:
    """Hands jobs to the process, one after the other."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._requests = folder / "requests"

    def call(
        self,
        target: str,
        token: str | Sequence[str],
        requests: Iterable[tuple[str, Message]],
        *,
        warm: int = WARM,
        per_s: float | None = None,
    ) -> Calls:
        """Call with all requests, IN_FLIGHT at a time; the first `warm` are not measured.

        Of several tokens each request has the next one, over and over.
        """
        with self._requests.open("w", encoding="ascii") as file:
            for method, request in requests:
                file.write(f"{method} {request.SerializeToString().hex()}\n")
        job = {
            "target": target,
            "tokens": [token] if isinstance(token, str) else list(token),
            "requests": str(self._requests),
            "warm": warm,
            "in_flight": IN_FLIGHT,
            "per_s": per_s,
        }
        return Calls(**json.loads(ask(self._process, json.dumps(job))))


def ask(process: subprocess.Popen[str], job: str) -> str:
    """Hand a line to a process and return the line that it answers."""
    stdin, stdout = process.stdin, process.stdout
    if stdin is None or stdout is None:
        raise RuntimeError("the process has no pipes")
    stdin.write(job + "\n")
    stdin.flush()
    answer = stdout.readline()
    if not answer:
        raise RuntimeError("the process failed; what it said stands above")
    return answer


@contextmanager
def caller(folder: Path) -> Iterator[Caller]:
    """Start the process; it ends with the block."""
    command = [sys.executable, "-m", "bench.processes.caller"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        try:
            yield Caller(process, folder)
        finally:
            process.kill()
