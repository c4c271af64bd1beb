"""What a benchmark prints and when it fails; how long anything takes is tested nowhere."""

import re

import pytest

from bench import __main__ as program
from bench.outcome import Bound, Outcome, in_turn

MISSED = Bound(of="made up ratio", value=0.5, at_least=0.6)


def made_up() -> Outcome:
    return Outcome(
        name="made_up", ours=50.0, bare=100.0, unit="calls/s", details=["more"], bounds=[MISSED]
    )


def test_a_line_has_the_ratio_and_both_figures() -> None:
    line = str(made_up())
    assert re.fullmatch(r"made_up ratio=0\.500 ours=50\.0 bare=100\.0 unit=calls/s", line)


@pytest.mark.parametrize(
    ("bound", "is_met"),
    [
        (Bound(of="x", value=0.6, at_least=0.6), True),
        (Bound(of="x", value=0.59, at_least=0.6), False),
        (Bound(of="x", value=150, at_most=150), True),
        (Bound(of="x", value=151, at_most=150), False),
    ],
)
def test_a_bound_is_met_up_to_its_figure(bound: Bound, *, is_met: bool) -> None:
    assert bound.is_met is is_met


def test_ours_and_bare_take_turns_and_change_who_goes_first() -> None:
    turns: list[str] = []
    figures = iter([1.0, 2.0, 4.0, 3.0, 5.0, 6.0])

    def measure(who: str) -> float:
        turns.append(who)
        return next(figures)

    medians = in_turn(lambda: measure("ours"), lambda: measure("bare"), rounds=3)
    assert turns == ["ours", "bare", "bare", "ours", "ours", "bare"]
    assert medians == (3.0, 4.0)


@pytest.mark.parametrize(("arguments", "status"), [([], 0), (["--check"], 1)])
def test_a_missed_bound_fails_only_when_it_is_asked_for(
    arguments: list[str],
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(program, "BENCHMARKS", {"made_up": made_up})
    monkeypatch.setattr("sys.argv", ["bench", "made_up", *arguments])
    assert program.main() == status
    printed = capsys.readouterr()
    assert printed.out.splitlines() == ["more", str(made_up())]
    assert "missed: made up ratio: 0.500, wanted >= 0.6" in printed.err
