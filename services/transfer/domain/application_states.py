"""The states of an application, its codes, and the sets of states that rules speak of."""

from datetime import date
from enum import StrEnum

from services.transfer.domain.transfer_batch import Holder


class State(StrEnum):
    """States of an application."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    FRONT_CONFIRMED = "FRONT_CONFIRMED"
    FRONT_REJECTED = "FRONT_REJECTED"
    BACK_REJECTED = "BACK_REJECTED"
    QUALIFIED = "QUALIFIED"
    ASSESSED_MET = "ASSESSED_MET"
    ASSESSED_NOT_MET = "ASSESSED_NOT_MET"
    ABSENT = "ABSENT"
    EXEMPT = "EXEMPT"
    PROPOSED = "PROPOSED"
    NOT_PROPOSED = "NOT_PROPOSED"
    OBJECTED = "OBJECTED"
    DISQUALIFIED = "DISQUALIFIED"
    ADMITTED = "ADMITTED"
    NOT_ADMITTED = "NOT_ADMITTED"
    ARRIVED = "ARRIVED"
    RETAINED = "RETAINED"
    FORFEITED = "FORFEITED"
    REGISTERED = "REGISTERED"
    CANCELLED = "CANCELLED"
    WITHDRAWN = "WITHDRAWN"
    DIVERTED = "DIVERTED"


class RetentionKind(StrEnum):
    """Grounds to keep a place (QY)."""

    ARMY_SERVICE = "ARMY_SERVICE"
    ILLNESS = "ILLNESS"
    STARTUP = "STARTUP"


class Diversion(StrEnum):
    """Routes of those who do not transfer (SX16, GD16)."""

    ORDINARY_EXAM = "ORDINARY_EXAM"
    REGISTRATION_ADMISSION = "REGISTRATION_ADMISSION"
    EARLY_ADMISSION = "EARLY_ADMISSION"
    JOB = "JOB"
    GRADUATE_ONLY = "GRADUATE_ONLY"
    REPEAT = "REPEAT"


# One live admission a person and year, across all colleges (SD17, SX16).
LIVE_ADMISSIONS = frozenset({State.ADMITTED, State.ARRIVED, State.RETAINED, State.REGISTERED})
WITHDRAWABLE = frozenset(
    {
        State.DRAFT,
        State.SUBMITTED,
        State.FRONT_CONFIRMED,
        State.QUALIFIED,
        State.ASSESSED_MET,
        State.EXEMPT,
        State.PROPOSED,
        State.OBJECTED,
    }
)
RESERVING = frozenset({State.PROPOSED, State.OBJECTED})
DIVERTIBLE = frozenset(
    {
        State.FRONT_REJECTED,
        State.BACK_REJECTED,
        State.ASSESSED_NOT_MET,
        State.ABSENT,
        State.NOT_PROPOSED,
        State.DISQUALIFIED,
        State.NOT_ADMITTED,
        State.FORFEITED,
        State.CANCELLED,
        State.WITHDRAWN,
    }
)
_HOLDERS = {
    State.DRAFT: Holder.FRONT_SCHOOL,
    State.SUBMITTED: Holder.FRONT_SCHOOL,
    State.FRONT_CONFIRMED: Holder.BACK_COLLEGE,
    State.QUALIFIED: Holder.BACK_COLLEGE,
    State.ASSESSED_MET: Holder.BACK_COLLEGE,
    State.EXEMPT: Holder.BACK_COLLEGE,
    State.PROPOSED: Holder.BACK_COLLEGE,
    State.OBJECTED: Holder.BACK_COLLEGE,
    State.ADMITTED: Holder.BACK_COLLEGE,
    State.RETAINED: Holder.BACK_COLLEGE,
}


def holder_of(state: State, *, blocking_reason: str) -> Holder:
    """Return who has to act on an application now."""
    if state is State.ARRIVED:
        return Holder.FRONT_SCHOOL if blocking_reason else Holder.ENROLLMENT
    return _HOLDERS.get(state, Holder.NOBODY)


def deadline_of(
    state: State, *, leave_until_date: date | None, retained_until_date: date | None
) -> date | None:
    """Return until when the holder has to act, where a rule sets a day for the application."""
    if state is State.RETAINED:
        return retained_until_date
    return leave_until_date if state is State.ADMITTED else None
