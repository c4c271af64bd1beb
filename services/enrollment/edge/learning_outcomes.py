"""The servicer of learning outcomes: parse, seal, run the command, answer."""

import json
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any, TypeAlias, cast
from uuid import UUID

import grpc.aio
from guantong.enrollment.v1 import learning_outcome_service_pb2 as pb
from guantong.enrollment.v1.learning_outcome_pb2 import (
    CreditConversion,
    LearningAccount,
    LearningOutcome,
)
from guantong.enrollment.v1.learning_outcome_service_pb2_grpc import (
    LearningOutcomeServiceServicer,
    add_LearningOutcomeServiceServicer_to_server,
)

from chassis import db
from chassis.civil import to_date_or_none
from chassis.clock import civil_date
from chassis.credentials import Document, Signer
from chassis.errors import ResourceNotFound
from chassis.foundation import Foundation
from chassis.ids import new_id
from chassis.interceptors import current_call
from chassis.keys import KeyStore
from chassis.master_keys import load_secret
from chassis.names import name_of, parse_slug, parse_uuid, parse_uuid_or_none
from chassis.paging import read_page
from chassis.presenting import Presenter
from chassis.requests import Commands
from chassis.sealed import Sealer
from chassis.settings import required
from chassis.texts import to_optional_text
from services.enrollment.commands.accumulate_learning_outcomes import accumulate_learning_outcomes
from services.enrollment.commands.convert_learning_outcomes import convert_learning_outcomes
from services.enrollment.commands.declare_learning_outcomes import declare_learning_outcomes
from services.enrollment.commands.recognise_learning_outcomes import recognise_learning_outcomes
from services.enrollment.commands.reject_learning_outcomes import reject_learning_outcomes
from services.enrollment.commands.revoke_learning_outcomes import revoke_learning_outcomes
from services.enrollment.commands.verify_learning_outcomes import verify_learning_outcomes
from services.enrollment.domain.learning_outcome import VERIFIED, State
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.edge.wire import credit_conversions as conversion_wire
from services.enrollment.edge.wire import learning_outcomes as wire
from services.enrollment.edge.wire import open_badges
from services.enrollment.edge.wire.enums import filter_of
from services.enrollment.queries import learning_outcomes as queries
from services.enrollment.queries import organisations
from services.enrollment.store import learning_outcomes as store

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class LearningOutcomes(LearningOutcomeServiceServicer):
    """Keeps learning outcomes from declaration to credits, and shows them to others."""

    def __init__(
        self,
        *,
        commands: Commands,
        reader: db.Reader,
        present: Presenter,
        keys: KeyStore,
        policies: PolicyTable,
        signer: Signer,
    ) -> None:
        self._commands = commands
        self._reader = reader
        self._present = present
        self._keys = keys
        self._policies = policies
        self._signer = signer

    async def DeclareLearningOutcome(
        self, request: pb.DeclareLearningOutcomeRequest, context: Context
    ) -> LearningOutcome:
        item = wire.to_declaration(
            request, sealed_certificate_number=await self._sealed_number(request)
        )
        return await self._do(declare_learning_outcomes, request, item)

    async def VerifyLearningOutcome(
        self, request: pb.VerifyLearningOutcomeRequest, context: Context
    ) -> LearningOutcome:
        return await self._do(verify_learning_outcomes, request, wire.to_verify(request))

    async def RejectLearningOutcome(
        self, request: pb.RejectLearningOutcomeRequest, context: Context
    ) -> LearningOutcome:
        return await self._do(reject_learning_outcomes, request, wire.to_reject(request))

    async def RecogniseLearningOutcome(
        self, request: pb.RecogniseLearningOutcomeRequest, context: Context
    ) -> LearningOutcome:
        return await self._do(recognise_learning_outcomes, request, wire.to_recognise(request))

    async def AccumulateLearningOutcome(
        self, request: pb.AccumulateLearningOutcomeRequest, context: Context
    ) -> LearningOutcome:
        return await self._do(accumulate_learning_outcomes, request, wire.to_accumulate(request))

    async def RevokeLearningOutcome(
        self, request: pb.RevokeLearningOutcomeRequest, context: Context
    ) -> LearningOutcome:
        return await self._do(revoke_learning_outcomes, request, wire.to_revoke(request))

    async def GetLearningOutcome(
        self, request: pb.GetLearningOutcomeRequest, context: Context
    ) -> LearningOutcome:
        outcome_id = parse_uuid(wire.COLLECTION, request.name)
        (message,) = await self._shown([await self._get(outcome_id, _day(request))])
        return message

    async def ListLearningOutcomes(
        self, request: pb.ListLearningOutcomesRequest, context: Context
    ) -> pb.ListLearningOutcomesResponse:
        filters = {
            "person_id": parse_uuid_or_none("persons", request.person, field="person"),
            "kind": filter_of(LearningOutcome.Kind.Name, request.kind, prefix="KIND_"),
            "state": filter_of(LearningOutcome.State.Name, request.state, prefix="STATE_"),
        }
        at_date = _day(request)
        # A token given for "today" serves tomorrow too.
        given = {**filters, "at_date": at_date if request.HasField("at_date") else None}
        page = read_page(request.page_size, request.page_token, given)
        rows, next_token = await queries.list_learning_outcomes(
            self._reader, page, scope=current_call().scope, at_date=at_date, **filters
        )
        return pb.ListLearningOutcomesResponse(
            learning_outcomes=await self._shown(rows), next_page_token=next_token
        )

    async def GetLearningOutcomeHistory(
        self, request: pb.GetLearningOutcomeHistoryRequest, context: Context
    ) -> pb.GetLearningOutcomeHistoryResponse:
        outcome_id = parse_uuid(wire.COLLECTION, request.name)
        await self._get(outcome_id, _today())
        rows = await queries.list_versions(self._reader, outcome_id)
        return pb.GetLearningOutcomeHistoryResponse(versions=await self._shown(rows))

    async def ExportLearningOutcome(
        self, request: pb.ExportLearningOutcomeRequest, context: Context
    ) -> pb.ExportLearningOutcomeResponse:
        outcome_id = parse_uuid(wire.COLLECTION, request.name)
        row = await self._get(outcome_id, _today())
        store.from_row(row).check_verified()
        (badge,) = await self._badges([row])
        return pb.ExportLearningOutcomeResponse(
            media_type=open_badges.MEDIA_TYPE,
            document=json.dumps(badge, ensure_ascii=False),
            issuer_did=self._signer.did,
        )

    async def ConvertLearningOutcomes(
        self, request: pb.ConvertLearningOutcomesRequest, context: Context
    ) -> CreditConversion:
        command = partial(convert_learning_outcomes, policies=self._policies)
        answer = await self._do(command, request, conversion_wire.to_convert(request))
        return cast("CreditConversion", answer)

    async def GetCreditConversion(
        self, request: pb.GetCreditConversionRequest, context: Context
    ) -> CreditConversion:
        conversion_id = parse_uuid(conversion_wire.COLLECTION, request.name)
        row = await queries.get_credit_conversion(
            self._reader, conversion_id, scope=current_call().scope
        )
        return conversion_wire.to_message(row)

    async def ListCreditConversions(
        self, request: pb.ListCreditConversionsRequest, context: Context
    ) -> pb.ListCreditConversionsResponse:
        filters = {
            "person_id": parse_uuid_or_none("persons", request.person, field="person"),
            "status_record_id": parse_uuid_or_none(
                "statusRecords", request.status_record, field="status_record"
            ),
        }
        page = read_page(request.page_size, request.page_token, filters)
        rows, next_token = await queries.list_credit_conversions(
            self._reader, page, scope=current_call().scope, **filters
        )
        return pb.ListCreditConversionsResponse(
            credit_conversions=map(conversion_wire.to_message, rows), next_page_token=next_token
        )

    async def GetLearningAccount(
        self, request: pb.GetLearningAccountRequest, context: Context
    ) -> LearningAccount:
        person_id = parse_uuid(conversion_wire.ACCOUNTS, request.name)
        account, _ = await queries.get_learning_account(
            self._reader, person_id, scope=current_call().scope, at_date=_day(request)
        )
        return conversion_wire.to_account(account)

    async def ExportLearningAccount(
        self, request: pb.ExportLearningAccountRequest, context: Context
    ) -> pb.ExportLearningAccountResponse:
        call = current_call()
        person_id = parse_uuid(conversion_wire.ACCOUNTS, request.name)
        account, rows = await queries.get_learning_account(
            self._reader, person_id, scope=call.scope, at_date=_today()
        )
        badges = await self._badges([row for row in rows if State(row["state"]) in VERIFIED])
        holder = name_of("organisations", call.caller.organisation)
        now = call.origin.business_time
        record = open_badges.to_record(
            badges,
            person_id=account.person_id,
            new_id=new_id(),
            did=self._signer.did,
            name=(await self._names_of([holder]))[holder],
            now=now,
        )
        return pb.ExportLearningAccountResponse(
            media_type=open_badges.MEDIA_TYPE,
            document=json.dumps(self._signer.sign(record, now=now), ensure_ascii=False),
            issuer_did=self._signer.did,
        )

    async def _do(self, command: Any, request: Any, item: Any) -> LearningOutcome:
        call = current_call()
        work = partial(command, caller=call.caller, now=call.origin.business_time)
        return cast("LearningOutcome", await self._commands.one(call, request, item, work))

    async def _sealed_number(self, request: pb.DeclareLearningOutcomeRequest) -> bytes:
        """Seal the certificate's number for the person; that they may be seen is checked later."""
        number = to_optional_text(request.certificate_number, field="certificate_number")
        if not number:
            return b""
        person_id = parse_uuid("persons", request.person, field="person")
        key = (await self._keys.get_many([person_id])).get(person_id)
        if key is None:
            raise ResourceNotFound(name=request.person)
        return Sealer.seal(key, person_id, "certificate_number", number)

    async def _get(self, outcome_id: UUID, at_date: date) -> db.Row:
        scope = current_call().scope
        return await queries.get_learning_outcome(
            self._reader, outcome_id, scope=scope, at_date=at_date
        )

    async def _shown(self, rows: Sequence[db.Row]) -> list[LearningOutcome]:
        messages = [wire.to_message(row) for row in rows]
        await self._present(messages, current_call().caller)
        return messages

    async def _badges(self, rows: Sequence[db.Row]) -> list[Document]:
        now = current_call().origin.business_time
        outcomes = await self._shown(rows)
        named = [name for each in outcomes for name in (each.verifier, each.issuer) if name]
        names = await self._names_of(named)
        return [
            self._signer.sign(
                open_badges.to_badge(each, did=self._signer.did, names=names), now=now
            )
            for each in outcomes
        ]

    async def _names_of(self, resource_names: Sequence[str]) -> dict[str, str]:
        """Return what organisations are called; one that is not registered has its id alone."""
        ids = {each: parse_slug("organisations", each) for each in resource_names}
        found = await organisations.find_display_names(self._reader, list(ids.values()))
        return {name: found.get(organisation, organisation) for name, organisation in ids.items()}


def _today() -> date:
    return civil_date(current_call().origin.business_time)


def _day(request: Any) -> date:
    return to_date_or_none(request, "at_date") or _today()


def add_learning_outcomes(
    server: grpc.aio.Server,
    base: Foundation,
    *,
    commands: Commands,
    present: Presenter,
    keys: KeyStore,
    policies: PolicyTable,
) -> None:
    """Add the servicer to a server, with the key of the suite that signs what is exported."""
    secret = load_secret(required(base.settings.signing_key_file, "signing_key_file"))
    servicer = LearningOutcomes(
        commands=commands,
        reader=base.database,
        present=present,
        keys=keys,
        policies=policies,
        signer=Signer(secret),
    )
    add_LearningOutcomeServiceServicer_to_server(servicer, server)
