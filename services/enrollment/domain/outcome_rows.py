"""When a row of a file says what is known of an outcome: the same, something else, or news.

A row's natural key is the person, the kind, who issued it and the certificate's number, or, where
there is none, the title and the date. What it says is compared whole, evidence included.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final, NamedTuple

from services.enrollment.domain.import_row_refusals import (
    ImportedOutcomeStands,
    ImportedOutcomeWasRefused,
)
from services.enrollment.domain.learning_outcome import Declaration, LearningOutcome, State

GONE: Final = frozenset({State.REJECTED, State.REVOKED})
# Of each of two texts: who the person is lies in the key, the number is compared in clear.
_SAID: Final = tuple(
    each.name
    for each in fields(Declaration)
    if each.name not in {"person_id", "sealed_certificate_number"}
)


class Known(NamedTuple):
    """An outcome, with its certificate's number opened; `repr` would show it, so log none."""

    outcome: LearningOutcome
    number: str


def natural_key(said: Declaration | LearningOutcome, number: str) -> tuple[str, ...]:
    """Return by what an outcome of one person is known again (S3: 可追溯)."""
    issuer = said.issuer or said.issuer_uscc
    bare = plain(number)
    if bare:
        return (said.kind, issuer, bare)
    return (said.kind, issuer, plain(said.title), said.achieve_date.isoformat())


def plain(text: str) -> str:
    """Return a text in the one form in which two are compared: width, case, blanks."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def content(said: Declaration | LearningOutcome, number: str) -> tuple[Any, ...]:
    """Return all that is said of an outcome, but whose it is."""
    return (plain(number), *(getattr(said, name) for name in _SAID))


def says_the_same(one: Declaration | LearningOutcome, its: str, known: Known) -> bool:
    """Whether two outcomes of one natural key say the same in every field."""
    return content(one, its) == content(known.outcome, known.number)


def find_replaced(
    declaration: Declaration, number: str, known: Sequence[Known], *, party: str
) -> tuple[LearningOutcome | None, bool]:
    """Return the outcome that a row meets, None if it is new, and whether it says the same.

    An outcome that says something else gives way only while it is nothing but declared, and by
    whom it was: it is revoked, and declared anew. Raises ImportedOutcomeStands for any other, and
    ImportedOutcomeWasRefused where the same was rejected or revoked: a file that comes again
    must not bring back what somebody has taken away.
    """
    same = [each.outcome for each in known if says_the_same(declaration, number, each)]
    standing = [each.outcome for each in known if each.outcome.state not in GONE]
    if not standing:
        if same:
            raise ImportedOutcomeWasRefused(name=_name(same[0]), state=same[0].state)
        return None, False
    for outcome in standing:
        if outcome in same:
            return outcome, True
    (first, *others) = standing
    if others or first.state is not State.DECLARED or first.organisation != party:
        raise ImportedOutcomeStands(name=_name(first), state=first.state)
    return first, False


def _name(outcome: LearningOutcome) -> str:
    return f"learningOutcomes/{outcome.id}"
