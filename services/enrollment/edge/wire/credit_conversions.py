"""Conversions and learning accounts on the wire."""

import json
from collections.abc import Mapping
from typing import Any

from guantong.enrollment.v1 import learning_outcome_pb2 as pb
from guantong.enrollment.v1 import learning_outcome_service_pb2 as service_pb

from chassis.changes import Encoded
from chassis.civil import from_date
from chassis.names import name_of, parse_uuid
from services.enrollment.commands.convert_learning_outcomes import ConvertLearningOutcomes
from services.enrollment.domain.credit_conversion import CreditConversion
from services.enrollment.domain.learning_account import LearningAccount
from services.enrollment.store.credit_conversions import to_row

COLLECTION = "creditConversions"
ACCOUNTS = "learningAccounts"


def to_message(fields: Mapping[str, Any]) -> pb.CreditConversion:
    """Return the resource of a row."""
    rules = json.loads(fields["rules"])
    return pb.CreditConversion(
        name=name_of(COLLECTION, fields["id"]),
        version=fields["version"],
        person=name_of("persons", fields["person_id"]),
        organisation=name_of("organisations", fields["organisation"]),
        status_record=name_of("statusRecords", fields["status_record_id"]),
        convert_date=from_date(fields["convert_date"]),
        graduation_credit_tenths=fields["graduation_credit_tenths"],
        converted_max=pb.CreditConversion.Limit(**rules["converted_max"]),
        online_max=pb.CreditConversion.Limit(**rules["online_max"]),
        relevance_min=pb.CreditConversion.Limit(**rules["relevance_min"]),
        times_max=rules["times_max"],
        times_source=rules["times_source"],
        earlier_credit_tenths=fields["earlier_credit_tenths"],
        earlier_online_credit_tenths=fields["earlier_online_credit_tenths"],
        counted_credit_tenths=fields["counted_credit_tenths"],
        lines=[_line(line) for line in json.loads(fields["lines"])],
    )


def encode(conversion: CreditConversion) -> Encoded:
    """Return the resource as it is stored, for who may see the person."""
    message = to_message(to_row(conversion))
    return Encoded(message.name, message, tuple(conversion.parties))


def to_convert(request: service_pb.ConvertLearningOutcomesRequest) -> ConvertLearningOutcomes:
    """Return the conversion that a request asks for."""
    return ConvertLearningOutcomes(
        status_record_id=parse_uuid("statusRecords", request.status_record, field="status_record"),
        graduation_credit_tenths=request.graduation_credit_tenths,
    )


def to_account(account: LearningAccount) -> pb.LearningAccount:
    """Return the balance of an account."""
    facts = {name: getattr(account, name) for name in LearningAccount.__slots__}
    person_id = facts.pop("person_id")
    return pb.LearningAccount(
        **{**facts, "at_date": from_date(account.at_date)},
        name=name_of(ACCOUNTS, person_id),
        person=name_of("persons", person_id),
    )


def _line(line: Mapping[str, Any]) -> pb.CreditConversion.Line:
    return pb.CreditConversion.Line(
        learning_outcome=name_of("learningOutcomes", line["outcome_id"]),
        outcome_version=line["outcome_version"],
        achievement=line["achievement"],
        recognised_credit_tenths=line["recognised_credit_tenths"],
        counted_credit_tenths=line["counted_credit_tenths"],
        refused=[
            pb.CreditConversion.Refused(
                rule=pb.CreditConversion.Rule.Value(f"RULE_{each['rule']}"),
                source=each["source"],
                credit_tenths=each["credit_tenths"],
            )
            for each in line["refused"]
        ],
    )
