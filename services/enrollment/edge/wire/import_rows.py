"""Rows of imported outcomes and status changes on the wire: each checked and read by itself."""

from datetime import date

from guantong.enrollment.v1 import import_service_pb2 as pb

from chassis.names import parse_uuid
from chassis.row_rules import RowRules
from chassis.texts import to_optional_text, to_text
from services.enrollment.commands.finding import PersonReference
from services.enrollment.commands.import_outcomes import OutcomeRow
from services.enrollment.commands.import_status_changes import StatusChangeRow
from services.enrollment.domain.id_numbers import IdNumber
from services.enrollment.domain.student_numbers import StudentNumber
from services.enrollment.edge.wire import learning_outcomes, status_changes

_OUTCOME_RULES = RowRules(pb.ImportOutcomesRequest.Row.DESCRIPTOR)
_CHANGE_RULES = RowRules(pb.ImportStatusChangesRequest.Row.DESCRIPTOR)


def read_outcome(row: pb.ImportOutcomesRequest.Row, *, today: date) -> OutcomeRow:
    """Return a row; raises the refusal of what is wrong with it by itself."""
    _check(_OUTCOME_RULES, row)
    return OutcomeRow(
        person=_to_reference(row.student, today=today),
        certificate_number=to_optional_text(row.certificate_number, field="certificate_number"),
        said=learning_outcomes.said_of(row),
    )


def read_status_change(row: pb.ImportStatusChangesRequest.Row, *, today: date) -> StatusChangeRow:
    """Return a row; raises the refusal of what is wrong with it by itself."""
    _check(_CHANGE_RULES, row)
    return StatusChangeRow(
        person=_to_reference(row.student, today=today),
        ground=status_changes.to_ground(row),
        reason=to_text(row.reason, field="reason"),
        facts=status_changes.to_facts(row),
        said=status_changes.said_of(row),
    )


def _check(
    rules: RowRules, row: pb.ImportOutcomesRequest.Row | pb.ImportStatusChangesRequest.Row
) -> None:
    refusal = rules.check(row)
    if refusal is not None:
        raise refusal


def _to_reference(student: pb.ImportedStudent, *, today: date) -> PersonReference:
    match student.WhichOneof("reference"):
        case "id_number":
            return PersonReference(id_number=IdNumber.parse(student.id_number, today=today).text)
        case "student_number":
            number = StudentNumber.parse(student.student_number, today=today)
            return PersonReference(student_number=number.text)
        case _:
            return PersonReference(
                person_id=parse_uuid("persons", student.person, field="student.person")
            )
