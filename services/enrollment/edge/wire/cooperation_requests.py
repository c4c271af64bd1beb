"""What requests ask of cooperations, as items of commands."""

from typing import Any

from guantong.enrollment.v1 import cooperation_pb2 as pb
from guantong.enrollment.v1 import cooperation_service_pb2 as service_pb

from chassis.civil import to_date
from chassis.names import parse_slug, parse_slug_or_none, parse_uuid
from chassis.texts import to_optional_text, to_text
from services.enrollment.commands.add_cooperation_members import AddCooperationMember
from services.enrollment.commands.attach_cooperation_agreements import AttachCooperationAgreement
from services.enrollment.commands.change_cooperation_grades import ChangeCooperationGrade
from services.enrollment.commands.count_library_items import CountLibraryItems
from services.enrollment.commands.draft_cooperations import DraftCooperation
from services.enrollment.commands.end_cooperations import EndCooperation
from services.enrollment.commands.form_cooperation_bodies import FormCooperationBody
from services.enrollment.commands.name_cooperation_heads import NameCooperationHead
from services.enrollment.commands.remove_cooperation_members import RemoveCooperationMember
from services.enrollment.commands.resume_cooperations import ResumeCooperation
from services.enrollment.commands.seal_contact import ContactDetails
from services.enrollment.commands.sign_cooperations import SignCooperation
from services.enrollment.commands.start_cooperations import StartCooperation
from services.enrollment.commands.suspend_cooperations import SuspendCooperation
from services.enrollment.domain.agreement_contact import SealedContact
from services.enrollment.domain.agreement_terms import Document
from services.enrollment.domain.cooperation_parts import (
    Agreement,
    BodyKind,
    Entrant,
    Grade,
    Kind,
    Role,
)
from services.enrollment.edge.wire.cooperations import COLLECTION


def to_draft(request: service_pb.DraftCooperationRequest) -> DraftCooperation:
    """Return the cooperation that a request drafts."""
    return DraftCooperation(
        kind=Kind(pb.Cooperation.Kind.Name(request.kind).removeprefix("KIND_")),
        display_name=to_text(request.display_name, field="display_name"),
        entrants=tuple(
            _entrant(each, field=f"parties[{index}].organisation")
            for index, each in enumerate(request.parties)
        ),
        agreement=_agreement(request.agreement) if request.HasField("agreement") else None,
        documents=tuple(
            Document(
                title=to_text(each.title, field=f"documents[{index}].title"), sha256=each.sha256
            )
            for index, each in enumerate(request.documents)
        ),
        class_name=to_optional_text(request.class_name, field="class_name"),
        student_count=request.student_count,
        grade=_grade(request.grade) if request.grade else None,
    )


def to_attach(request: service_pb.AttachCooperationAgreementRequest) -> AttachCooperationAgreement:
    """Return the agreement that a request attaches."""
    return AttachCooperationAgreement(**_target(request), agreement=_agreement(request.agreement))


def to_sign(request: service_pb.SignCooperationRequest) -> SignCooperation:
    """Return the signature that a request gives."""
    return SignCooperation(
        **_target(request),
        agreement_sha256=request.agreement_sha256,
        enterprise=parse_slug_or_none("organisations", request.enterprise, field="enterprise")
        or "",
        paper_sha256=request.paper_sha256,
    )


def to_start(request: service_pb.StartCooperationRequest) -> StartCooperation:
    """Return what a request puts in force."""
    return StartCooperation(**_target(request))


def to_suspend(request: service_pb.SuspendCooperationRequest) -> SuspendCooperation:
    """Return what a request suspends."""
    return SuspendCooperation(**_target(request), reason=to_text(request.reason, field="reason"))


def to_resume(request: service_pb.ResumeCooperationRequest) -> ResumeCooperation:
    """Return what a request resumes."""
    return ResumeCooperation(**_target(request))


def to_end(request: service_pb.EndCooperationRequest) -> EndCooperation:
    """Return what a request ends."""
    return EndCooperation(**_target(request), reason=to_text(request.reason, field="reason"))


def to_grade(request: service_pb.ChangeCooperationGradeRequest) -> ChangeCooperationGrade:
    """Return the grade that a request gives."""
    return ChangeCooperationGrade(**_target(request), grade=_grade(request.grade))


def to_body(request: service_pb.FormCooperationBodyRequest) -> FormCooperationBody:
    """Return the body that a request forms."""
    return FormCooperationBody(
        **_target(request),
        kind=_body_kind(request.kind),
        head=parse_slug("organisations", request.head_organisation, field="head_organisation"),
        members=tuple(
            parse_slug("organisations", each, field=f"members[{index}]")
            for index, each in enumerate(request.members)
        ),
    )


def to_add_member(request: service_pb.AddCooperationMemberRequest) -> AddCooperationMember:
    """Return the organisation that a request takes in."""
    return AddCooperationMember(**_target(request), entrant=_entrant(request, field="organisation"))


def to_remove_member(request: service_pb.RemoveCooperationMemberRequest) -> RemoveCooperationMember:
    """Return the organisation that a request lets leave."""
    organisation = parse_slug("organisations", request.organisation, field="organisation")
    return RemoveCooperationMember(**_target(request), organisation=organisation)


def to_count(request: service_pb.CountLibraryItemsRequest) -> CountLibraryItems:
    """Return what a request has counted."""
    return CountLibraryItems(
        **_target(request), item_count=request.item_count, use_count=request.use_count
    )


def to_details(request: service_pb.NameCooperationHeadRequest) -> ContactDetails:
    """Return who is named, in clear."""
    return ContactDetails(
        display_name=to_text(request.display_name, field="display_name"),
        phone=request.phone,
        post=to_text(request.post, field="post"),
    )


def to_name(
    request: service_pb.NameCooperationHeadRequest, contact: SealedContact
) -> NameCooperationHead:
    """Return the naming that a request asks for."""
    return NameCooperationHead(
        cooperation_id=parse_uuid(COLLECTION, request.cooperation, field="cooperation"),
        body=_body_kind(request.body) if request.body else None,
        contact=contact,
    )


def _target(request: Any) -> dict[str, Any]:
    return {"id": parse_uuid(COLLECTION, request.name), "etag": request.etag}


def _entrant(message: Any, *, field: str) -> Entrant:
    return Entrant(
        organisation=parse_slug("organisations", message.organisation, field=field),
        role=Role(pb.Cooperation.Role.Name(message.role).removeprefix("ROLE_")),
        is_lead=message.is_lead,
        must_sign=getattr(message, "must_sign", False),
    )


def _agreement(message: pb.Cooperation.Agreement) -> Agreement:
    return Agreement(
        number=to_text(message.number, field="agreement.number"),
        sha256=message.sha256,
        valid_from_date=to_date(message.valid_from_date, field="agreement.valid_from_date"),
        valid_to_date=to_date(message.valid_to_date, field="agreement.valid_to_date"),
    )


def _grade(number: pb.Cooperation.Grade.ValueType) -> Grade:
    return Grade(pb.Cooperation.Grade.Name(number).removeprefix("GRADE_"))


def _body_kind(number: pb.Cooperation.Body.Kind.ValueType) -> BodyKind:
    return BodyKind(pb.Cooperation.Body.Kind.Name(number).removeprefix("KIND_"))
