"""What the tests of rights stand on: requests of any RPC, and one object of each kind."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from buf.validate import validate_pb2
from google.api import field_behavior_pb2
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.type.date_pb2 import Date
from guantong.enrollment.v1 import import_service_pb2
from guantong.enrollment.v1.cooperation_pb2 import Cooperation
from guantong.enrollment.v1.learning_outcome_pb2 import LearningOutcome
from guantong.enrollment.v1.organisation_pb2 import Organisation
from guantong.enrollment.v1.placement_pb2 import Placement
from guantong.enrollment.v1.status_change_pb2 import StatusChange

from chassis.sequencer import Sequencer
from services.enrollment import app
from tests.enrollment import made
from tests.enrollment.edge.person_world import make_person_world
from tests.enrollment.edge.test_cooperation_agreements import terms
from tests.enrollment.edge.test_provincial_lists import list_fields
from tests.enrollment.edge.test_provincial_lists import row as list_row
from tests.enrollment.edge.world import World, do, organisation_fields
from tests.served import Served

METHODS: dict[str, MethodDescriptor] = {
    method.name: method
    for file in app.CONTRACT
    for service in file.services_by_name.values()
    for method in service.methods
}
BUREAU, ENTERPRISE = "szedu", "tongcheng"
AGREEMENT = "ab" * 32
REGISTRAR, APPROVER = (made.FRONT, "registrar"), (made.FRONT, "approver")
_REQUIRED = field_behavior_pb2.FieldBehavior.Value("REQUIRED")
_COLLECTION = re.compile(r"^\^\(*([a-zA-Z]+)[/|]")
# What a field of this name, or of this pattern, may be filled with.
_TEXTS = {
    "etag": '"1"',
    "survivor_etag": '"1"',
    "uscc": "91350100M000100Y43",
    "phone": "0512-12345678",
    "diploma_number": "2023320001",
    "id_number": made.id_number(90),
    "admission_number": "2032132390001",
    "number": "L320500200503141234",
    "region_code": "320500",
    "organisation_id": "newcomer",
    "project_number": "JS2023-33-009",
}
_PATTERNS = {
    "^[0-9a-f]{64}$": "a" * 64,
    "^[0-9]{6}$": "690101",
    "^[0-9A-Za-z]{6,32}$": "2023320001",
}


@dataclass(kw_only=True)
class RightsWorld:
    """A service, and by collection the name of an object of the front school."""

    service: Served
    world: World
    objects: dict[str, Any] = field(default_factory=dict)

    async def call(self, rpc: str, caller: tuple[str, str], request: Message) -> Any:
        """Call any RPC of the contract that answers once."""
        return await caller_of(self.service, rpc)(request, metadata=self.service.token(*caller))

    async def make(self, collection: str, rpc: str, caller: tuple[str, str], **given: Any) -> Any:
        """Make an object by a call, and remember its name."""
        answer = await self.call(rpc, caller, example(rpc, **given))
        self.objects[collection] = answer.name
        return answer

    async def step(self, rpc: str, caller: tuple[str, str], on: Any, **given: Any) -> Any:
        """Take a step of an object."""
        request = example(rpc, name=on.name, etag=on.etag, **given)
        return await self.call(rpc, caller, request)


def caller_of(service: Served, rpc: str) -> Callable[..., Any]:
    """Return what calls an RPC, whatever streams."""
    method = METHODS[rpc]
    path = f"/{method.containing_service.full_name}/{rpc}"
    channel: Any = service.channel
    kinds = {
        (False, False): channel.unary_unary,
        (False, True): channel.unary_stream,
        (True, True): channel.stream_stream,
    }
    answers = GetMessageClass(method.output_type)
    found: Callable[..., Any] = kinds[method.client_streaming, method.server_streaming](
        path,
        request_serializer=_bytes_of,
        response_deserializer=answers.FromString,
    )
    return found


def _bytes_of(message: Message) -> bytes:
    return message.SerializeToString()


def collection_of(field: FieldDescriptor) -> str:
    """Return of which collection a field names an object; empty where it names none."""
    found = _COLLECTION.match(_rules(field).string.pattern)
    return found.group(1) if found else ""


def example(rpc: str, **given: Any) -> Any:
    """Return a request that is understood: its required fields, with objects that nobody has."""
    request = GetMessageClass(METHODS[rpc].input_type)(**given)
    _fill(request)
    return request


def _fill(message: Message) -> None:
    fields: Any = message.DESCRIPTOR.fields
    for each in fields:
        behaviour = each.GetOptions().Extensions[field_behavior_pb2.field_behavior]
        if _REQUIRED not in behaviour or _is_given(message, each):
            continue
        if each.is_repeated:
            _fill_list(message, each)
        elif each.message_type is not None and each.message_type.full_name == "google.type.Date":
            getattr(message, each.name).CopyFrom(Date(year=2023, month=2, day=1))
        elif each.message_type is not None:
            getattr(message, each.name).SetInParent()
            _fill(getattr(message, each.name))
        else:
            setattr(message, each.name, _value(each))


def _is_given(message: Message, each: FieldDescriptor) -> bool:
    return each.name in {present.name for present, _ in message.ListFields()}


def _fill_list(message: Message, each: FieldDescriptor) -> None:
    items = getattr(message, each.name)
    if each.message_type is not None:
        _fill(items.add())
    else:
        items.append(_text_of(each.name, _rules(each).repeated.items.string))


def _value(each: FieldDescriptor) -> Any:
    rules = _rules(each)
    if each.cpp_type != FieldDescriptor.CPPTYPE_STRING:
        least = rules.int32.gte if rules.HasField("int32") else 1
        return each.enum_type.values[1].number if each.enum_type else max(1, least)
    return _text_of(each.name, rules.string)


def _text_of(name: str, rules: Any) -> str:
    if rules.uuid:
        return str(uuid4())
    found = _COLLECTION.match(rules.pattern)
    if found:
        return f"{found.group(1)}/{_NOWHERE.get(found.group(1)) or uuid4()}"
    return _TEXTS.get(name) or _PATTERNS.get(rules.pattern) or "说明文字"


def _rules(each: FieldDescriptor) -> Any:
    return each.GetOptions().Extensions[validate_pb2.field]


_NOWHERE = {"organisations": made.BACK, "majors": "2021-699999"}


async def make_rights_world(service: Served) -> RightsWorld:
    """Found the schools and one object of each kind that a stranger could ask for."""
    persons = await make_person_world(service)
    world = persons.world
    fields = organisation_fields(BUREAU, Organisation.KIND_EDUCATION_BUREAU)
    await do(service, "CreateOrganisation", **fields)
    rights = RightsWorld(service=service, world=world)
    person_id = world.member.person.partition("/")[2]
    rights.objects = {
        "pathwayProjects": world.project.name,
        "cohorts": world.cohort.name,
        "cohortMembers": world.member.name,
        "persons": world.member.person,
        "statusRecords": world.record.name,
        "backStageRegistrations": world.registration.name,
        "guardians": persons.guardian.name,
        "consents": persons.consent.name,
        "personCorrections": persons.correction.name,
        "personErasures": persons.erasure.name,
        "learningAccounts": f"learningAccounts/{person_id}",
        "projectSheets": world.project.name.replace("pathwayProjects", "projectSheets"),
        "organisations": f"organisations/{made.FRONT}",
    }
    await _make_status_objects(rights)
    await _make_outcome_objects(rights)
    await _make_agreement_objects(rights)
    await _make_cooperation_objects(rights)
    await _make_practice_objects(rights)
    await _make_imports(rights)
    await _make_placement(rights)
    await _make_lists(rights)
    await Sequencer(service.base.database).number()
    return rights


async def _make_status_objects(rights: RightsWorld) -> None:
    record = rights.world.record.name
    bureau = (BUREAU, "bureau_officer")
    filed = await rights.make(
        "electronicRegistrations", "FileElectronicRegistration", REGISTRAR, status_record=record
    )
    await rights.step("ApproveElectronicRegistration", bureau, filed)
    await rights.make(
        "statusChanges",
        "ProposeStatusChange",
        REGISTRAR,
        status_record=record,
        kind=StatusChange.KIND_WITHDRAW,
        ground=StatusChange.GROUND_OWN_WISH,
        initiator=StatusChange.INITIATOR_STUDENT,
        guardian_opinion=StatusChange.GUARDIAN_OPINION_AGREED,
        effective_date=Date(year=2023, month=3, day=1),
    )


async def _make_outcome_objects(rights: RightsWorld) -> None:
    outcome = await rights.make(
        "learningOutcomes",
        "DeclareLearningOutcome",
        REGISTRAR,
        person=rights.world.member.person,
        kind=LearningOutcome.KIND_COURSE,
        issuer=f"organisations/{made.FRONT}",
        credit_tenths=40,
    )
    outcome = await rights.step("VerifyLearningOutcome", APPROVER, outcome)
    outcome = await rights.step(
        "RecogniseLearningOutcome", APPROVER, outcome, relevance_percent=90, credit_tenths=30
    )
    await rights.step("AccumulateLearningOutcome", APPROVER, outcome)
    await rights.make(
        "creditConversions",
        "ConvertLearningOutcomes",
        APPROVER,
        status_record=rights.world.record.name,
        graduation_credit_tenths=1_000,
    )


async def _make_agreement_objects(rights: RightsWorld) -> None:
    agreement = await rights.make(
        "cooperationAgreements",
        "DraftCooperationAgreement",
        (made.BACK, "registrar"),
        pathway_project=rights.world.project.name,
        terms=terms(),
    )
    await rights.make(
        "agreementContacts",
        "NameAgreementContact",
        REGISTRAR,
        cooperation_agreement=agreement.name,
    )


async def _make_cooperation_objects(rights: RightsWorld) -> None:
    fields = organisation_fields(ENTERPRISE, Organisation.KIND_ENTERPRISE)
    await do(rights.service, "CreateOrganisation", **fields, uscc="91350100M000100Y43")
    parties = [
        {"organisation": f"organisations/{slug}", "role": role}
        for slug, role in (
            (made.FRONT, Cooperation.ROLE_SCHOOL),
            (ENTERPRISE, Cooperation.ROLE_ENTERPRISE),
        )
    ]
    cooperation = await rights.make(
        "cooperations",
        "DraftCooperation",
        REGISTRAR,
        kind=Cooperation.KIND_NAMED_CLASS,
        parties=parties,
        class_name="测试冠名班",
        student_count=30,
        agreement=Cooperation.Agreement(
            number="校企〔2022〕1号",
            sha256=AGREEMENT,
            valid_from_date=Date(year=2022, month=9, day=1),
            valid_to_date=Date(year=2024, month=8, day=31),
        ),
    )
    cooperation = await rights.step(
        "SignCooperation", APPROVER, cooperation, agreement_sha256=AGREEMENT
    )
    cooperation = await rights.step(
        "SignCooperation",
        APPROVER,
        cooperation,
        agreement_sha256=AGREEMENT,
        enterprise=f"organisations/{ENTERPRISE}",
        paper_sha256=AGREEMENT,
    )
    cooperation = await rights.step("StartCooperation", APPROVER, cooperation)
    await rights.make(
        "cooperationPupils",
        "AddCooperationPupil",
        REGISTRAR,
        cooperation=cooperation.name,
        status_record=rights.world.record.name,
        join_date=Date(year=2023, month=3, day=1),
    )
    await rights.make(
        "cooperationHeads", "NameCooperationHead", REGISTRAR, cooperation=cooperation.name
    )


async def _make_practice_objects(rights: RightsWorld) -> None:
    record = rights.world.record.name
    point = await rights.make(
        "internshipPoints",
        "DeclareInternshipPoint",
        REGISTRAR,
        enterprise=f"organisations/{ENTERPRISE}",
        major_codes=["690101"],
        valid_from_date=Date(year=2022, month=1, day=1),
    )
    await rights.make(
        "internships",
        "PlanInternship",
        REGISTRAR,
        status_record=record,
        internship_point=point.name,
        start_date=Date(year=2023, month=3, day=2),
        end_date=Date(year=2023, month=5, day=31),
        pay_fen=200_000,
    )


async def _make_placement(rights: RightsWorld) -> None:
    """Let the student graduate first."""
    person = await rights.call(
        "GetPerson", REGISTRAR, example("GetPerson", name=rights.world.member.person)
    )
    await rights.call("RevealIdNumber", REGISTRAR, example("RevealIdNumber", name=person.name))
    await rights.step(
        "RecordStudentNumber", REGISTRAR, person, valid_from_date=Date(year=2020, month=9, day=1)
    )
    record = await rights.call(
        "GetStatusRecord", REGISTRAR, example("GetStatusRecord", name=rights.world.record.name)
    )
    await rights.step(
        "GraduateStatusRecord", APPROVER, record, graduate_date=Date(year=2023, month=2, day=20)
    )
    await rights.make(
        "placements",
        "RecordPlacement",
        REGISTRAR,
        status_record=rights.world.record.name,
        survey_date=Date(year=2023, month=2, day=28),
        destination=Placement.DESTINATION_UNEMPLOYED,
    )


async def _make_lists(rights: RightsWorld) -> None:
    bureau = (BUREAU, "bureau_officer")
    found = await rights.make("provincialLists", "PublishProvincialList", bureau, **list_fields())
    await rights.make(
        "provincialListImports",
        "ImportProvincialListRows",
        bureau,
        provincial_list=found.name,
        rows=[list_row("490102", project_number="JS2021-33-002")],
    )


async def _make_imports(rights: RightsWorld) -> None:
    call = caller_of(rights.service, "ImportRoster")(metadata=rights.service.token(*REGISTRAR))
    opening = import_service_pb2.ImportOpening(request_id=str(uuid4()), source="名册.xlsx")
    await call.write(import_service_pb2.ImportRosterRequest(opening=opening))
    rights.objects["imports"] = (await call.read()).job.name
    await call.done_writing()
