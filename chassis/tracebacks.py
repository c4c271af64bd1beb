"""What a log line may hold of an exception: where it came from, and its text only if it is ours.

The text of a library's error may hold personal data: a database says which key was there twice,
a driver which argument did not fit. Source lines are shown; values of variables never are.
"""

import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Final

_OURS: Final = frozenset({"builtins", "chassis", "services", "gateway", "__main__"})
# What asyncpg's errors have beside their text, and no value in it.
_FACTS: Final = ("sqlstate", "table_name", "column_name", "constraint_name")
_LINKS_MAX: Final = 8

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def format_failure(exc_info: ExcInfo) -> str:
    """Return an exception as a traceback, after those that led to it."""
    told = [_format_one(error) for error in _chain(exc_info[1])]
    return "\nwhich led to\n".join(reversed(told))


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    for _ in range(_LINKS_MAX):
        if link is None:
            return
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _format_one(error: BaseException) -> str:
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"{frames}{type(error).__qualname__}{_text_of(error)}"


def _text_of(error: BaseException) -> str:
    if type(error).__module__.partition(".")[0] in _OURS:
        return f": {error}"
    facts = (f"{name}={value}" for name in _FACTS if (value := getattr(error, name, None)))
    return "".join(f" {fact}" for fact in facts)
