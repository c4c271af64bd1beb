"""Enums of the contract as the domain's own values: the names without their prefix."""

from collections.abc import Callable
from typing import Any


def filter_of(name_of_value: Callable[[Any], str], number: int, *, prefix: str) -> str | None:
    """Return the domain's name of the value that a list is filtered by; None for no filter."""
    return name_of_value(number).removeprefix(prefix) if number else None
