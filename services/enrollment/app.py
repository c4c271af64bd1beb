"""The enrollment service put together; read from top to bottom."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import grpc.aio
from guantong.common.v1 import clock_service_pb2, clock_service_pb2_grpc
from guantong.enrollment.v1 import (
    back_stage_registration_service_pb2,
    back_stage_registration_service_pb2_grpc,
    changes_service_pb2,
    changes_service_pb2_grpc,
    cohort_service_pb2,
    cohort_service_pb2_grpc,
    import_service_pb2,
    learning_outcome_service_pb2,
    major_service_pb2,
    major_service_pb2_grpc,
    organisation_service_pb2,
    organisation_service_pb2_grpc,
    pathway_project_service_pb2,
    pathway_project_service_pb2_grpc,
    person_service_pb2,
    person_service_pb2_grpc,
)
from guantong.transfer.v1 import changes_service_pb2 as transfer_changes_pb2

from chassis.background import effects_of, in_background
from chassis.changes import Encoders
from chassis.changes_servicer import ChangesServicer
from chassis.clock import FileClock
from chassis.clock_service import DemonstrationClock
from chassis.foundation import Foundation, founded, key_store
from chassis.keys import KeyStore
from chassis.master_keys import load_secret
from chassis.presenting import Presenter
from chassis.rpc import Register, serving
from chassis.sealing import TextSealer
from chassis.settings import Settings, required
from chassis.unsealed import seal_leftovers
from services.enrollment.commands.identities import Identities
from services.enrollment.commands.seal_applicants import ApplicantSealer
from services.enrollment.domain.back_stage_registration import BackStageRegistration
from services.enrollment.domain.cohort import Cohort
from services.enrollment.domain.cohort_member import CohortMember
from services.enrollment.domain.credit_conversion import CreditConversion
from services.enrollment.domain.learning_outcome import LearningOutcome
from services.enrollment.domain.major import Major
from services.enrollment.domain.organisation import Organisation
from services.enrollment.domain.pathway_project import PathwayProject
from services.enrollment.edge import wire
from services.enrollment.edge.back_stage_registrations import BackStageRegistrations
from services.enrollment.edge.cohorts import Cohorts
from services.enrollment.edge.cooperation_services import (
    COOPERATION_CONTRACT,
    COOPERATION_ENCODERS,
    add_cooperations,
)
from services.enrollment.edge.due_status_changes import sweep_due_status_changes
from services.enrollment.edge.imports import add_imports
from services.enrollment.edge.learning_outcomes import add_learning_outcomes
from services.enrollment.edge.majors import Majors
from services.enrollment.edge.organisations import Organisations
from services.enrollment.edge.parties import parties_of
from services.enrollment.edge.pathway_projects import PathwayProjects
from services.enrollment.edge.pathway_services import (
    PATHWAY_CONTRACT,
    PATHWAY_ENCODERS,
    add_pathway_services,
)
from services.enrollment.edge.person_desk import PersonDesk
from services.enrollment.edge.person_services import (
    PERSON_CONTRACT,
    PERSON_ENCODERS,
    add_person_services,
    erase_again,
)
from services.enrollment.edge.persons import Persons
from services.enrollment.edge.policies import load_policies
from services.enrollment.edge.practice_services import (
    PRACTICE_CONTRACT,
    PRACTICE_ENCODERS,
    add_practice_services,
)
from services.enrollment.edge.regions import RegionList
from services.enrollment.edge.standing import StandingCommands, StandIns
from services.enrollment.edge.status_services import (
    STATUS_CONTRACT,
    STATUS_ENCODERS,
    add_status_services,
)
from services.enrollment.edge.subscriptions import HANDLERS
from services.enrollment.edge.timeline_index import index_timelines
from services.enrollment.store.tables import metadata

CONTRACT = [
    back_stage_registration_service_pb2.DESCRIPTOR,
    changes_service_pb2.DESCRIPTOR,
    clock_service_pb2.DESCRIPTOR,
    cohort_service_pb2.DESCRIPTOR,
    *COOPERATION_CONTRACT,
    import_service_pb2.DESCRIPTOR,
    major_service_pb2.DESCRIPTOR,
    learning_outcome_service_pb2.DESCRIPTOR,
    organisation_service_pb2.DESCRIPTOR,
    pathway_project_service_pb2.DESCRIPTOR,
    *PATHWAY_CONTRACT,
    *PERSON_CONTRACT,
    person_service_pb2.DESCRIPTOR,
    *PRACTICE_CONTRACT,
    *STATUS_CONTRACT,
]
ENCODERS = Encoders(
    {
        BackStageRegistration: wire.back_stage_registrations.encode,
        Cohort: wire.cohorts.encode,
        CohortMember: wire.cohort_members.encode,
        Major: wire.majors.encode,
        CreditConversion: wire.credit_conversions.encode,
        LearningOutcome: wire.learning_outcomes.encode,
        Organisation: wire.organisations.encode,
        PathwayProject: wire.pathway_projects.encode,
        **COOPERATION_ENCODERS,
        **PATHWAY_ENCODERS,
        **PERSON_ENCODERS,
        **PRACTICE_ENCODERS,
        **STATUS_ENCODERS,
    },
    beside=index_timelines,
)

# What adds the servicers of a part of the domain, each from the same things.
_PARTS = (
    add_pathway_services,
    add_cooperations,
    add_status_services,
    add_practice_services,
)

# What the sources' feeds speak: holes in their streams are filled from there.
FEEDS = {"transfer": transfer_changes_pb2}


def servicers(base: Foundation, keys: KeyStore) -> Register:
    """Return what adds the servicers, built on the open parts, to a server."""
    reader = base.database
    present = Presenter(keys, parties_of)
    commands = StandingCommands(base.database, ENCODERS, present, request_key=base.request_key)
    base.gate.let_stand_in(StandIns(reader))
    index_key = load_secret(required(base.settings.index_key_file, "index_key_file"))
    sealer = ApplicantSealer(keys, index_key, reader)
    policies = load_policies()
    organisations = Organisations(commands=commands, reader=reader, regions=RegionList())
    majors = Majors(commands=commands, reader=reader, policies=policies)
    projects = PathwayProjects(commands=commands, reader=reader, policies=policies)
    texts = TextSealer(keys)
    cohorts = Cohorts(commands=commands, reader=reader, present=present, sealer=sealer, texts=texts)
    persons = Persons(reader=reader, present=present)
    person_desk = PersonDesk(
        commands=commands,
        database=base.database,
        keys=keys,
        identities=Identities(keys, index_key),
        policies=policies,
        present=present,
    )
    registrations = BackStageRegistrations(reader=reader)
    # One class for all packages: their messages are alike.
    changes: Any = ChangesServicer(base.feed, changes_service_pb2, present=present)

    def register(server: grpc.aio.Server) -> None:
        changes_service_pb2_grpc.add_ChangesServiceServicer_to_server(changes, server)
        organisation_service_pb2_grpc.add_OrganisationServiceServicer_to_server(
            organisations, server
        )
        major_service_pb2_grpc.add_MajorServiceServicer_to_server(majors, server)
        pathway_project_service_pb2_grpc.add_PathwayProjectServiceServicer_to_server(
            projects, server
        )
        cohort_service_pb2_grpc.add_CohortServiceServicer_to_server(cohorts, server)
        add_imports(server, base, ENCODERS, keys=keys, index_key=index_key, policies=policies)
        person_service_pb2_grpc.add_PersonServiceServicer_to_server(persons, server)
        add_person_services(person_desk, server)
        back_stage_registration_service_pb2_grpc.add_BackStageRegistrationServiceServicer_to_server(
            registrations, server
        )
        add_learning_outcomes(
            server, base, commands=commands, present=present, keys=keys, policies=policies
        )
        _add_parts(
            server, commands=commands, reader=reader, keys=keys, present=present, policies=policies
        )
        _add_clock(server, base)

    return register


def _add_parts(server: grpc.aio.Server, **built_from: Any) -> None:
    for add in _PARTS:
        add(server, **built_from)


def _add_clock(server: grpc.aio.Server, base: Foundation) -> None:
    # Real time is nobody's to move.
    if isinstance(base.clock, FileClock):
        clock_service_pb2_grpc.add_ClockServiceServicer_to_server(
            DemonstrationClock(base.clock), server
        )


@asynccontextmanager
async def running(settings: Settings, worker: int) -> AsyncIterator[Awaitable[None]]:
    """Serve until the block ends; what is yielded ends only by a fault."""
    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(founded(settings, CONTRACT))
        keys = await stack.enter_async_context(key_store(settings))
        await seal_leftovers(base.database, keys, metadata)
        effects = effects_of(settings, ENCODERS, HANDLERS)
        sweeps = [sweep_due_status_changes(base, ENCODERS)]
        background = await stack.enter_async_context(in_background(base, effects, FEEDS, sweeps))
        # A restored database remembers whom the list of erasures says were erased.
        await erase_again(base, keys, ENCODERS)
        register = servicers(base, keys)
        await stack.enter_async_context(
            serving(base, CONTRACT, register, worker=worker, checks=background.checks)
        )
        yield background.run()
