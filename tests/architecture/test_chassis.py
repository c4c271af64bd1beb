"""The chassis serves any service: no word of the domain is in it, and its refusals are common."""

import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest
from guantong.common.v1.error_reason_pb2 import ErrorReason

from chassis.errors import DomainError
from tests.architecture.sources import ROOT, place, python_files

WORDS = [
    line
    for line in (Path(__file__).with_name("domain_words.txt").read_text("utf-8").splitlines())
    if line and not line.startswith("#")
]
# Words of a library that are spelled like ours.
FOREIGN = {
    "chassis/settings.py": {"scheme": "of an address"},
    "chassis/identity.py": {"scheme": "of an authorization"},
    "chassis/jwks.py": {"scheme": "of an address"},
}
# Said to an operator at a start or at the command line, or kept in a dead letter; no caller of an
# RPC meets them.
OPERATOR = {
    "BrokerAway": "a process waits for its broker",
    "BrokerNotDurable": "a process does not start",
    "ChangeUnreadable": "kept with the dead letter",
    "DeadLetterBehindAnother": "answer of `dead-letters`",
    "DeadLetterNotFound": "answer of `dead-letters`",
    "DeadLetterSettled": "answer of `dead-letters`",
    "HistoryBehind": "a process does not start",
    "ServiceRunning": "answer of `new-epoch`",
}


def words_of(text: str) -> set[str]:
    """Return the words of names and sentences alike: `BatchOf_many` is batch, of, many."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return {word.lower() for word in re.findall(r"[A-Za-z]+", parted)}


@pytest.mark.parametrize("path", python_files("chassis"), ids=place)
def test_the_chassis_has_no_word_of_the_domain(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    words = words_of(text)
    forms = {word: {word, f"{word}s", f"{word[:-1]}ies"} for word in WORDS}
    found = {word for word in WORDS if (not word.isascii() and word in text) or forms[word] & words}
    assert found <= FOREIGN.get(place(path), {}).keys()


def test_the_words_are_sorted_and_there_once() -> None:
    assert sorted(set(WORDS)) == WORDS


def refusals_of_chassis() -> dict[str, type[DomainError]]:
    """Return the refusals that the chassis defines, by class name."""
    found = {}
    for path in python_files("chassis"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if "migrations" in path.parts or path.stem in {"__main__", "__init__"}:
            continue
        for _, each in inspect.getmembers(import_module(name), inspect.isclass):
            if (
                issubclass(each, DomainError)
                and each is not DomainError
                and each.__module__ == name
            ):
                found[each.__name__] = each
    return found


def test_each_common_refusal_is_a_reason_of_the_contract_and_each_reason_a_refusal() -> None:
    refusals = refusals_of_chassis()
    assert refusals.keys() >= OPERATOR.keys(), "an exception that is not needed"
    met_by_callers = {each.reason for name, each in refusals.items() if name not in OPERATOR}
    reasons = {name.removeprefix("ERROR_REASON_") for name in ErrorReason.keys()}  # noqa: SIM118
    assert met_by_callers == reasons - {"UNSPECIFIED"}


def test_the_common_refusals_are_of_the_common_domain() -> None:
    assert {each.domain for each in refusals_of_chassis().values()} == {"guantong"}
