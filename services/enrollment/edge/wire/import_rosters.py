"""Rows of imported rosters on the wire; who is in them comes in clear and is sealed at once."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from guantong.enrollment.v1 import import_service_pb2 as pb

from chassis.errors import DomainError
from chassis.ids import to_id
from chassis.row_rules import RowRules
from chassis.texts import to_text
from services.enrollment.commands.import_roster import RosterRow
from services.enrollment.commands.seal_applicants import Details
from services.enrollment.domain.id_numbers import IdNumber

_RULES: Final = RowRules(pb.ImportRosterRequest.Row.DESCRIPTOR)
_PREFIX: Final = len("cohorts/")


class RosterRows:
    """Parses rows, each by itself."""

    def __init__(self, *, today: date) -> None:
        self._today = today

    def __call__(self, rows: Sequence[pb.ImportRosterRequest.Row]) -> list[RosterRow | DomainError]:
        """Return each row, or what is wrong with it."""
        return [self._parse(row) for row in rows]

    def _parse(self, row: pb.ImportRosterRequest.Row) -> RosterRow | DomainError:
        invalid = _RULES.check(row)
        if invalid is not None:
            return invalid
        try:
            return RosterRow(
                # The rules have looked at its form.
                cohort_id=to_id(row.cohort[_PREFIX:]),
                class_name=to_text(row.class_name, field="class_name"),
                details=Details(
                    display_name=to_text(row.display_name, field="display_name"),
                    id_number=IdNumber.parse(row.id_number, today=self._today),
                    admission_number=to_text(row.admission_number, field="admission_number"),
                    ethnicity_code=row.ethnicity_code,
                    made_up=row.made_up,
                ),
            )
        except DomainError as refusal:
            return refusal
