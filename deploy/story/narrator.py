"""What every chapter of the story has at hand: the facts, the desk, the clock, the telling.

Lines are for a school officer: a date of the case, who did what, how many. Persons appear masked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from google.type.date_pb2 import Date
from guantong.common.v1.clock_service_pb2 import AdvanceClockRequest

from chassis.clock import CHINA
from deploy.story.case import Case
from deploy.story.desk import Desk, Persona, Refused
from deploy.story.students import Fate, Student

Out = Callable[[str], None]
_OFFICE_OPENS = time(9, tzinfo=CHINA)
_INDENT = " " * 12


@dataclass(kw_only=True)
class Narrator:
    """The case, who is in it, and where it has got to."""

    case: Case
    students: Sequence[Student]
    desk: Desk
    out: Out
    _today: date | None = field(default=None, init=False)

    def having(self, *fates: Fate) -> list[Student]:
        """Return the students with one of these fates."""
        return [each for each in self.students if each.fate in fates]

    async def on(self, day: date) -> bool:
        """Move the business clock to a day; return False when the suite is past it already."""
        instant = AdvanceClockRequest()
        instant.business_time.FromDatetime(datetime.combine(day, _OFFICE_OPENS))
        try:
            await self.desk.ask(Persona.ADMINISTRATOR, self.desk.clock.AdvanceClock, instant)
        except Refused as refused:
            if refused.reason != "CLOCK_MOVES_FORWARD_ONLY":
                raise
            return False
        return True

    def chapter(self, title: str) -> None:
        self._today = None
        self.out("")
        self.out(title)

    def say(self, day: date, text: str) -> None:
        """Tell what happened on a day; the day is shown once."""
        lead = _INDENT if day == self._today else f"{day:%Y-%m-%d}  "
        self._today = day
        self.out(lead + text)


def civil(day: date) -> Date:
    """Return a date as the contract writes it."""
    return Date(year=day.year, month=day.month, day=day.day)


def span(begin: date, end: date) -> str:
    """Return a period in words."""
    days = (end - begin) // timedelta(days=1) + 1
    return f"{begin:%m-%d} 至 {end:%m-%d}（{days} 天）"
