"""What becomes of a transfer when persons are merged and split, and when a school is merged away.

A student travels from pathway to registration. Then enrollment finds that it has the person twice,
and later the front school is merged into another one: the other services only hear of it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc.aio
import pytest
from google.protobuf import descriptor_pool, message_factory
from google.type.date_pb2 import Date
from guantong.assistance.v1 import indicator_service_pb2, pairing_service_pb2
from guantong.assistance.v1.pairing_pb2 import Pairing
from guantong.enrollment.v1 import (
    cohort_service_pb2,
    learning_outcome_service_pb2,
    organisation_service_pb2,
    pathway_project_service_pb2,
    person_merge_service_pb2,
    person_service_pb2,
)
from guantong.enrollment.v1.cohort_pb2 import CohortMember
from guantong.enrollment.v1.learning_outcome_pb2 import LearningOutcome
from guantong.enrollment.v1.pathway_project_pb2 import PathwayProject
from guantong.transfer.v1 import application_service_pb2
from guantong.transfer.v1.application_pb2 import Application

from deploy.story import main
from deploy.story.case import load
from deploy.story.desk import Desk
from deploy.story.main import run_story
from deploy.story.students import Fate, make_students
from tests.enrollment.made import id_number
from tests.mirror import FEEDS, Mirror, Source
from tests.served import details_of
from tests.suite import MakeDatabase, Suite, in_process

FRONT, BACK, SUCCESSOR, OTHER = "siyang", "szai", "sqjm", "gaobo"
SERVICES: dict[str, Any] = {
    "enrollment": (
        cohort_service_pb2,
        learning_outcome_service_pb2,
        organisation_service_pb2,
        pathway_project_service_pb2,
        person_merge_service_pb2,
        person_service_pb2,
    ),
    "transfer": (application_service_pb2,),
    "assistance": (indicator_service_pb2, pairing_service_pb2),
}


class Told:
    """The suite after one student's way, and how to call it."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite

    async def call(
        self, rpc: str, party: str, role: str, *, acting_for: str = "", **fields: Any
    ) -> Any:
        """Call any RPC of the suite as a member of an organisation."""
        [(name, service, method)] = [
            (name, service, method)
            for name, modules in SERVICES.items()
            for module in modules
            for service in module.DESCRIPTOR.services_by_name.values()
            for method in service.methods
            if method.name == rpc
        ]
        kind: Any = _message(name, method.input_type.name)
        if "request_id" in kind.DESCRIPTOR.fields_by_name:
            fields = {"request_id": str(uuid4()), **fields}
        metadata = list(self.suite.services[name].token(party, role, subject=f"{party}-{role}"))
        if acting_for:
            metadata.append(("x-acting-for", acting_for))
        ask: Any = self.suite.services[name].channel.unary_unary(
            f"/{service.full_name}/{rpc}",
            request_serializer=kind.SerializeToString,
            response_deserializer=_message(name, method.output_type.name).FromString,
        )
        return await ask(kind(**fields), metadata=metadata, timeout=30)

    async def reason(self, rpc: str, party: str, role: str, **fields: Any) -> str:
        """Return why a call is refused."""
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await self.call(rpc, party, role, **fields)
        return str(details_of(raised.value)["reason"])

    async def application(self) -> Application:
        [found] = (await self.call("ListApplications", BACK, "registrar")).applications
        assert isinstance(found, Application)
        return found

    async def counted(self) -> int:
        [indicator] = (await self.call("ListIndicators", BACK, "registrar")).indicators
        return int(indicator.actual)

    async def person(self, name: str) -> Any:
        return await self.call("GetPerson", FRONT, "registrar", name=name)

    async def etag(self, name: str) -> str:
        rows = await self.suite.services["enrollment"].rows("person")
        [version] = [row["version"] for row in rows if str(row["id"]) in name]
        return f'"{version}"'

    async def merge(self, duplicate: str, survivor: str) -> None:
        await self.call(
            "MergePersons",
            FRONT,
            "approver",
            name=duplicate,
            etag=await self.etag(duplicate),
            survivor=survivor,
            survivor_etag=await self.etag(survivor),
            reason="同一人重复登记",
            evidence_sha256="0f" * 32,
        )
        await self.suite.settle()

    async def merge_school(self) -> None:
        """Merge the front school into another one, in ten days."""
        enrollment = self.suite.services["enrollment"]
        day = (enrollment.clock.now() + timedelta(days=10)).astimezone(UTC)
        [school] = [row for row in await enrollment.rows("organisation") if row["id"] == FRONT]
        await self.call(
            "MergeOrganisation",
            "suite",
            "administrator",
            name=f"organisations/{FRONT}",
            etag=f'"{school["version"]}"',
            successor=f"organisations/{SUCCESSOR}",
            effective_date=Date(year=day.year, month=day.month, day=day.day),
        )
        await self.suite.settle()

    async def advance(self, **days: Any) -> datetime:
        clock = self.suite.services["enrollment"].clock
        return clock.advance(clock.now() + timedelta(**days))

    async def member_of(self, member: CohortMember) -> str:
        """Return the id of the person whose the transfer holds a membership to be."""
        rows = await self.suite.services["transfer"].rows("copy_cohort_member")
        [person] = [row["person_id"] for row in rows if str(row["id"]) in member.name]
        return f"persons/{person}"

    async def enrol_again(self, title: str) -> CohortMember:
        """Enrol the student of a later pathway of the two schools: another ID number."""
        pathway = load().pathway
        today = self.suite.services["enrollment"].clock.now()
        project: PathwayProject = await self.call(
            "DeclarePathwayProject",
            BACK,
            "registrar",
            project_number="JS-AGAIN",
            type=PathwayProject.Type.Value(f"TYPE_{pathway.type}"),
            approval_year=today.year,
            front_organisation=f"organisations/{FRONT}",
            front_major=pathway.front_major,
            front_major_code=pathway.front_major_code,
            back_organisation=f"organisations/{BACK}",
            back_major=pathway.back_major,
            back_major_code=pathway.back_major_code,
            front_plan=40,
            back_plan=40,
        )
        await self.call(
            "ApprovePathwayProject",
            "szedu",
            "bureau_officer",
            name=project.name,
            etag=project.etag,
            approval_document_number="苏教职函〔2024〕1号",
        )
        cohort = await self.call(
            "OpenCohort",
            FRONT,
            "registrar",
            pathway_project=project.name,
            intake_date=Date(year=today.year, month=9, day=1),
            class_names=["再班"],
        )
        member: CohortMember = await self.call(
            "EnrollCohortMember",
            FRONT,
            "registrar",
            cohort=cohort.name,
            display_name=title,
            id_number=id_number(501),
            admission_number="20321323990001",
            ethnicity_code="01",
            class_name="再班",
            made_up=True,
        )
        await self.suite.settle()
        return member

    async def check_mirrors(self, folder: Path) -> None:
        """Let consumers start from nothing; what they hold is what the services hold."""
        for name in FEEDS:
            for party in (FRONT, BACK, "szedu"):
                role = "bureau_officer" if party == "szedu" else "agent"
                source = Source(
                    service=self.suite.services[name], name=name, party=party, role=role
                )
                mirror = Mirror(folder / uuid4().hex, source)
                await mirror.catch_up()
                assert await mirror.check() == set(), (name, party)
                mirror.close()


