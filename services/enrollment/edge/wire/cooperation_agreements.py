"""Agreements of two schools on the wire, their terms and their contacts."""

from collections.abc import Mapping, Sequence
from typing import Any

from guantong.common.v1 import sealed_pb2
from guantong.enrollment.v1 import cooperation_agreement_pb2 as pb
from guantong.enrollment.v1 import cooperation_agreement_service_pb2 as service_pb

from chassis.changes import Encoded
from chassis.civil import from_date, from_instant, to_date
from chassis.etags import etag_of
from chassis.names import name_of, parse_uuid
from chassis.texts import to_text
from services.enrollment.commands.approve_agreement_terms import ApproveAgreementTerms
from services.enrollment.commands.draft_cooperation_agreements import DraftCooperationAgreement
from services.enrollment.commands.end_cooperation_agreements import EndCooperationAgreement
from services.enrollment.commands.give_exit_notice import GiveExitNotice
from services.enrollment.commands.name_agreement_contacts import NameAgreementContact
from services.enrollment.commands.propose_agreement_terms import ProposeAgreementTerms
from services.enrollment.commands.seal_contact import ContactDetails
from services.enrollment.commands.withdraw_exit_notice import WithdrawExitNotice
from services.enrollment.domain.agreement_contact import AgreementContact, SealedContact
from services.enrollment.domain.agreement_terms import Clause, Document, Terms
from services.enrollment.domain.cooperation_agreement import CooperationAgreement, Revision

COLLECTION = "cooperationAgreements"
CONTACTS = "agreementContacts"
_Terms = pb.CooperationAgreement.Terms
_DOCUMENTS = ("training_plan", "course_standards", "assessment_syllabus")


def to_message(fields: Mapping[str, Any]) -> pb.CooperationAgreement:
    """Return the resource of a row, or of an aggregate's fields."""
    return pb.CooperationAgreement(
        name=name_of(COLLECTION, fields["id"]),
        version=fields["version"],
        etag=etag_of(fields["version"]),
        state=pb.CooperationAgreement.State.Value(f"STATE_{fields['state']}"),
        pathway_project=name_of("pathwayProjects", fields["project_id"]),
        front_organisation=name_of("organisations", fields["front"]),
        back_organisation=name_of("organisations", fields["back"]),
        revision_count=fields["revision_count"],
        pending=_present(fields["pending"]),
        in_force=_present(fields["in_force"]),
        holder=name_of("organisations", fields["holder"]),
        deadline_date=from_date(fields["deadline_date"]),
        exit_organisation=name_of("organisations", fields["exit_party"]),
        exit_reason=fields["exit_reason"],
        exit_notice_date=from_date(fields["exit_notice_date"]),
        exit_date=from_date(fields["exit_date"]),
    )


def to_revision(fields: Mapping[str, Any]) -> pb.CooperationAgreement.Revision:
    """Return a revision of a row."""
    return pb.CooperationAgreement.Revision(
        number=fields["number"],
        state=pb.CooperationAgreement.Revision.State.Value(f"STATE_{fields['state']}"),
        terms=_terms_message(Terms.parse(fields["document"])),
        document=fields["document"],
        terms_hash=fields["terms_hash"],
        proposing_organisation=name_of("organisations", fields["proposed_by"]),
        propose_time=from_instant(fields["propose_time"]),
        front_approve_time=from_instant(fields["front_approve_time"]),
        back_approve_time=from_instant(fields["back_approve_time"]),
        in_force_time=from_instant(fields["in_force_time"]),
        end_time=from_instant(fields["end_time"]),
    )


def to_contact_message(fields: Mapping[str, Any]) -> pb.AgreementContact:
    """Return the contact of a row, with its personal fields sealed."""
    return pb.AgreementContact(
        name=name_of(CONTACTS, fields["id"]),
        version=fields["version"],
        etag=etag_of(fields["version"]),
        cooperation_agreement=name_of(COLLECTION, fields["agreement_id"]),
        front_organisation=name_of("organisations", fields["front"]),
        back_organisation=name_of("organisations", fields["back"]),
        organisation=name_of("organisations", fields["party"]),
        post=fields["post"],
        sealed=sealed_pb2.Sealed(
            subject=str(fields["subject_id"]),
            fields={
                "display_name": fields["sealed_display_name"],
                "phone": fields["sealed_phone"],
            },
        ),
    )


def encode(agreement: CooperationAgreement) -> Encoded:
    """Return the resource as it is stored, for both schools."""
    message = to_message(vars(agreement))
    return Encoded(message.name, message, (agreement.front, agreement.back))


