"""Business time: an injected clock, and the civil date that an instant has in China.

Rules ask this clock and nothing else, so a case of three years runs in a minute. Tokens, leases,
back-off and version 7 ids use real time and must not use this module.
"""

import fcntl
import os
import tempfile
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Protocol

from chassis.errors import DomainError, Kind

# Fixed on purpose: the offset has not changed since 1991, and a slim image has no zone files.
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")

_FILE_MAX_BYTES = 64


class ClockMovesForwardOnly(DomainError):
    """The demonstration clock was asked to move to before its present time."""

    kind = Kind.FAILED_PRECONDITION
    zh = "演示时钟当前为 {now}，不能调回 {to}。请选择更晚的时间。"
    en = "The demonstration clock stands at {now} and cannot go back to {to}. Choose a later time."


class Clock(Protocol):
    """Where business time comes from."""

    def now(self) -> datetime:
        """Return the present business time, aware, in UTC."""
        ...


class SystemClock:
    """Business time that is real time."""

    def now(self) -> datetime:
        """Return the present time of the machine."""
        return datetime.now(UTC)


class FileClock:
    """Business time kept in a text file (one RFC 3339 instant) that many processes read.

    It stands still between moves and never goes back. The file is replaced whole, so a reader
    sees either the old instant or the new one; it is read at each call because a file's time
    stamp is too coarse to tell two quick moves apart.
    """

    def __init__(self, path: Path) -> None:
        """Take the path; the file comes into being with the first `advance`."""
        self._path = path
        self._text = b""
        self._now = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        """Return the instant in the file; raises FileNotFoundError before the first `advance`."""
        descriptor = os.open(self._path, os.O_RDONLY)
        try:
            text = os.read(descriptor, _FILE_MAX_BYTES)
        finally:
            os.close(descriptor)
        if text != self._text:
            self._now = _to_utc(datetime.fromisoformat(text.decode("ascii").strip()))
            self._text = text
        return self._now

    def advance(self, to: datetime) -> datetime:
        """Move to `to` and return it; refuses to go back; moving to the present time is fine."""
        to = _to_utc(to)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_name(self._path.name + ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self._path.exists() and to < (now := self.now()):
                raise ClockMovesForwardOnly(now=now.isoformat(), to=to.isoformat())
            _replace(self._path, to.isoformat() + "\n")
        return to


def civil_date(instant: datetime) -> date:
    """Return the date that the instant has on a calendar in China."""
    return _to_utc(instant).astimezone(CHINA).date()


def first_instant(day: date) -> datetime:
    """Return the first instant, in UTC, of a civil date in China."""
    return datetime(day.year, day.month, day.day, tzinfo=CHINA).astimezone(UTC)


def _to_utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        message = "an instant without a time zone"
        raise ValueError(message)
    return instant.astimezone(UTC)


def _replace(path: Path, text: str) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            os.fchmod(file.fileno(), 0o644)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