def _message(package: str, name: str) -> Any:
    kind = descriptor_pool.Default().FindMessageTypeByName(f"guantong.{package}.v1.{name}")
    return message_factory.GetMessageClass(kind)


@pytest.fixture
async def told(make_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[Told]:
    async with in_process(make_database, tmp_path) as suite:

        @asynccontextmanager
        async def open_desk(_door: Any) -> AsyncIterator[Desk]:
            yield Desk(suite.door, suite.channel)

        case = load()
        students = make_students(
            class_names=case.pathway.class_names, components=case.scheme.components
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(main, "open_desk", open_desk)
            one = [next(each for each in students if each.fate is Fate.ORDINARY)]
            result = await run_story(suite.door, lambda _: None, students=one)
        assert result.registered == 1
        yield Told(suite)


async def test_a_transfer_goes_on_whichever_of_two_persons_is_found_to_be_the_other(
    told: Told, tmp_path: Path
) -> None:
    before = await told.application()
    again = await told.enrol_again("再来的学生")
    # The one with the application is the duplicate: the application keeps the name, which answers.
    await told.merge(before.person, again.person)
    application = await told.application()
    assert application == before
    assert application.display_name
    assert (await told.person(application.person)).name == again.person
    assert await told.counted() == 1
    for row in await told.suite.services["enrollment"].rows("status_record"):
        assert str(row["person_id"]) in again.person
    # The membership followed, in the transfer's copy too.
    rows = await told.suite.services["transfer"].rows("copy_cohort_member")
    assert {f"persons/{row['person_id']}" for row in rows} == {again.person}
    await told.check_mirrors(tmp_path)

    # The transfer goes on: what it decides reaches the record, whose ever it is now.
    await told.call(
        "CancelApplication",
        BACK,
        "approver",
        name=application.name,
        etag=application.etag,
        cancel_reason="复查不合格",
    )
    await told.suite.settle()
    assert await told.counted() == 0
    records = await told.suite.services["enrollment"].rows("status_record")
    [ended] = [row for row in records if row["application_id"] is not None]
    assert ended["state"] == "ENDED"
    assert str(ended["person_id"]) in again.person
    await told.check_mirrors(tmp_path)


async def test_a_merge_and_its_split_leave_transfer_and_indicators_as_they_were(
    told: Told, tmp_path: Path
) -> None:
    application = await told.application()
    again = await told.enrol_again("再来的学生")
    outcome: LearningOutcome = await told.call(
        "DeclareLearningOutcome",
        FRONT,
        "registrar",
        person=again.person,
        kind=LearningOutcome.KIND_COURSE,
        title="食品营养学",
        issuer=f"organisations/{FRONT}",
        hours=64,
        credit_tenths=40,
        achieve_date=Date(year=2022, month=6, day=30),
        evidence_sha256="ab" * 32,
    )
    await told.merge(again.person, application.person)
    assert await told.member_of(again) == application.person
    assert (await told.person(again.person)).name == application.person
    found = await told.call("GetLearningOutcome", FRONT, "registrar", name=outcome.name)
    assert found.person == application.person
    assert (await told.application(), await told.counted()) == (application, 1)
    await told.check_mirrors(tmp_path)
    await told.call(
        "SplitPersons",
        FRONT,
        "approver",
        name=again.person,
        etag=await told.etag(again.person),
        reason="并非同一人",
    )
    await told.suite.settle()
    assert await told.member_of(again) == again.person
    found = await told.call("GetLearningOutcome", FRONT, "registrar", name=outcome.name)
    assert found.person == again.person
    assert (await told.application(), await told.counted()) == (application, 1)
    await told.check_mirrors(tmp_path)


async def test_the_successor_of_a_school_goes_on_with_its_transfers_and_pairings(
    told: Told,
) -> None:
    application = await told.application()
    [pairing] = [
        each
        for each in (await told.call("ListPairings", FRONT, "registrar")).pairings
        if each.receiver == f"organisations/{FRONT}" and each.level == Pairing.LEVEL_SCHOOL
    ][:1]
    reading = {
        "GetApplication": {"name": application.name},
        "GetPairing": {"name": pairing.name},
    }
    await told.merge_school()
    standing_in = {"acting_for": FRONT}
    for rpc, fields in reading.items():
        assert await told.reason(rpc, SUCCESSOR, "registrar", **fields, **standing_in) == (
            "NOT_STAND_IN"
        ), "before the day"
        assert await told.call(rpc, FRONT, "registrar", **fields)
    await told.advance(days=11)
    for rpc, fields in reading.items():
        assert await told.call(rpc, SUCCESSOR, "registrar", **fields, **standing_in)
        assert await told.reason(rpc, SUCCESSOR, "registrar", **fields) == "RESOURCE_NOT_FOUND"
        assert await told.reason(rpc, OTHER, "registrar", **fields, **standing_in) == (
            "NOT_STAND_IN"
        )
    # What it may do is said by the record, no more by who it is.
    change = {"name": application.name, "etag": application.etag}
    assert await told.reason("WithdrawApplication", FRONT, "registrar", **change) == (
        "ORGANISATION_ENDED"
    )
    reason = await told.reason(
        "WithdrawApplication", SUCCESSOR, "registrar", **change, **standing_in
    )
    assert reason not in {"ORGANISATION_ENDED", "NOT_STAND_IN", "RESOURCE_NOT_FOUND"}
    creation = {
        "level": Pairing.LEVEL_SCHOOL,
        "programme": Pairing.PROGRAMME_INTER_SCHOOL,
        "helper": f"organisations/{BACK}",
        "receiver": f"organisations/{FRONT}",
        "begin_date": Date(year=2024, month=1, day=1),
    }
    for party, more in ((FRONT, {}), (SUCCESSOR, standing_in)):
        assert await told.reason(
            "CreatePairing", party, "assistance_officer", **creation, **more
        ) == ("ORGANISATION_ENDED")
