"""Cooperations on the wire, and who heads them."""

from collections.abc import Mapping
from typing import Any

from guantong.common.v1 import sealed_pb2
from guantong.enrollment.v1 import cooperation_pb2 as pb
from guantong.enrollment.v1 import cooperation_service_pb2 as pb_service

from chassis.changes import Encoded
from chassis.civil import from_date
from chassis.etags import etag_of
from chassis.names import name_of
from services.enrollment.domain.cooperation import Cooperation
from services.enrollment.domain.cooperation_head import CooperationHead
from services.enrollment.domain.cooperation_parts import Agreement, Body, Contribution, Party

COLLECTION = "cooperations"
HEADS = "cooperationHeads"
_Message = pb.Cooperation


def to_message(found: Cooperation) -> pb.Cooperation:
    """Return the resource."""
    return _Message(
        name=name_of(COLLECTION, found.id),
        version=found.version,
        etag=etag_of(found.version),
        state=_Message.State.Value(f"STATE_{found.state}"),
        kind=_Message.Kind.Value(f"KIND_{found.kind}"),
        display_name=found.display_name,
        parties=map(_party, found.parties),
        agreement=_agreement(found.agreement),
        documents=[
            _Message.Document(title=each.title, sha256=each.sha256) for each in found.documents
        ],
        class_name=found.class_name,
        student_count=found.student_count,
        grade=grade_number(found.grades[-1].grade if found.grades else ""),
        grades=[
            _Message.DatedGrade(
                grade=grade_number(each.grade), valid_from_date=from_date(each.valid_from_date)
            )
            for each in found.grades
        ],
        bodies=map(_body, found.bodies),
        contributions=map(_contribution, found.contributions),
        item_count=sum(each.item_count for each in found.contributions),
        use_count=sum(each.use_count for each in found.contributions),
        holder=name_of("organisations", found.holder),
        in_force_periods=[
            _Message.Period(
                valid_from_date=from_date(each.valid_from_date),
                until_date=from_date(each.until_date),
            )
            for each in found.in_force_periods
        ],
        reason=found.reason,
        drafting_organisation=name_of("organisations", found.drafted_by),
    )


def encode(found: Cooperation) -> Encoded:
    """Return the resource as it is stored, for all who take part, or did."""
    message = to_message(found)
    return Encoded(message.name, message, tuple(found.audience))


def to_head_message(fields: Mapping[str, Any]) -> pb.CooperationHead:
    """Return the head of a row, with its personal fields sealed."""
    body = fields["body"]
    return pb.CooperationHead(
        name=name_of(HEADS, fields["id"]),
        version=fields["version"],
        etag=etag_of(fields["version"]),
        cooperation=name_of(COLLECTION, fields["cooperation_id"]),
        organisation=name_of("organisations", fields["party"]),
        body=_Message.Body.Kind.Value(f"KIND_{body or 'UNSPECIFIED'}"),
        post=fields["post"],
        sealed=sealed_pb2.Sealed(
            subject=str(fields["subject_id"]),
            fields={
                "display_name": fields["sealed_display_name"],
                "phone": fields["sealed_phone"],
            },
        ),
    )


def encode_head(head: CooperationHead) -> Encoded:
    """Return the head as it is stored, for all parties."""
    message = to_head_message(vars(head))
    return Encoded(message.name, message, tuple(head.parties))


def grade_number(grade: str) -> pb.Cooperation.Grade.ValueType:
    """Return a grade of the contract; none where there is none."""
    return _Message.Grade.Value(f"GRADE_{grade or 'UNSPECIFIED'}")


def _party(party: Party) -> pb.Cooperation.Party:
    return _Message.Party(
        organisation=name_of("organisations", party.organisation),
        role=_Message.Role.Value(f"ROLE_{party.role}"),
        is_lead=party.is_lead,
        must_sign=party.must_sign,
        join_date=from_date(party.join_date),
        leave_date=from_date(party.leave_date),
        sign_date=from_date(party.sign_date),
        signature_recorder=name_of("organisations", party.signature_recorder or None),
        signature_sha256=party.signature_sha256,
    )


def _agreement(agreement: Agreement | None) -> pb.Cooperation.Agreement | None:
    if agreement is None:
        return None
    return _Message.Agreement(
        number=agreement.number,
        sha256=agreement.sha256,
        valid_from_date=from_date(agreement.valid_from_date),
        valid_to_date=from_date(agreement.valid_to_date),
    )


def _body(body: Body) -> pb.Cooperation.Body:
    return _Message.Body(
        kind=_Message.Body.Kind.Value(f"KIND_{body.kind}"),
        head_organisation=name_of("organisations", body.head_organisation),
        members=[name_of("organisations", each) for each in body.members],
        form_date=from_date(body.form_date),
    )


def _contribution(contribution: Contribution) -> pb.Cooperation.Contribution:
    return _Message.Contribution(
        organisation=name_of("organisations", contribution.organisation),
        item_count=contribution.item_count,
        use_count=contribution.use_count,
        count_date=from_date(contribution.count_date),
    )


def to_line(row: Mapping[str, Any]) -> pb_service.CountCooperationsResponse.Line:
    """Return what was in force of one kind and grade."""
    names = (
        "cooperations_count",
        "schools_count",
        "enterprises_count",
        "agreed_students_count",
        "pupils_count",
    )
    return pb_service.CountCooperationsResponse.Line(
        kind=_Message.Kind.Value(f"KIND_{row['kind']}"),
        grade=grade_number(row["grade"]),
        **{name: row[name] for name in names},
    )
