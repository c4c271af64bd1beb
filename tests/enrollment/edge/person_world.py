"""What the tests of persons stand on: two students of a cohort, and valid requests of each RPC."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from google.api import field_behavior_pb2
from google.protobuf.message import Message
from google.type.date_pb2 import Date
from guantong.enrollment.v1 import (
    consent_service_pb2,
    consent_service_pb2_grpc,
    guardian_service_pb2,
    guardian_service_pb2_grpc,
    person_access_service_pb2,
    person_access_service_pb2_grpc,
    person_correction_service_pb2,
    person_correction_service_pb2_grpc,
    person_erasure_service_pb2,
    person_erasure_service_pb2_grpc,
    person_merge_service_pb2,
    person_merge_service_pb2_grpc,
    person_timeline_service_pb2,
    person_timeline_service_pb2_grpc,
    student_number_service_pb2,
    student_number_service_pb2_grpc,
)
from guantong.enrollment.v1.cohort_pb2 import CohortMember
from guantong.enrollment.v1.consent_pb2 import Consent

from tests.enrollment import made
from tests.enrollment.edge import world as edge
from tests.enrollment.edge.world import World, make_world
from tests.served import Served

_SERVICES = (
    (consent_service_pb2, consent_service_pb2_grpc, "ConsentService"),
    (guardian_service_pb2, guardian_service_pb2_grpc, "GuardianService"),
    (person_access_service_pb2, person_access_service_pb2_grpc, "PersonAccessService"),
    (person_correction_service_pb2, person_correction_service_pb2_grpc, "PersonCorrectionService"),
    (person_erasure_service_pb2, person_erasure_service_pb2_grpc, "PersonErasureService"),
    (person_merge_service_pb2, person_merge_service_pb2_grpc, "PersonMergeService"),
    (person_timeline_service_pb2, person_timeline_service_pb2_grpc, "PersonTimelineService"),
    (student_number_service_pb2, student_number_service_pb2_grpc, "StudentNumberService"),
)
_MODULES = {
    method.name: (module, grpc_module, name)
    for module, grpc_module, name in _SERVICES
    for method in module.DESCRIPTOR.services_by_name[name].methods
}
RPCS = tuple(_MODULES)
# Of one person, who is asked for by name.
OF_ONE = ("ListDuplicateCandidates", "ListPersonTimelineEntries")
LISTS = tuple(rpc for rpc in RPCS if rpc.startswith("List") and rpc not in OF_ONE)
DECIDER = "user-head"
APPROVERS = ("ApprovePersonCorrection", "RejectPersonCorrection", "ErasePerson")
SHA = "0f" * 32
ID_NUMBER = edge.ID_NUMBER
OTHER_ID_NUMBER = made.id_number(79)
NAME = edge.NAME
OTHER_NAME = "上官测试二"
RIGHT_NAME = "欧阳测试三"
GUARDIAN_NAME = "监护人欧阳父"
PHONE = "13900001234"
FORMAL = f"G{ID_NUMBER}"
TEMPORARY = "L320500200503141234"
MADE_NUMBER = "J32050000000000123X"
REQUIRED = field_behavior_pb2.FieldBehavior.Value("REQUIRED")


@dataclass(kw_only=True)
class PersonWorld:
    """A service with two students, of whom one has a guardian, a consent and open proposals."""

    world: World
    person: str
    # Removed from the cohort, with nothing open: what may be merged.
    duplicate: str
    guardian: Any = None
    consent: Any = None
    correction: Any = None
    erasure: Any = None

    @property
    def service(self) -> Served:
        return self.world.service

    async def call(
        self,
        rpc: str,
        *,
        party: str = made.FRONT,
        role: str = "approver",
        subject: str = "",
        **fields: Any,
    ) -> Any:
        """Call an RPC with these fields; mutations get a request id of their own."""
        return await self.send(rpc, request_of(rpc, fields), party, role, subject)

    async def send(
        self, rpc: str, request: Message, party: str, role: str, subject: str = ""
    ) -> Any:
        _, module, name = _MODULES[rpc]
        method = getattr(getattr(module, f"{name}Stub")(self.service.channel), rpc)
        return await method(request, metadata=self.service.token(party, role, subject=subject))

    async def get(self, name: str, *, party: str = made.FRONT, role: str = "registrar") -> Any:
        """Return the person that a name answers with."""
        request = edge.request_class("GetPerson")(name=name)
        return await edge.call(self.service, "GetPerson", request, party, role)

    async def etag(self, name: str) -> str:
        (row,) = [each for each in await self.service.rows("person") if str(each["id"]) in name]
        return f'"{row["version"]}"'

    async def valid(self, rpc: str) -> dict[str, Any]:
        """Return fields with which an RPC succeeds."""
        person, target = self.person, {"name": self.person, "etag": await self.etag(self.person)}
        fields: dict[str, dict[str, Any]] = {
            "RecordStudentNumber": {
                **target,
                "number": TEMPORARY,
                "valid_from_date": Date(year=2020, month=9, day=1),
            },
            "ProposePersonCorrection": {
                "person": person,
                "display_name": RIGHT_NAME,
                "evidence_sha256": SHA,
            },
            "ApprovePersonCorrection": _target(self.correction),
            "RejectPersonCorrection": {**_target(self.correction), "reason": "证明材料不全"},
            "MergePersons": {
                "name": self.duplicate,
                "etag": await self.etag(self.duplicate),
                "survivor": person,
                "survivor_etag": target["etag"],
                "reason": "同一人重复登记",
                "evidence_sha256": SHA,
            },
            "SplitPersons": {**target, "reason": "并非同一人"},
            "RecordGuardian": {
                "person": person,
                "display_name": GUARDIAN_NAME,
                "relation": "父亲",
                "phone": PHONE,
            },
            "EndGuardian": _target(self.guardian),
            "GiveConsent": {
                "person": person,
                "guardian": self.guardian.name,
                "purpose": Consent.PURPOSE_ENTERPRISE,
                "give_date": Date(year=2023, month=2, day=1),
                "evidence_sha256": SHA,
            },
            "WithdrawConsent": _target(self.consent),
            "ProposePersonErasure": {"person": self.duplicate, "reason": "本人要求"},
            "ErasePerson": _target(self.erasure),
            "RevealIdNumber": {"name": person, "reason": "办理毕业证书"},
            "RevealStudentNumber": {"name": person, "reason": "办理毕业证书"},
            "ExportPerson": {"name": person, "reason": "本人查阅"},
            "ListDuplicateCandidates": {"name": person},
            "ListPersonTimelineEntries": {"person": person, "reason": "毕业资格审核"},
        }
        return fields.get(rpc, {})


def request_of(rpc: str, fields: dict[str, Any]) -> Message:
    kind: type[Message] = getattr(_MODULES[rpc][0], f"{rpc}Request")
    if "request_id" in kind.DESCRIPTOR.fields_by_name:
        fields = {"request_id": str(uuid4()), **fields}
    return kind(**{name: value for name, value in fields.items() if value is not None})


def fields_of(rpc: str) -> list[str]:
    """Return the fields that a request must have."""
    return [
        field.name
        for field in getattr(_MODULES[rpc][0], f"{rpc}Request").DESCRIPTOR.fields
        if REQUIRED in field.GetOptions().Extensions[field_behavior_pb2.field_behavior]
    ]


async def make_person_world(service: Served) -> PersonWorld:
    """Enrol a second student and remove it again; record what each RPC may be called on."""
    world = await make_world(service)
    other = await enroll(world, OTHER_NAME, OTHER_ID_NUMBER)
    await remove(world, other)
    persons = PersonWorld(world=world, person=world.member.person, duplicate=other.person)
    person = persons.person
    persons.guardian = await persons.call("RecordGuardian", **_guardian(person))
    persons.consent = await persons.call(
        "GiveConsent",
        person=person,
        guardian=persons.guardian.name,
        purpose=Consent.PURPOSE_INTERNSHIP,
        give_date=Date(year=2023, month=2, day=1),
        evidence_sha256=SHA,
    )
    persons.correction = await persons.call(
        "ProposePersonCorrection",
        person=person,
        display_name=RIGHT_NAME,
        sex_code="2",
        birth_date=Date(year=2006, month=1, day=2),
        evidence_sha256=SHA,
    )
    persons.erasure = await persons.call(
        "ProposePersonErasure", person=person, reason="本人要求删除"
    )
    return persons


async def enroll(world: World, name: str, id_number: str) -> CohortMember:
    fields = {"display_name": name, "id_number": id_number, "admission_number": "2032132377009"}
    member: CohortMember = await world.call(
        "EnrollCohortMember", world.request("EnrollCohortMember", **fields)
    )
    return member


async def remove(world: World, member: CohortMember) -> None:
    """Take a student out of pathway and school: a record made by mistake."""
    request = world.request("RemoveCohortMember", name=member.name, etag=member.etag)
    await world.call("RemoveCohortMember", request)
    async with world.service.base.database.connection() as connection:
        # How a record is cancelled is told elsewhere.
        await connection.execute(
            "UPDATE status_record SET valid_to_date = valid_from_date, state = 'ENDED' "
            "WHERE member_id = $1",
            member.name.partition("/")[2],
        )


def _guardian(person: str) -> dict[str, Any]:
    return {
        "person": person,
        "display_name": GUARDIAN_NAME,
        "relation": "父亲",
        "phone": PHONE,
    }


def _target(record: Any) -> dict[str, Any]:
    return {"name": record.name, "etag": record.etag}
