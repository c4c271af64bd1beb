"""When a row of a file says what is known of a status change: the same, something else, or news.

A row's natural key is the record, the kind of change and the day from which it is to hold. A
reason is compared in clear: it is opened for that alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Final
from uuid import UUID

from services.enrollment.domain.import_row_refusals import (
    ImportedChangeStands,
    ImportedChangeWasRefused,
)
from services.enrollment.domain.status_change import (
    Attachment,
    GuardianOpinion,
    Initiator,
    State,
    StatusChange,
)
from services.enrollment.domain.student_status import ChangeKind

GONE: Final = frozenset({State.REJECTED, State.WITHDRAWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said of a change, why included; it must not outlive the call."""

    kind: ChangeKind
    initiator: Initiator
    guardian_opinion: GuardianOpinion
    apply_date: date
    effective_date: date
    until_date: date | None
    receiving: str
    new_major_code: str
    new_class_name: str
    attachments: tuple[Attachment, ...]
    is_unreachable: bool
    ground: str = field(repr=False)
    reason: str = field(repr=False)
    facts: str = field(repr=False)


_OPENED: Final = frozenset({"ground", "reason", "facts", "is_unreachable"})
_OPEN: Final = tuple(each.name for each in fields(Said) if each.name not in _OPENED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A change, with why it was asked for opened."""

    change: StatusChange
    ground: str = field(repr=False)
    reason: str = field(repr=False)
    facts: str = field(repr=False)

    def is_same(self, said: Said) -> bool:
        """Whether the change says the same; that notice was given later is no difference."""
        change = self.change
        return (
            all(getattr(change, name) == getattr(said, name) for name in _OPEN)
            and (self.ground, self.reason, self.facts) == (said.ground, said.reason, said.facts)
            and (
                change.notice_from_date is not None or change.is_unreachable is said.is_unreachable
            )
        )


def natural_key(record_id: UUID, said: Said | StatusChange) -> tuple[UUID, str, date]:
    """Return by what a change is known again."""
    return record_id, said.kind, said.effective_date


def find_replaced(said: Said, known: Sequence[Known]) -> tuple[StatusChange | None, bool]:
    """Return the change that a row meets, None if it is new, and whether it says the same.

    A change that says something else gives way only while nobody has decided on it and no notice
    was given: it is withdrawn, and proposed anew. Raises ImportedChangeStands for any other, and
    ImportedChangeWasRefused where the same was rejected or withdrawn.
    """
    standing = [each for each in known if each.change.state not in GONE]
    if not standing:
        for each in known:
            if each.is_same(said):
                raise ImportedChangeWasRefused(name=_name(each.change), state=each.change.state)
        return None, False
    for each in standing:
        if each.is_same(said):
            return each.change, True
    change = standing[0].change
    if change.state is not State.PROPOSED or change.notice_from_date is not None:
        raise ImportedChangeStands(name=_name(change), state=change.state)
    return change, False


def _name(change: StatusChange) -> str:
    return f"statusChanges/{change.id}"
