"""The servicer of cooperations: parse, run the command, answer."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any, cast

import grpc.aio
from guantong.enrollment.v1 import cooperation_service_pb2 as pb
from guantong.enrollment.v1.cooperation_pb2 import Cooperation, CooperationHead, CooperationPupil
from guantong.enrollment.v1.cooperation_service_pb2_grpc import (
    add_CooperationServiceServicer_to_server,
)

from chassis import db
from chassis.interceptors import current_call
from chassis.keys import KeyStore
from chassis.presenting import Presenter
from chassis.requests import Commands
from services.enrollment.commands.add_cooperation_members import add_cooperation_members
from services.enrollment.commands.add_cooperation_pupils import add_cooperation_pupils
from services.enrollment.commands.attach_cooperation_agreements import attach_cooperation_agreements
from services.enrollment.commands.change_cooperation_grades import change_cooperation_grades
from services.enrollment.commands.count_library_items import count_library_items
from services.enrollment.commands.draft_cooperations import draft_cooperations
from services.enrollment.commands.end_cooperations import end_cooperations
from services.enrollment.commands.form_cooperation_bodies import form_cooperation_bodies
from services.enrollment.commands.name_cooperation_heads import name_cooperation_heads
from services.enrollment.commands.remove_cooperation_members import remove_cooperation_members
from services.enrollment.commands.remove_cooperation_pupils import remove_cooperation_pupils
from services.enrollment.commands.resume_cooperations import resume_cooperations
from services.enrollment.commands.seal_contact import seal_contact
from services.enrollment.commands.sign_cooperations import sign_cooperations
from services.enrollment.commands.start_cooperations import start_cooperations
from services.enrollment.commands.suspend_cooperations import suspend_cooperations
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.edge.cooperation_reads import Context, CooperationReads
from services.enrollment.edge.wire import cooperation_pupils as pupil_wire
from services.enrollment.edge.wire import cooperation_requests as wire


class Cooperations(CooperationReads):
    """Drafts, signs, runs and ends cooperations, and keeps their rosters."""

    def __init__(
        self,
        *,
        commands: Commands,
        reader: db.Reader,
        present: Presenter,
        keys: KeyStore,
        policies: PolicyTable,
    ) -> None:
        super().__init__(reader=reader, present=present)
        self._commands = commands
        self._keys = keys
        self._policies = policies

    async def DraftCooperation(
        self, request: pb.DraftCooperationRequest, context: Context
    ) -> Cooperation:
        work = partial(draft_cooperations, now=_now())
        return await self._change(request, wire.to_draft(request), work)

    async def AttachCooperationAgreement(
        self, request: pb.AttachCooperationAgreementRequest, context: Context
    ) -> Cooperation:
        work = attach_cooperation_agreements
        return await self._change(request, wire.to_attach(request), work)

    async def SignCooperation(
        self, request: pb.SignCooperationRequest, context: Context
    ) -> Cooperation:
        work = partial(sign_cooperations, now=_now())
        return await self._change(request, wire.to_sign(request), work)

    async def StartCooperation(
        self, request: pb.StartCooperationRequest, context: Context
    ) -> Cooperation:
        work = partial(start_cooperations, now=_now(), policies=self._policies)
        return await self._change(request, wire.to_start(request), work)

    async def SuspendCooperation(
        self, request: pb.SuspendCooperationRequest, context: Context
    ) -> Cooperation:
        work = partial(suspend_cooperations, now=_now())
        return await self._change(request, wire.to_suspend(request), work)

    async def ResumeCooperation(
        self, request: pb.ResumeCooperationRequest, context: Context
    ) -> Cooperation:
        work = partial(resume_cooperations, now=_now())
        return await self._change(request, wire.to_resume(request), work)

    async def EndCooperation(
        self, request: pb.EndCooperationRequest, context: Context
    ) -> Cooperation:
        work = partial(end_cooperations, now=_now())
        return await self._change(request, wire.to_end(request), work)

    async def ChangeCooperationGrade(
        self, request: pb.ChangeCooperationGradeRequest, context: Context
    ) -> Cooperation:
        work = partial(change_cooperation_grades, now=_now())
        return await self._change(request, wire.to_grade(request), work)

    async def FormCooperationBody(
        self, request: pb.FormCooperationBodyRequest, context: Context
    ) -> Cooperation:
        work = partial(form_cooperation_bodies, now=_now())
        return await self._change(request, wire.to_body(request), work)

    async def AddCooperationMember(
        self, request: pb.AddCooperationMemberRequest, context: Context
    ) -> Cooperation:
        work = partial(add_cooperation_members, now=_now())
        return await self._change(request, wire.to_add_member(request), work)

    async def RemoveCooperationMember(
        self, request: pb.RemoveCooperationMemberRequest, context: Context
    ) -> Cooperation:
        work = partial(remove_cooperation_members, now=_now())
        return await self._change(request, wire.to_remove_member(request), work)

    async def CountLibraryItems(
        self, request: pb.CountLibraryItemsRequest, context: Context
    ) -> Cooperation:
        work = partial(count_library_items, now=_now())
        return await self._change(request, wire.to_count(request), work)

    async def NameCooperationHead(
        self, request: pb.NameCooperationHeadRequest, context: Context
    ) -> CooperationHead:
        contact = await seal_contact(self._keys, wire.to_details(request))
        answer = await self._run(request, wire.to_name(request, contact), name_cooperation_heads)
        return cast("CooperationHead", answer)

    async def AddCooperationPupil(
        self, request: pb.AddCooperationPupilRequest, context: Context
    ) -> CooperationPupil:
        work = partial(add_cooperation_pupils, now=_now(), keys=self._keys, policies=self._policies)
        answer = await self._run(request, pupil_wire.to_add(request), work)
        return cast("CooperationPupil", answer)

    async def RemoveCooperationPupil(
        self, request: pb.RemoveCooperationPupilRequest, context: Context
    ) -> CooperationPupil:
        work = partial(remove_cooperation_pupils, now=_now(), keys=self._keys)
        answer = await self._run(request, pupil_wire.to_remove(request), work)
        return cast("CooperationPupil", answer)

    async def _change(
        self, request: Any, item: Any, work: Callable[..., Awaitable[Any]]
    ) -> Cooperation:
        return cast("Cooperation", await self._run(request, item, work))

    async def _run(self, request: Any, item: Any, work: Callable[..., Awaitable[Any]]) -> Any:
        call = current_call()
        return await self._commands.one(call, request, item, partial(work, caller=call.caller))


def _now() -> datetime:
    return current_call().origin.business_time


def add_cooperations(
    server: grpc.aio.Server,
    *,
    commands: Commands,
    reader: db.Reader,
    present: Presenter,
    keys: KeyStore,
    policies: PolicyTable,
) -> None:
    """Add the servicer to a server."""
    servicer = Cooperations(
        commands=commands, reader=reader, present=present, keys=keys, policies=policies
    )
    add_CooperationServiceServicer_to_server(servicer, server)
