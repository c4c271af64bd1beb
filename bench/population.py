"""A database with very many persons: schools, projects, cohorts of 40, and their students.

Students are imported by the product's own import, without a server around it, so that whatever a
command writes beside them is there too. Other benchmarks read what they need from such a database.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from guantong.enrollment.v1 import import_service_pb2 as pb

from bench.outcome import note
from chassis import db
from chassis.changes import Origin
from chassis.db import Database
from chassis.identity import Caller
from chassis.ids import new_id
from chassis.import_steps import Ending, Opening, Rows, Step
from chassis.imports import Imports
from chassis.interceptors import Call
from chassis.keys import KeyStore
from chassis.master_keys import MasterKeys, load_secret
from chassis.names import name_of
from chassis.rpc import collect_rarely
from deploy.local.secrets import Secrets
from services.enrollment import app
from services.enrollment.commands.import_roster import RosterImporter
from services.enrollment.commands.seal_applicants import ApplicantSealer
from services.enrollment.domain.cohort import Cohort
from services.enrollment.domain.id_numbers import check_character
from services.enrollment.domain.organisation import Kind, Organisation
from services.enrollment.domain.pathway_project import PathwayProject
from services.enrollment.domain.pathways import Type
from services.enrollment.edge.imports import admit
from services.enrollment.edge.regions import RegionList
from services.enrollment.edge.wire import imports as wire
from services.enrollment.edge.wire.import_rosters import RosterRows
from services.enrollment.store import cohorts, organisations, pathway_projects

Row = pb.ImportRosterRequest.Row

CLASSES: Final = ("一班", "二班")
COHORT_SIZE: Final = 40
CHUNK_ROWS: Final = 1_000
# Front schools of the population: a school has this many cohorts.
COHORTS_PER_SCHOOL: Final = 250
_YEARS: Final = range(2016, 2026)
_NOW: Final = datetime(2025, 9, 10, 4, tzinfo=UTC)
_FIRST_BIRTH: Final = date(2001, 1, 1)
_BIRTH_DAYS: Final = 3_000
_SERIALS: Final = 1_000
_SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲梅建国志文斌宇浩凯"
_METHOD: Final = "/guantong.enrollment.v1.ImportService/ImportRoster"
_TRACE: Final = "00-" + "1" * 32 + "-" + "2" * 16 + "-01"


@dataclass(frozen=True, kw_only=True)
class School:
    """A front school with its cohorts."""

    front: str
    cohort_ids: Sequence[UUID]


def populate(dsns: Mapping[str, str], secrets: Secrets, count: int) -> list[School]:
    """Fill empty, migrated databases of enrollment and the key store with so many persons."""
    collect_rarely()
    return asyncio.run(_populate(dsns, secrets, count))


async def _populate(dsns: Mapping[str, str], secrets: Secrets, count: int) -> list[School]:
    async with AsyncExitStack() as stack:
        database, keys = [
            await stack.enter_async_context(
                Database.open(dsns[name], pool_size=5, application_name="bench")
            )
            for name in ("enrollment", "keystore")
        ]
        cohort_count = -(-count // COHORT_SIZE)
        fronts = [f"front-{n}" for n in range(-(-cohort_count // COHORTS_PER_SCHOOL))]
        schools = [
            await open_school(database, front, min(COHORTS_PER_SCHOOL, cohort_count - n))
            for front, n in zip(fronts, itertools.count(0, COHORTS_PER_SCHOOL), strict=False)
        ]
        loader = _Loader(database, keys, secrets)
        for number, school in enumerate(schools):
            first = number * COHORTS_PER_SCHOOL * COHORT_SIZE
            await loader.load(school, first, min(COHORTS_PER_SCHOOL * COHORT_SIZE, count - first))
            note(f"{min(count, first + COHORTS_PER_SCHOOL * COHORT_SIZE)} persons are there")
        for each in (database, keys):
            async with each.connection() as connection:
                await connection.execute("VACUUM ANALYZE", timeout=3600)
        return schools


async def open_school(database: Database, front: str, cohort_count: int) -> School:
    """Register a school and a college of its own, and open so many cohorts between them."""
    back = f"back-of-{front}"
    projects = [_project(front, back, number) for number in range(cohort_count)]
    opened = [_cohort(project) for project in projects]

    async def work(tx: db.Transaction) -> None:
        registered = [_registered(front, Kind.SECONDARY_VOCATIONAL)]
        registered.append(_registered(back, Kind.HIGHER_VOCATIONAL))
        await organisations.add_many(tx, registered)
        await pathway_projects.add_many(tx, projects)
        await cohorts.add_many(tx, opened)

    await database.transact(work)
    return School(front=front, cohort_ids=[each.id for each in opened])


def class_name(cohort_number: int, index: int) -> str:
    """Return the class of a member of a school's cohort."""
    return f"69{cohort_number // len(_YEARS):04d}{CLASSES[index % len(CLASSES)]}"


