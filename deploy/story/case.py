"""The facts of the founding case, read from `case.yaml` and checked for form.

It holds no student and decides nothing; who does what and when is the story's.
"""

from datetime import date
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

_FILE = Path(__file__).with_name("case.yaml")


class Facts(BaseModel):
    """Facts of one thing; what of them was made up is named."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    made_up_fields: list[str] | bool = Field(default=False, alias="made_up")

    @property
    def made_up(self) -> bool:
        """Whether anything of it was made up: the record is marked as a whole."""
        return bool(self.made_up_fields)

    @property
    def is_wholly_made_up(self) -> bool:
        return self.made_up_fields is True


class Organisation(Facts):
    id: str
    name: str
    english: str = ""
    raw_names: list[str] = []
    kind: str
    region: str
    school_code: str = ""
    uscc: str = ""


class Pathway(Facts):
    type: str
    front: str
    front_major: str
    front_major_code: str
    back: str
    back_major: str
    back_major_code: str
    approval_year: int
    project_number: str
    approval_document_number: str
    front_plan: int
    back_plan: int
    class_names: list[str]


class Component(Facts):
    """A part of the assessment; marks in points."""

    id: str
    name: str
    weight: int
    full_mark: int
    pass_mark: int = 0
    gate: bool = False


class Scheme(Facts):
    quota: int
    minimum_total: int
    approval_number: str
    components: list[Component]


class Pairing(Facts):
    level: Literal["REGION", "SCHOOL"]
    programme: str
    helper: str
    receiver: str
    agreement_number: str
    indicator_target: int = 0
    """Students registered at the helper that are aimed at; 0 where no indicator is set."""

    @property
    def key(self) -> str:
        return f"{self.helper}-{self.receiver}"


class Calendar(BaseModel):
    """When each step is taken, on the calendar of the case."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    founding: date
    pairing_begin: date
    declaration: date
    approval: date
    intake: date
    roster_freeze: date
    leaving: date
    scheme_filing: date
    registration: date
    confirmation: date
    withdrawal: date
    qualification: date
    assessment: date
    score_lock: date
    notice_begin: date
    objection: date
    objection_decision: date
    notice_end: date
    report: date
    authority_approval: date
    admission: date
    graduation: date
    arrival_opening: date
    retention: date
    leave: date
    arrival_begin: date
    arrival_deadline: date
    late_graduation: date
    late_arrival: date
    leave_end: date
    forfeiture: date
    diversion: date
    closing: date
    retention_end: date


class Case(BaseModel):
    """The case; what no service takes yet is kept as it is written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    organisations: list[Organisation]
    pathway: Pathway
    scheme: Scheme
    pairings: list[Pairing]
    calendar: Calendar
    cooperation: list[dict[str, Any]]
    teacher_exchange: list[str]
    funds: list[dict[str, Any]]
    governance: dict[str, Any]

    def name_of(self, organisation: str) -> str:
        """Return the Chinese name of an organisation."""
        return next(each.name for each in self.organisations if each.id == organisation)


def load() -> Case:
    return Case.model_validate(yaml.safe_load(_FILE.read_text(encoding="utf-8")))
