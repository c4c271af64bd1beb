"""Status changes on the wire; why comes in clear and is sealed at once."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from guantong.common.v1 import sealed_pb2
from guantong.enrollment.v1 import status_change_pb2 as pb
from guantong.enrollment.v1 import status_change_service_pb2 as service_pb

from chassis.changes import Encoded
from chassis.civil import from_date, to_date, to_date_or_none
from chassis.etags import etag_of
from chassis.names import name_of, parse_slug_or_none, parse_uuid
from chassis.texts import to_optional_text
from services.enrollment.commands.changing import Target
from services.enrollment.commands.notice_status_changes import NoticeStatusChange
from services.enrollment.commands.propose_status_changes import ProposeStatusChange
from services.enrollment.commands.seal_reasons import SealedReason
from services.enrollment.domain.status_change import (
    Attachment,
    AttachmentKind,
    Ground,
    GuardianOpinion,
    Initiator,
    Level,
    StatusChange,
    Step,
)
from services.enrollment.domain.status_record import State as RecordState
from services.enrollment.domain.status_rules import Facts
from services.enrollment.domain.student_status import CHANGE_CODES, ChangeKind

COLLECTION = "statusChanges"
_Message = pb.StatusChange
_KINDS = {_Message.Kind.Value(f"KIND_{each}"): each for each in ChangeKind}
_GROUNDS = {_Message.Ground.Value(f"GROUND_{each}"): each for each in Ground}
_INITIATORS = {_Message.Initiator.Value(f"INITIATOR_{each}"): each for each in Initiator}
_OPINIONS = {
    _Message.GuardianOpinion.Value(f"GUARDIAN_OPINION_{each}"): each for each in GuardianOpinion
}
_ATTACHMENTS = {
    _Message.AttachmentKind.Value(f"ATTACHMENT_KIND_{each}"): each for each in AttachmentKind
}
# 异动类别 as the form prints it (JYT).
_KIND_NAMES = {
    ChangeKind.STUDY_ABROAD: "公派留学",
    ChangeKind.REPEAT_YEAR: "留级",
    ChangeKind.DEMOTE: "降级",
    ChangeKind.SKIP_YEAR: "跳级",
    ChangeKind.STUDY_ON_TRIAL: "试读",
    ChangeKind.EXTEND_YEARS: "延长年限",
    ChangeKind.PASS_TRIAL: "试读通过",
    ChangeKind.RETURN_FROM_ABROAD: "回国复学",
    ChangeKind.SUSPEND: "休学",
    ChangeKind.RETURN: "复学",
    ChangeKind.STOP: "停学",
    ChangeKind.RETAIN_ADMISSION: "保留入学资格",
    ChangeKind.RESTORE_ADMISSION: "恢复入学资格",
    ChangeKind.CANCEL_ADMISSION: "取消入学资格",
    ChangeKind.RESTORE_RECORD: "恢复学籍",
    ChangeKind.CANCEL_RECORD: "取消学籍",
    ChangeKind.RETAIN_RECORD: "保留学籍",
    ChangeKind.TRANSFER_OUT: "转学（转出）",
    ChangeKind.TRANSFER_IN: "转学（转入）",
    ChangeKind.CHANGE_MAJOR: "转专业",
    ChangeKind.DIPLOMA_TO_BACHELOR: "专升本",
    ChangeKind.BACHELOR_TO_DIPLOMA: "本转专",
    ChangeKind.CHANGE_DEPARTMENT: "转系",
    ChangeKind.CHANGE_CLASS: "转班级",
    ChangeKind.WITHDRAW: "退学",
    ChangeKind.EXPEL: "开除学籍",
    ChangeKind.DIE: "死亡",
    ChangeKind.VISIT: "国内访学",
    ChangeKind.RETURN_FROM_VISIT: "国内访学后返校",
    ChangeKind.OTHER: "其他",
}


def to_message(change: StatusChange) -> pb.StatusChange:
    """Return the resource, with why sealed."""
    return _Message(
        name=name_of(COLLECTION, change.id),
        version=change.version,
        etag=etag_of(change.version),
        state=_Message.State.Value(f"STATE_{change.state}"),
        status_record=name_of("statusRecords", change.status_record_id),
        person=name_of("persons", change.person_id),
        organisation=name_of("organisations", change.organisation),
        front_organisation=name_of("organisations", change.front),
        back_organisation=name_of("organisations", change.back),
        kind=_Message.Kind.Value(f"KIND_{change.kind}"),
        kind_code=CHANGE_CODES[change.kind],
        initiator=_Message.Initiator.Value(f"INITIATOR_{change.initiator}"),
        guardian_opinion=_opinion(change),
        apply_date=from_date(change.apply_date),
        effective_date=from_date(change.effective_date),
        until_date=from_date(change.until_date),
        approve_date=from_date(change.approve_date),
        is_unreachable=change.is_unreachable,
        notice_from_date=from_date(change.notice_from_date),
        notice_to_date=from_date(change.notice_to_date),
        receiving_organisation=name_of("organisations", change.receiving or None),
        new_major_code=change.new_major_code,
        new_class_name=change.new_class_name,
        attachments=map(_attachment, change.attachments),
        steps=map(_step, change.steps),
        holder_organisation=name_of("organisations", change.holder or None),
        sealed=_sealed(
            change.person_id,
            ground=change.sealed_ground,
            reason=change.sealed_reason,
            facts=change.sealed_facts,
        ),
    )


def to_form(change: StatusChange, printed: Mapping[str, Any]) -> pb.StatusChangeForm:
    """Return the form R4 of a change."""
    schools = {Level.SCHOOL, Level.RECEIVING_SCHOOL}
    return pb.StatusChangeForm(
        name=name_of(COLLECTION, change.id),
        organisation=name_of("organisations", change.organisation),
        organisation_display_name=printed["organisation_display_name"],
        grade_year=printed["grade_year"],
        class_name=printed["class_name"],
        major_code=printed["major_code"],
        kind_code=CHANGE_CODES[change.kind],
        kind_display_name=_KIND_NAMES[change.kind],
        effective_date=from_date(change.effective_date),
        until_date=from_date(change.until_date),
        guardian_opinion=_opinion(change),
        school_steps=[_step(each) for each in change.steps if each.level in schools],
        authority_steps=[_step(each) for each in change.steps if each.level not in schools],
        attachments=map(_attachment, change.attachments),
        state=_Message.State.Value(f"STATE_{change.state}"),
        is_registered=printed["register_date"] is not None,
        is_in_school=printed["record_state"] == RecordState.IN_SCHOOL,
        holder_organisation=name_of("organisations", change.holder or None),
        new_class_name=change.new_class_name,
        new_major_code=change.new_major_code,
        apply_date=from_date(change.apply_date),
        sealed=_sealed(
            change.person_id,
            display_name=printed["sealed_display_name"],
            masked_student_number=printed["sealed_masked_student_number"],
            ground=change.sealed_ground,
            reason=change.sealed_reason,
        ),
    )


def encode(change: StatusChange) -> Encoded:
    """Return the resource as it is stored, for the schools and all of the chain."""
    message = to_message(change)
    return Encoded(message.name, message, tuple(change.parties))


def to_ground(proposed: Any) -> Ground:
    """Return what a change is asked for, by a request or a row of a file."""
    return _GROUNDS[proposed.ground]


def to_facts(proposed: Any) -> Facts:
    """Return what the school says of the case, in a request or a row of a file."""
    return Facts(
        unexcused_hours=proposed.unexcused_hours,
        away_days=proposed.away_days,
        earned_credits=proposed.earned_credits,
        required_credits=proposed.required_credits,
        service_end_date=to_date_or_none(proposed, "service_end_date"),
        present_cutoff=proposed.present_cutoff,
        target_cutoff=proposed.target_cutoff,
    )


def to_propose(
    request: service_pb.ProposeStatusChangeRequest, sealed: SealedReason
) -> ProposeStatusChange:
    """Return the change that a request proposes."""
    return ProposeStatusChange(
        status_record_id=parse_uuid("statusRecords", request.status_record, field="status_record"),
        ground=to_ground(request),
        sealed=sealed,
        facts=to_facts(request),
        **said_of(request),
    )


def said_of(proposed: Any) -> dict[str, Any]:
    """Return what a request, or a row of a file, proposes that needs no sealing."""
    return {
        "kind": _KINDS[proposed.kind],
        "initiator": _INITIATORS[proposed.initiator],
        "guardian_opinion": _OPINIONS[proposed.guardian_opinion],
        "apply_date": to_date(proposed.apply_date, field="apply_date"),
        "effective_date": to_date(proposed.effective_date, field="effective_date"),
        "until_date": to_date_or_none(proposed, "until_date"),
        "is_unreachable": proposed.is_unreachable,
        "receiving": parse_slug_or_none(
            "organisations", proposed.receiving_organisation, field="receiving_organisation"
        )
        or "",
        "new_major_code": proposed.new_major_code,
        "new_class_name": to_optional_text(proposed.new_class_name, field="new_class_name"),
        "attachments": tuple(
            Attachment(kind=_ATTACHMENTS[each.kind], sha256=each.sha256)
            for each in proposed.attachments
        ),
    }


def to_target(request: Any) -> Target:
    """Return the change that a request is about."""
    return Target(id=parse_uuid(COLLECTION, request.name), etag=request.etag)


def to_notice(request: service_pb.NoticeStatusChangeRequest) -> NoticeStatusChange:
    """Return the notice that a request records."""
    return NoticeStatusChange(
        id=parse_uuid(COLLECTION, request.name),
        etag=request.etag,
        notice_from_date=to_date(request.notice_from_date, field="notice_from_date"),
        notice_to_date=to_date(request.notice_to_date, field="notice_to_date"),
    )


def _opinion(change: StatusChange) -> Any:
    return _Message.GuardianOpinion.Value(f"GUARDIAN_OPINION_{change.guardian_opinion}")


def _attachment(attachment: Attachment) -> pb.StatusChange.Attachment:
    return _Message.Attachment(
        kind=_Message.AttachmentKind.Value(f"ATTACHMENT_KIND_{attachment.kind}"),
        sha256=attachment.sha256,
    )


def _step(step: Step) -> pb.StatusChange.Step:
    return _Message.Step(
        level=_Message.Level.Value(f"LEVEL_{step.level}"),
        organisation=name_of("organisations", step.organisation),
        decide_date=from_date(step.decide_date),
        is_approved=step.is_approved,
    )


def _sealed(person_id: UUID, **fields: bytes) -> sealed_pb2.Sealed:
    # Of the erased there is nothing, and who is new has no 学籍号 yet.
    present = {name: value for name, value in fields.items() if value}
    return sealed_pb2.Sealed(subject=str(person_id), fields=present)