def encode_contact(contact: AgreementContact) -> Encoded:
    """Return the contact as it is stored, for both schools."""
    message = to_contact_message(vars(contact))
    return Encoded(message.name, message, (contact.front, contact.back))


def to_draft(request: service_pb.DraftCooperationAgreementRequest) -> DraftCooperationAgreement:
    """Return the agreement that a request drafts."""
    return DraftCooperationAgreement(
        project_id=parse_uuid("pathwayProjects", request.pathway_project, field="pathway_project"),
        terms=_to_terms(request.terms),
    )


def to_propose(request: service_pb.ProposeAgreementTermsRequest) -> ProposeAgreementTerms:
    """Return the terms that a request proposes."""
    return ProposeAgreementTerms(**_target(request), terms=_to_terms(request.terms))


def to_approve(request: service_pb.ApproveAgreementTermsRequest) -> ApproveAgreementTerms:
    """Return the approval that a request gives."""
    return ApproveAgreementTerms(**_target(request), terms_hash=request.terms_hash)


def to_notice(request: service_pb.GiveExitNoticeRequest) -> GiveExitNotice:
    """Return the notice that a request gives."""
    reason = to_text(request.exit_reason, field="exit_reason")
    return GiveExitNotice(**_target(request), exit_reason=reason)


def to_withdraw(request: service_pb.WithdrawExitNoticeRequest) -> WithdrawExitNotice:
    """Return the notice that a request withdraws."""
    return WithdrawExitNotice(**_target(request))


def to_end(request: service_pb.EndCooperationAgreementRequest) -> EndCooperationAgreement:
    """Return the agreement that a request ends."""
    return EndCooperationAgreement(**_target(request))


def to_details(request: service_pb.NameAgreementContactRequest) -> ContactDetails:
    """Return who is named, in clear."""
    return ContactDetails(
        display_name=to_text(request.display_name, field="display_name"),
        phone=request.phone,
        post=to_text(request.post, field="post"),
    )


def to_name(
    request: service_pb.NameAgreementContactRequest, contact: SealedContact
) -> NameAgreementContact:
    """Return the naming that a request asks for."""
    agreement_id = parse_uuid(
        COLLECTION, request.cooperation_agreement, field="cooperation_agreement"
    )
    return NameAgreementContact(agreement_id=agreement_id, contact=contact)


def _target(request: Any) -> dict[str, Any]:
    return {"id": parse_uuid(COLLECTION, request.name), "etag": request.etag}


def _present(
    revision: Revision | Mapping[str, Any] | None,
) -> pb.CooperationAgreement.Revision | None:
    if revision is None:
        return None
    return to_revision(vars(revision) if isinstance(revision, Revision) else revision)


def _to_terms(message: _Terms) -> Terms:
    """Return terms whose texts are in one form."""
    documents = {
        name: Document(
            title=to_text(getattr(message, name).title, field=f"terms.{name}.title"),
            sha256=getattr(message, name).sha256,
        )
        for name in _DOCUMENTS
    }
    return Terms(
        valid_from_date=to_date(message.valid_from_date, field="terms.valid_from_date"),
        valid_to_date=to_date(message.valid_to_date, field="terms.valid_to_date"),
        class_count=message.class_count,
        class_size_max=message.class_size_max,
        front_duties=_texts(message.front_duties, field="terms.front_duties"),
        back_duties=_texts(message.back_duties, field="terms.back_duties"),
        clauses=tuple(
            Clause(
                heading=to_text(each.heading, field=f"terms.clauses[{index}].heading"),
                text=to_text(each.text, field=f"terms.clauses[{index}].text"),
            )
            for index, each in enumerate(message.clauses)
        ),
        **documents,
    )


def _texts(texts: Sequence[str], *, field: str) -> tuple[str, ...]:
    return tuple(to_text(text, field=f"{field}[{index}]") for index, text in enumerate(texts))


def _terms_message(terms: Terms) -> _Terms:
    documents = {
        name: pb.CooperationAgreement.Document(
            title=getattr(terms, name).title, sha256=getattr(terms, name).sha256
        )
        for name in _DOCUMENTS
    }
    return _Terms(
        valid_from_date=from_date(terms.valid_from_date),
        valid_to_date=from_date(terms.valid_to_date),
        class_count=terms.class_count,
        class_size_max=terms.class_size_max,
        front_duties=terms.front_duties,
        back_duties=terms.back_duties,
        clauses=[
            pb.CooperationAgreement.Clause(heading=each.heading, text=each.text)
            for each in terms.clauses
        ],
        **documents,
    )
