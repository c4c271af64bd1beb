"""The servicer of agreements of two schools: parse, run the command, answer."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeAlias, cast

import grpc.aio
from guantong.enrollment.v1 import cooperation_agreement_service_pb2 as pb
from guantong.enrollment.v1.cooperation_agreement_pb2 import AgreementContact, CooperationAgreement
from guantong.enrollment.v1.cooperation_agreement_service_pb2_grpc import (
    CooperationAgreementServiceServicer,
)

from chassis import db
from chassis.interceptors import current_call
from chassis.keys import KeyStore
from chassis.names import parse_slug_or_none, parse_uuid, parse_uuid_or_none
from chassis.paging import read_page
from chassis.presenting import Presenter
from chassis.requests import Commands
from services.enrollment.commands.approve_agreement_terms import approve_agreement_terms
from services.enrollment.commands.draft_cooperation_agreements import draft_cooperation_agreements
from services.enrollment.commands.end_cooperation_agreements import end_cooperation_agreements
from services.enrollment.commands.give_exit_notice import give_exit_notice
from services.enrollment.commands.name_agreement_contacts import name_agreement_contacts
from services.enrollment.commands.propose_agreement_terms import propose_agreement_terms
from services.enrollment.commands.seal_contact import seal_contact
from services.enrollment.commands.withdraw_exit_notice import withdraw_exit_notice
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.edge.wire import cooperation_agreements as wire
from services.enrollment.edge.wire.enums import filter_of
from services.enrollment.queries import cooperation_agreements as queries

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class CooperationAgreements(CooperationAgreementServiceServicer):
    """Negotiates, concludes and ends agreements, and finds their history and contacts."""

    def __init__(
        self,
        *,
        commands: Commands,
        reader: db.Reader,
        present: Presenter,
        keys: KeyStore,
        policies: PolicyTable,
    ) -> None:
        self._commands = commands
        self._reader = reader
        self._present = present
        self._keys = keys
        self._policies = policies

    async def DraftCooperationAgreement(
        self, request: pb.DraftCooperationAgreementRequest, context: Context
    ) -> CooperationAgreement:
        work = partial(draft_cooperation_agreements, now=_now(), policies=self._policies)
        return await self._change(request, wire.to_draft(request), work)

    async def ProposeAgreementTerms(
        self, request: pb.ProposeAgreementTermsRequest, context: Context
    ) -> CooperationAgreement:
        work = partial(propose_agreement_terms, now=_now(), policies=self._policies)
        return await self._change(request, wire.to_propose(request), work)

    async def ApproveAgreementTerms(
        self, request: pb.ApproveAgreementTermsRequest, context: Context
    ) -> CooperationAgreement:
        work = partial(approve_agreement_terms, now=_now(), policies=self._policies)
        return await self._change(request, wire.to_approve(request), work)

    async def GiveExitNotice(
        self, request: pb.GiveExitNoticeRequest, context: Context
    ) -> CooperationAgreement:
        work = partial(give_exit_notice, now=_now(), policies=self._policies)
        return await self._change(request, wire.to_notice(request), work)

    async def WithdrawExitNotice(
        self, request: pb.WithdrawExitNoticeRequest, context: Context
    ) -> CooperationAgreement:
        return await self._change(request, wire.to_withdraw(request), withdraw_exit_notice)

    async def EndCooperationAgreement(
        self, request: pb.EndCooperationAgreementRequest, context: Context
    ) -> CooperationAgreement:
        work = partial(end_cooperation_agreements, now=_now())
        return await self._change(request, wire.to_end(request), work)

    async def NameAgreementContact(
        self, request: pb.NameAgreementContactRequest, context: Context
    ) -> AgreementContact:
        call = current_call()
        contact = await seal_contact(self._keys, wire.to_details(request))
        work = partial(name_agreement_contacts, caller=call.caller)
        answer = await self._commands.one(call, request, wire.to_name(request, contact), work)
        return cast("AgreementContact", answer)

    async def GetCooperationAgreement(
        self, request: pb.GetCooperationAgreementRequest, context: Context
    ) -> CooperationAgreement:
        agreement_id = parse_uuid(wire.COLLECTION, request.name)
        scope = current_call().scope
        found = await queries.get_cooperation_agreement(self._reader, agreement_id, scope=scope)
        return wire.to_message(found)

    async def ListCooperationAgreements(
        self, request: pb.ListCooperationAgreementsRequest, context: Context
    ) -> pb.ListCooperationAgreementsResponse:
        filters = {
            "project_id": parse_uuid_or_none(
                "pathwayProjects", request.pathway_project, field="pathway_project"
            ),
            "state": filter_of(CooperationAgreement.State.Name, request.state, prefix="STATE_"),
            "holder": parse_slug_or_none("organisations", request.holder, field="holder"),
        }
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await queries.list_cooperation_agreements(
            self._reader, page, scope=current_call().scope, **filters
        )
        return pb.ListCooperationAgreementsResponse(
            cooperation_agreements=map(wire.to_message, rows), next_page_token=next_token
        )

    async def ListAgreementRevisions(
        self, request: pb.ListAgreementRevisionsRequest, context: Context
    ) -> pb.ListAgreementRevisionsResponse:
        agreement_id = parse_uuid(
            wire.COLLECTION, request.cooperation_agreement, field="cooperation_agreement"
        )
        page = read_page(request.page_size, request.page_token, {"agreement_id": agreement_id})
        rows, next_token = await queries.list_agreement_revisions(
            self._reader, page, scope=current_call().scope, agreement_id=agreement_id
        )
        return pb.ListAgreementRevisionsResponse(
            revisions=map(wire.to_revision, rows), next_page_token=next_token
        )

    async def GetAgreementContact(
        self, request: pb.GetAgreementContactRequest, context: Context
    ) -> AgreementContact:
        call = current_call()
        contact_id = parse_uuid(wire.CONTACTS, request.name)
        row = await queries.get_agreement_contact(self._reader, contact_id, scope=call.scope)
        message = wire.to_contact_message(row)
        await self._present([message], call.caller)
        return message

    async def ListAgreementContacts(
        self, request: pb.ListAgreementContactsRequest, context: Context
    ) -> pb.ListAgreementContactsResponse:
        call = current_call()
        filters = {
            "agreement_id": parse_uuid_or_none(
                wire.COLLECTION, request.cooperation_agreement, field="cooperation_agreement"
            )
        }
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await queries.list_agreement_contacts(
            self._reader, page, scope=call.scope, **filters
        )
        messages = [wire.to_contact_message(row) for row in rows]
        await self._present(messages, call.caller)
        return pb.ListAgreementContactsResponse(
            agreement_contacts=messages, next_page_token=next_token
        )

    async def _change(
        self, request: Any, item: Any, work: Callable[..., Awaitable[Any]]
    ) -> CooperationAgreement:
        call = current_call()
        answer = await self._commands.one(call, request, item, partial(work, caller=call.caller))
        return cast("CooperationAgreement", answer)


def _now() -> Any:
    return current_call().origin.business_time