def roster(
    cohort_ids: Sequence[UUID], first: int, count: int, *, first_cohort: int = 0
) -> Iterator[Row]:
    """Return rows of made-up persons from number `first` on; each number is another person.

    `first_cohort` is the number of the first of these cohorts among those of its school.
    """
    for index in range(count):
        number = first + index
        yield Row(
            cohort=name_of("cohorts", cohort_ids[index // COHORT_SIZE]),
            class_name=class_name(first_cohort + index // COHORT_SIZE, index),
            display_name=_name(number),
            id_number=_id_number(number),
            admission_number=f"2032{number:010d}",
            ethnicity_code="01",
            made_up=True,
        )


class _Loader:
    """Imports rosters as the service does."""

    def __init__(self, database: Database, keystore: Database, secrets: Secrets) -> None:
        keys = KeyStore(keystore, MasterKeys.load(secrets.master_key))
        self._sealer = ApplicantSealer(keys, load_secret(secrets.index_key), database)
        request_key = load_secret(secrets.request_key)
        self._imports = Imports(database, app.ENCODERS, admit, request_key=request_key)

    async def load(self, school: School, first: int, count: int) -> None:
        """Import persons from number `first` on into the cohorts of a school."""
        caller = Caller(f"{school.front}-bench", school.front, frozenset({"registrar"}))
        call = Call(caller, _METHOD, Origin(caller.subject, school.front, _NOW, _TRACE), None)
        today = _NOW.date()
        importer = RosterImporter(RosterRows(today=today), self._sealer, caller=caller, today=today)
        steps = _steps(roster(school.cohort_ids, first, count))
        reply = partial(wire.to_response, pb.ImportRosterResponse)
        async with aclosing(self._imports.run(call, steps, importer, reply)) as answers:
            done: Any = [answer async for answer in answers][-1]
        if done.job.totals.new_rows != count:
            raise RuntimeError(f"{done.job.totals} of {count} rows")


async def _steps(rows: Iterator[Row]) -> AsyncIterator[Step[Row]]:
    yield Opening(new_id(), "population", validate_only=False)
    for chunk in chunks(rows):
        yield Rows(chunk.number, chunk.rows, chunk.SerializeToString())
    yield Ending()


def chunks(rows: Iterator[Row]) -> Iterator[pb.ImportRosterRequest.Chunk]:
    """Put rows into chunks."""
    for number in itertools.count(1):
        part = list(itertools.islice(rows, CHUNK_ROWS))
        if not part:
            return
        yield pb.ImportRosterRequest.Chunk(number=number, rows=part)


def _registered(slug: str, kind: Kind) -> Organisation:
    return Organisation.register(
        regions=RegionList(),
        on=_NOW.date(),
        new_id=slug,
        display_name=slug,
        english_name="",
        raw_names=[],
        kind=kind,
        region_code="320500",
        school_code="",
        uscc="",
        made_up=True,
    )


def _project(front: str, back: str, number: int) -> PathwayProject:
    year, major = _YEARS[number % len(_YEARS)], number // len(_YEARS)
    project = PathwayProject.declare(
        party=back,
        new_id=new_id(),
        project_number=f"{front}-{number}",
        type=Type.ZG_3_3,
        approval_year=year,
        front=front,
        front_kind=Kind.SECONDARY_VOCATIONAL,
        front_major="食品加工工艺",
        front_major_code=f"69{major:04d}",
        back=back,
        back_kind=Kind.HIGHER_VOCATIONAL,
        back_major="食品智能加工技术",
        back_major_code=f"49{major:04d}",
        front_plan=COHORT_SIZE,
        back_plan=COHORT_SIZE,
        made_up=True,
    )
    project.event = None
    project.approve(approval_document_number="苏教职函〔2020〕20号")
    return project


def _cohort(project: PathwayProject) -> Cohort:
    classes = [f"{project.front_major_code}{name}" for name in CLASSES]
    return Cohort.open(
        party=project.front,
        new_id=new_id(),
        project=project,
        intake_date=date(project.approval_year, 9, 1),
        class_names=classes,
        taken={},
    )


def _name(number: int) -> str:
    number, surname = divmod(number, len(_SURNAMES))
    number, first = divmod(number, len(_GIVEN))
    return _SURNAMES[surname] + _GIVEN[first] + _GIVEN[number % len(_GIVEN)]


def _id_number(number: int) -> str:
    serial, day = divmod(number, _BIRTH_DAYS)
    region, serial = divmod(serial, _SERIALS)
    birth = _FIRST_BIRTH + timedelta(days=day)
    digits = f"{321300 + region}{birth:%Y%m%d}{serial:03d}"
    return digits + check_character(digits)
