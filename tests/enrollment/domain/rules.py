"""How rules of the domain are written as a table that a registrar can read.

A line is a rule, its source, a case of it, and the verdict: the refusal, or None where the case is
allowed.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import pytest

from chassis.errors import DomainError

Line: TypeAlias = tuple[str, str, Callable[[], Any], type[DomainError] | None]


def ids_of(lines: Sequence[Line]) -> list[str]:
    """Return the words by which a failure names its line."""
    verdicts = ("allowed" if refusal is None else refusal.__name__ for *_, refusal in lines)
    return [
        f"{rule} ({source}): {verdict}"
        for (rule, source, *_), verdict in zip(lines, verdicts, strict=True)
    ]


def judge(case: Callable[[], Any], verdict: type[DomainError] | None) -> None:
    """Check that a case is refused as its line says, in two languages, or allowed."""
    if verdict is None:
        case()
        return
    with pytest.raises(verdict) as raised:
        case()
    assert type(raised.value) is verdict
    for locale in ("zh-CN", "en"):
        assert "{" not in raised.value.message(locale)
    assert "?" not in raised.value.message("en")
