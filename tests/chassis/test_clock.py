"""Promises of business time."""

import multiprocessing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from chassis.clock import ClockMovesForwardOnly, FileClock, SystemClock, civil_date, first_instant

START = datetime(2020, 9, 1, tzinfo=UTC)


def test_the_system_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_a_file_clock_stands_still_between_moves(tmp_path: Path) -> None:
    clock = FileClock(tmp_path / "clock")
    clock.advance(START)
    assert clock.now() == clock.now() == START


def test_every_reader_sees_a_move_at_once(tmp_path: Path) -> None:
    mover, reader = FileClock(tmp_path / "clock"), FileClock(tmp_path / "clock")
    for second in range(200):
        moved = mover.advance(START + timedelta(seconds=second))
        assert reader.now() == moved


def test_a_file_clock_never_goes_back(tmp_path: Path) -> None:
    clock = FileClock(tmp_path / "clock")
    clock.advance(START)
    with pytest.raises(ClockMovesForwardOnly) as refusal:
        FileClock(tmp_path / "clock").advance(START - timedelta(microseconds=1))
    assert clock.now() == START
    assert "2020-09-01" in refusal.value.message("zh-CN")


def test_moving_to_the_present_time_is_no_move_back(tmp_path: Path) -> None:
    clock = FileClock(tmp_path / "clock")
    assert clock.advance(START) == clock.advance(START)


def test_a_file_clock_keeps_its_time_over_a_restart(tmp_path: Path) -> None:
    FileClock(tmp_path / "state" / "clock").advance(START)
    assert FileClock(tmp_path / "state" / "clock").now() == START


def test_a_clock_file_may_be_written_by_hand_with_any_offset(tmp_path: Path) -> None:
    (tmp_path / "clock").write_text("2020-09-01T08:00:00+08:00\n", encoding="ascii")
    assert FileClock(tmp_path / "clock").now() == START


def test_an_instant_without_a_zone_is_refused(tmp_path: Path) -> None:
    naive = START.replace(tzinfo=None)
    with pytest.raises(ValueError, match="without a time zone"):
        FileClock(tmp_path / "clock").advance(naive)
    with pytest.raises(ValueError, match="without a time zone"):
        civil_date(naive)


def test_processes_that_race_leave_the_latest_time(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    movers = [spawn.Process(target=_move, args=(tmp_path / "clock", n)) for n in range(3)]
    for mover in movers:
        mover.start()
    for mover in movers:
        mover.join(30)
    assert FileClock(tmp_path / "clock").now() == START + timedelta(seconds=49 * 3 + 2)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2023, 5, 31, 15, 59, 59, tzinfo=UTC), date(2023, 5, 31)),
        (datetime(2023, 5, 31, 16, 0, tzinfo=UTC), date(2023, 6, 1)),
    ],
)
def test_a_civil_date_turns_at_midnight_in_china(instant: datetime, day: date) -> None:
    assert civil_date(instant) == day


def test_the_first_instant_of_a_day_is_on_that_day_and_the_one_before_is_not() -> None:
    start = first_instant(date(2023, 6, 1))
    assert civil_date(start) == date(2023, 6, 1)
    assert civil_date(start - timedelta(microseconds=1)) == date(2023, 5, 31)


def _move(path: Path, offset: int) -> None:
    clock = FileClock(path)
    for step in range(50):
        try:
            clock.advance(START + timedelta(seconds=step * 3 + offset))
        except ClockMovesForwardOnly:
            continue
