"""Made-up aggregates in any state, as a command would load them; nothing here needs a database."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.transfer.domain import transfer_batch
from services.transfer.domain.aggregate import Aggregate
from services.transfer.domain.application import Application, Member
from services.transfer.domain.application_states import RetentionKind, State
from services.transfer.domain.objection import Objection
from services.transfer.domain.objection import State as ObjectionState
from services.transfer.domain.refusals import TransferRefusal
from services.transfer.domain.scheme import Mark, Scheme, SchemeComponent
from services.transfer.domain.transfer_batch import Project, TransferBatch

FRONT = "siyang"
BACK = "szai"
STRANGER = "gaobo"
REGISTRAR = "front-registrar"
COLLEAGUE = "front-colleague"
PROJECT_ID = UUID("00000000-0000-7000-8000-000000000001")
BATCH_ID = UUID("00000000-0000-7000-8000-000000000002")
# The notice runs from Monday to Friday of a week without holidays.
NOTICE_BEGIN = date(2023, 4, 10)
NOTICE_END = date(2023, 4, 14)
ARRIVAL_BEGIN = date(2023, 9, 2)
DEADLINE = date(2023, 9, 10)

BatchState = transfer_batch.State


def component(component_id: str, weight: int, **changes: Any) -> SchemeComponent:
    facts: dict[str, Any] = {"display_name": component_id, "full_mark_hundredths": 10_000}
    return SchemeComponent(component_id=component_id, weight=weight, **facts | changes)


SCHEME = Scheme(
    components=(component("culture", 40), component("skills", 60)),
    minimum_total_hundredths=6_000,
)


def marks(**by_component: int) -> tuple[Mark, ...]:
    """Return marks in hundredths of a point."""
    return tuple(
        Mark(component_id=each, mark_hundredths=mark) for each, mark in by_component.items()
    )


GOOD_MARKS = marks(culture=7_000, skills=8_000)


def project(**changes: Any) -> Project:
    facts: dict[str, Any] = {
        "id": PROJECT_ID,
        "front": FRONT,
        "back": BACK,
        "back_plan": 40,
        "transfer_year": 2023,
        "is_approved": True,
    }
    return Project(**facts | changes)


def batch(state: BatchState = BatchState.REGISTRATION_OPEN, **changes: Any) -> TransferBatch:
    """Return a batch in a state, with every date that later states have."""
    facts: dict[str, Any] = {
        "id": BATCH_ID,
        "version": 5,
        "state": state,
        "project_id": PROJECT_ID,
        "front": FRONT,
        "back": BACK,
        "transfer_year": 2023,
        "plan": 40,
        "quota": 30,
        "scheme": SCHEME,
        "front_signed": True,
        "back_signed": True,
        "notice_begin_date": NOTICE_BEGIN,
        "notice_end_date": NOTICE_END,
        "approval_number": "苏考院〔2023〕1号",
        "arrival_begin_date": ARRIVAL_BEGIN,
        "arrival_deadline_date": DEADLINE,
    }
    return TransferBatch(**facts | changes)


def member(**changes: Any) -> Member:
    facts: dict[str, Any] = {
        "id": uuid4(),
        "project_id": PROJECT_ID,
        "front": FRONT,
        "back": BACK,
        "person_id": uuid4(),
        "state": "ACTIVE",
        "birth_year": 2004,
        "sealed_display_name": b"sealed",
    }
    return Member(**facts | changes)


def application(state: State = State.DRAFT, **changes: Any) -> Application:
    """Return an application in a state, with what the way to it has left in its fields."""
    facts: dict[str, Any] = {
        "id": uuid4(),
        "version": 3,
        "state": state,
        "batch_id": BATCH_ID,
        "project_id": PROJECT_ID,
        "member_id": uuid4(),
        "person_id": uuid4(),
        "front": FRONT,
        "back": BACK,
        "transfer_year": 2023,
        "birth_year": 2004,
        "sealed_display_name": b"sealed",
        "submitted_by": "" if state is State.DRAFT else REGISTRAR,
    }
    if state in {State.ARRIVED, State.REGISTERED, State.CANCELLED}:
        facts["arrive_date"] = DEADLINE
    if state is State.RETAINED:
        facts |= {
            "retention_kind": RetentionKind.ILLNESS,
            "retained_until_date": date(2024, 9, 1),
        }
    return Application(**facts | changes)


def objection(**changes: Any) -> Objection:
    facts: dict[str, Any] = {
        "id": uuid4(),
        "version": 1,
        "state": ObjectionState.OPEN,
        "application_id": uuid4(),
        "batch_id": BATCH_ID,
        "person_id": uuid4(),
        "front": FRONT,
        "back": BACK,
        "sealed_ground": b"sealed",
        "raised_by": REGISTRAR,
    }
    return Objection(**facts | changes)


def refusal_of(each: Aggregate, change: Callable[[], object]) -> TransferRefusal:
    """Return why a change is refused; it must leave the aggregate as it was."""
    before = deepcopy(each)
    with pytest.raises(TransferRefusal) as raised:
        change()
    assert each == before
    return raised.value
