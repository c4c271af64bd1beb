"""Enums of the contract as the domain's own values."""

from collections.abc import Callable
from typing import Any


def state_filter(name_of_state: Callable[[Any], str], number: int) -> str | None:
    """Return the domain's name of the state that a list is filtered by; None for no filter."""
    return name_of_state(number).removeprefix("STATE_") if number else None
