"""Enrollment on databases of its own: as a desk that runs commands, and as a service to call."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from chassis import changes, db, keystore
from chassis.db import Database, Transaction
from chassis.errors import DomainError
from chassis.identity import Caller
from chassis.keys import KeyStore
from chassis.master_keys import MasterKey, MasterKeys
from chassis.migrations import upgrade
from chassis.sealing import TextSealer
from services.enrollment import app
from services.enrollment.commands.approve_pathway_projects import (
    ApprovePathwayProject,
    approve_pathway_projects,
)
from services.enrollment.commands.create_organisations import (
    CreateOrganisation,
    create_organisations,
)
from services.enrollment.commands.declare_pathway_projects import (
    DeclarePathwayProject,
    declare_pathway_projects,
)
from services.enrollment.commands.enroll_cohort_members import (
    EnrollCohortMember,
    enroll_cohort_members,
)
from services.enrollment.commands.graduate_status_records import (
    GraduateStatusRecord,
    graduate_status_records,
)
from services.enrollment.commands.open_cohorts import OpenCohort, open_cohorts
from services.enrollment.commands.seal_applicants import ApplicantSealer, Details
from services.enrollment.domain.cohort import Cohort
from services.enrollment.domain.cohort_member import CohortMember
from services.enrollment.domain.id_numbers import IdNumber
from services.enrollment.domain.organisation import Kind
from services.enrollment.domain.pathway_project import PathwayProject
from services.enrollment.edge.policies import load_policies
from services.enrollment.edge.regions import RegionList
from tests.enrollment import made
from tests.served import Served, served

T = TypeVar("T")
MakeDatabase = Callable[[str, Callable[[str], Awaitable[None]]], Awaitable[str]]
REGIONS = RegionList()
NOW = datetime(2020, 9, 10, 4, tzinfo=UTC)
MIGRATIONS = Path(app.__file__).with_name("migrations")
POLICIES = load_policies()
KEYSTORE_MIGRATIONS = Path(keystore.__file__).with_name("migrations")


@pytest.fixture
async def enrollment_dsn(make_database: MakeDatabase) -> str:
    """Return the address of a new database at the head of the migrations."""
    return await make_database("enrollment", lambda dsn: upgrade(dsn, MIGRATIONS))


@pytest.fixture
async def keystore_dsn(make_database: MakeDatabase) -> str:
    return await make_database("keystore", lambda dsn: upgrade(dsn, KEYSTORE_MIGRATIONS))


@pytest.fixture(scope="module")
async def enrollment(
    make_database: MakeDatabase, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """Return a service to call, one for the tests of a module: they must change nothing."""
    async with _service(make_database, tmp_path_factory.mktemp("enrollment")) as service:
        yield service


@pytest.fixture
async def fresh_enrollment(make_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[Served]:
    """Return a service to call, one for each test."""
    async with _service(make_database, tmp_path) as service:
        yield service


@asynccontextmanager
async def _service(make_database: MakeDatabase, folder: Path) -> AsyncIterator[Served]:
    async with served(
        service="enrollment",
        database_dsn=await make_database("enrollment", lambda dsn: upgrade(dsn, MIGRATIONS)),
        keystore_dsn=await make_database("keystore", lambda dsn: upgrade(dsn, KEYSTORE_MIGRATIONS)),
        folder=folder,
        contract=app.CONTRACT,
        servicers=app.servicers,
    ) as service:
        yield service


class Desk:
    """Runs commands as the edge does, each in a transaction with its change rows."""

    def __init__(self, database: Database, keys: KeyStore) -> None:
        self.database = database
        self.keys = keys
        self.sealer = ApplicantSealer(keys, b"i" * 32)

    async def run(
        self, command: Callable[..., Awaitable[Sequence[T]]], *items: Any, **facts: Any
    ) -> list[T]:
        """Run a command; `party` says who asks, where the command wants to know."""
        wanted = inspect.signature(command).parameters
        given: dict[str, Any] = {"policies": POLICIES, "regions": REGIONS, "now": NOW}
        facts = {name: value for name, value in given.items() if name in wanted} | facts
        party = facts.pop("party", None)
        if party is not None:
            facts["caller"] = Caller(f"user-{party}", party, frozenset())
        work = partial(self._attempt, partial(command, **facts), items, party or "suite")
        return await self.database.transact(work)

    @staticmethod
    async def _attempt(command: Any, items: Any, party: str, tx: Transaction) -> list[Any]:
        results = await command(tx, items)
        trace = "00-" + "1" * 32 + "-" + "2" * 16 + "-01"
        await changes.record(tx, app.ENCODERS, changes.Origin("user", party, NOW, trace))
        return list(results)

    async def run_around(
        self, meanwhile: Coroutine[Any, Any, Any], command: Any, *items: Any, **facts: Any
    ) -> None:
        """Run a command that does not commit before `meanwhile` has gone as far as it can."""
        waiting: list[asyncio.Task[Any]] = []

        async def slow(tx: Transaction, given: Any, **named: Any) -> Any:
            results = await command(tx, given, **named)
            waiting.append(asyncio.create_task(meanwhile))
            # Long enough to read what there is, and to come to a lock.
            await asyncio.sleep(0.3)
            return results

        await self.run(slow, *items, **facts)
        await asyncio.gather(*waiting)

    async def rows(self, query: str, **params: Any) -> list[dict[str, Any]]:
        """Return what a query finds."""
        rows = await self.database.fetch(db.compile(text(query)), **params)
        return [dict(row) for row in rows]

    async def events(self) -> list[tuple[str, str]]:
        """Return the events so far, each with the collection of its resource."""
        rows = await self.rows("SELECT event_type, resource_name FROM change ORDER BY id")
        return [(row["event_type"], row["resource_name"].partition("/")[0]) for row in rows]

    async def set_up_project(
        self, *, front_plan: int = 40, year: int = 2020, **changes: Any
    ) -> PathwayProject:
        """Register the schools of the case where they are missing; declare and approve."""
        await self.run(create_organisations, *ORGANISATIONS)
        facts = {**DECLARATION, "front_plan": front_plan, "approval_year": year, **changes}
        (project,) = await self.run(
            declare_pathway_projects, DeclarePathwayProject(**facts), party=made.BACK
        )
        approval = ApprovePathwayProject(
            id=accepted(project).id, etag='"1"', approval_document_number="苏教职函〔2020〕20号"
        )
        (project,) = await self.run(approve_pathway_projects, approval)
        return accepted(project)

    async def set_up_cohort(self, *, front_plan: int = 40, year: int = 2020) -> Cohort:
        project = await self.set_up_project(front_plan=front_plan, year=year)
        item = OpenCohort(
            project_id=project.id, intake_date=date(year, 9, 1), class_names=made.CLASSES
        )
        (cohort,) = await self.run(open_cohorts, item, party=made.FRONT)
        return accepted(cohort)

    async def applicant(self, cohort_id: UUID, serial: int) -> EnrollCohortMember:
        """Return the enrolment of a made-up student, sealed."""
        (applicant,) = await self.sealer.seal([details(serial)])
        return EnrollCohortMember(
            cohort_id=cohort_id, class_name=made.CLASSES[0], applicant=applicant
        )

    async def enroll(self, cohort_id: UUID, serial: int = 1) -> CohortMember:
        item = await self.applicant(cohort_id, serial)
        (member,) = await self.run(enroll_cohort_members, item, party=made.FRONT)
        return accepted(member)

    async def front_record_id(self, member_id: UUID) -> UUID:
        (row,) = await self.rows(
            "SELECT id FROM status_record WHERE stage = 'FRONT' AND member_id = :member_id",
            member_id=member_id,
        )
        return UUID(str(row["id"]))

    async def graduation(self, member_id: UUID) -> GraduateStatusRecord:
        record_id = await self.front_record_id(member_id)
        (row,) = await self.rows("SELECT person_id FROM status_record WHERE id = :id", id=record_id)
        texts = TextSealer(self.keys)
        sealed = await texts.seal(UUID(str(row["person_id"])), diploma_number="2023320001")
        return GraduateStatusRecord(
            id=record_id,
            etag='"1"',
            **sealed,
            graduate_date=date(2023, 6, 30),
        )

    async def graduate(self, member_id: UUID) -> None:
        item = await self.graduation(member_id)
        (record,) = await self.run(graduate_status_records, item, party=made.FRONT)
        accepted(record)


@pytest.fixture
async def desk(enrollment_dsn: str, keystore_dsn: str) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        database, keystore_database = [
            await stack.enter_async_context(
                Database.open(dsn, pool_size=8, application_name="enrollment")
            )
            for dsn in (enrollment_dsn, keystore_dsn)
        ]
        master_keys = MasterKeys(MasterKey(b"m" * 32))
        yield Desk(database, KeyStore(keystore_database, master_keys))


def accepted(result: T | DomainError) -> T:
    """Return what was not refused."""
    if isinstance(result, DomainError):
        raise result
    return result


def details(serial: int, **changes: Any) -> Details:
    facts: dict[str, Any] = {
        "display_name": f"测试学生{serial}",
        "id_number": IdNumber.parse(made.id_number(serial), today=date(2020, 9, 1)),
        "admission_number": f"20321323{serial:04d}",
        "ethnicity_code": "01",
        "made_up": True,
    }
    return Details(**{**facts, **changes})


def organisation(organisation_id: str, kind: Kind, **changes: Any) -> CreateOrganisation:
    facts: dict[str, Any] = {
        "new_id": organisation_id,
        "display_name": organisation_id,
        "english_name": "",
        "raw_names": [],
        "kind": kind,
        "region_code": "320500",
        "school_code": "",
        "uscc": "",
        "made_up": True,
    }
    return CreateOrganisation(**{**facts, **changes})


ORGANISATIONS = [
    organisation(made.FRONT, Kind.SECONDARY_VOCATIONAL),
    organisation(made.BACK, Kind.HIGHER_VOCATIONAL),
    organisation(made.STRANGER, Kind.HIGHER_VOCATIONAL),
]
DECLARATION = {name: value for name, value in made.PROJECT.items() if not name.endswith("_kind")}


def unknown() -> UUID:
    """Return an id that no record has."""
    return uuid4()
