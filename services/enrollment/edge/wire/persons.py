"""Persons on the wire; the ID number itself is in no message."""

from collections.abc import Mapping
from typing import Any

from guantong.common.v1 import sealed_pb2
from guantong.enrollment.v1 import person_pb2 as pb

from chassis.changes import Encoded
from chassis.etags import etag_of
from chassis.names import name_of
from services.enrollment.domain.person import Person

COLLECTION = "persons"


def to_message(fields: Mapping[str, Any]) -> pb.Person:
    """Return the resource of a row, with its personal fields sealed."""
    sealed = {
        "display_name": fields["sealed_display_name"],
        "masked_id_number": fields["sealed_masked_id_number"],
        "masked_student_number": fields["sealed_masked_student_number"],
    }
    return pb.Person(
        name=name_of(COLLECTION, fields["id"]),
        version=fields["version"],
        etag=etag_of(fields["version"]),
        birth_year=fields["birth_year"],
        sex_code=fields["sex_code"],
        ethnicity_code=fields["ethnicity_code"],
        sealed=sealed_pb2.Sealed(
            subject=str(fields["id"]),
            # Of the erased there is nothing; of the others what there is.
            fields={name: value for name, value in sealed.items() if value},
        ),
        made_up=fields["made_up"],
        state=pb.Person.State.Value(f"STATE_{fields['state']}"),
        merged_into=name_of(COLLECTION, fields["merged_into_id"]),
    )


def encode(person: Person) -> Encoded:
    """Return the resource as it is stored, for the schools of every pathway joined."""
    message = to_message(vars(person))
    return Encoded(message.name, message, tuple(person.parties))
