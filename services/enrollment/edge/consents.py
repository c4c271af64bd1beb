"""The servicer of consents: parse, run the command, answer."""

from functools import partial
from typing import cast

from guantong.enrollment.v1 import consent_service_pb2 as pb
from guantong.enrollment.v1.consent_pb2 import Consent
from guantong.enrollment.v1.consent_service_pb2_grpc import ConsentServiceServicer

from chassis.interceptors import current_call
from services.enrollment.commands.give_consents import give_consents
from services.enrollment.commands.withdraw_consents import withdraw_consents
from services.enrollment.edge.person_desk import Context, PersonDesk, today
from services.enrollment.edge.wire import person_parts as wire
from services.enrollment.edge.wire import person_requests as requests
from services.enrollment.queries.person_parts import CONSENTS


class Consents(ConsentServiceServicer):
    """Records and finds consents."""

    def __init__(self, desk: PersonDesk) -> None:
        self._desk = desk

    async def GiveConsent(self, request: pb.GiveConsentRequest, context: Context) -> Consent:
        call = current_call()
        work = partial(
            give_consents,
            caller=call.caller,
            keys=self._desk.keys,
            policies=self._desk.policies,
            today=today(),
        )
        item = requests.to_consent(request)
        return cast("Consent", await self._desk.commands.one(call, request, item, work))

    async def WithdrawConsent(
        self, request: pb.WithdrawConsentRequest, context: Context
    ) -> Consent:
        call = current_call()
        work = partial(withdraw_consents, caller=call.caller, today=today())
        item = requests.to_target("consents", name=request.name, etag=request.etag)
        return cast("Consent", await self._desk.commands.one(call, request, item, work))

    async def ListConsents(
        self, request: pb.ListConsentsRequest, context: Context
    ) -> pb.ListConsentsResponse:
        found, token = await self._desk.list(CONSENTS, request, wire.to_consent)
        return pb.ListConsentsResponse(consents=found, next_page_token=token)
