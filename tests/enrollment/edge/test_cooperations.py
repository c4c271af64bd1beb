"""The calls of cooperations: answered, repeated, denied, foreign, malformed."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import grpc.aio
import pytest
from google.api import field_behavior_pb2
from google.type.date_pb2 import Date
from guantong.enrollment.v1 import cooperation_service_pb2 as pb
from guantong.enrollment.v1.changes_service_pb2 import ListChangesRequest
from guantong.enrollment.v1.changes_service_pb2_grpc import ChangesServiceStub
from guantong.enrollment.v1.cooperation_pb2 import Cooperation, CooperationPupil
from guantong.enrollment.v1.cooperation_service_pb2_grpc import CooperationServiceStub
from guantong.enrollment.v1.organisation_pb2 import Organisation

from chassis.sequencer import Sequencer
from tests.enrollment import made
from tests.enrollment.cooperations import OTHER_SHA, PAPER, SHA, uscc
from tests.enrollment.edge.world import World, do, make_world, organisation_fields
from tests.served import Served, details_of

Code = grpc.StatusCode
REGISTRAR, APPROVER = "registrar", "approver"
ALL = {
    "administrator",
    "registrar",
    "approver",
    "bureau_officer",
    "assistance_officer",
    "fund_approver",
    "auditor",
    "agent",
}
READERS = ALL - {"assistance_officer", "fund_approver"}
FIRM, RIVAL = "tongcheng", "bazhuayu"
# Who may call each RPC: the party of the requests below, and the roles.
RPCS: dict[str, tuple[str, set[str]]] = {
    "DraftCooperation": (made.FRONT, {REGISTRAR}),
    "AttachCooperationAgreement": (made.FRONT, {REGISTRAR}),
    "SignCooperation": (made.FRONT, {APPROVER}),
    "StartCooperation": (made.FRONT, {APPROVER}),
    "SuspendCooperation": (made.FRONT, {APPROVER}),
    "ResumeCooperation": (made.FRONT, {APPROVER}),
    "EndCooperation": (made.FRONT, {APPROVER}),
    "ChangeCooperationGrade": (made.FRONT, {APPROVER}),
    "FormCooperationBody": (made.FRONT, {APPROVER}),
    "AddCooperationMember": (made.FRONT, {APPROVER}),
    "RemoveCooperationMember": (made.FRONT, {APPROVER}),
    "CountLibraryItems": (made.FRONT, {REGISTRAR}),
    "NameCooperationHead": (made.FRONT, {REGISTRAR}),
    "AddCooperationPupil": (made.FRONT, {REGISTRAR}),
    "RemoveCooperationPupil": (made.FRONT, {REGISTRAR}),
    "GetCooperation": (made.FRONT, READERS),
    "ListCooperations": (made.FRONT, READERS),
    "CountCooperations": (made.FRONT, READERS),
    "GetCooperationHead": (made.FRONT, READERS),
    "ListCooperationHeads": (made.FRONT, READERS),
    "GetCooperationPupil": (made.FRONT, READERS),
    "ListCooperationPupils": (made.FRONT, READERS),
}
READS = {rpc for rpc in RPCS if rpc.startswith(("Get", "List", "Count")) and "Items" not in rpc}
MUTATIONS = [rpc for rpc in RPCS if rpc not in READS]
LISTS = [rpc for rpc in READS if rpc.startswith("List")]
NAME, PHONE = "测试负责人甲", "0512-12345678"
SCHOOL, COLLEGE = f"organisations/{made.FRONT}", f"organisations/{made.BACK}"
ENTERPRISE = f"organisations/{FIRM}"
REQUIRED = field_behavior_pb2.FieldBehavior.Value("REQUIRED")
_Request = pb.DraftCooperationRequest


def party(organisation: str, role: Any, **changes: Any) -> _Request.Party:
    return _Request.Party(organisation=organisation, role=role, **changes)


AGREEMENT = Cooperation.Agreement(
    number="旅财合〔2020〕1号",
    sha256=SHA,
    valid_from_date=Date(year=2020, month=9, day=1),
    valid_to_date=Date(year=2029, month=8, day=31),
)
OTHER_AGREEMENT = Cooperation.Agreement(
    number="旅财合〔2023〕2号",
    sha256=OTHER_SHA,
    valid_from_date=Date(year=2020, month=9, day=1),
    valid_to_date=Date(year=2029, month=8, day=31),
)
CASES: dict[int, dict[str, Any]] = {
    Cooperation.KIND_APPRENTICESHIP: {"agreement": AGREEMENT},
    Cooperation.KIND_ORDER_CLASS: {"class_name": "联想班", "student_count": 2},
    Cooperation.KIND_NAMED_CLASS: {"class_name": "地铁班", "student_count": 2},
    Cooperation.KIND_ENTERPRISE_COLLEGE: {"grade": Cooperation.GRADE_MAJOR},
    Cooperation.KIND_ARTICULATION: {
        "parties": [
            party(SCHOOL, Cooperation.ROLE_SCHOOL),
            party(COLLEGE, Cooperation.ROLE_COLLEGE),
        ]
    },
    Cooperation.KIND_RESOURCE_LIBRARY: {},
    Cooperation.KIND_COMMUNITY: {
        "parties": [
            party(SCHOOL, Cooperation.ROLE_SCHOOL, is_lead=True),
            party(ENTERPRISE, Cooperation.ROLE_ENTERPRISE, is_lead=True),
            party(COLLEGE, Cooperation.ROLE_COLLEGE),
        ]
    },
}


def draft_fields(kind: int, **changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "kind": kind,
        "display_name": "校企合作",
        "parties": [
            party(SCHOOL, Cooperation.ROLE_SCHOOL),
            party(ENTERPRISE, Cooperation.ROLE_ENTERPRISE),
        ],
        "documents": [Cooperation.Document(title="合作方案", sha256=PAPER)],
    }
    return {**fields, **CASES[kind], **changes}


def message(rpc: str, **fields: Any) -> Any:
    kind = getattr(pb, f"{rpc}Request")
    if "request_id" in kind.DESCRIPTOR.fields_by_name:
        fields.setdefault("request_id", str(uuid4()))
    return kind(**fields)


def target(record: Any) -> dict[str, Any]:
    return {"name": record.name, "etag": record.etag}


async def call(service: Served, rpc: str, request: Any, *, party: str = "", role: str = "") -> Any:
    usual_party, roles = RPCS[rpc]
    token = service.token(party or usual_party, role or min(roles, key=lambda r: r != "agent"))
    return await getattr(CooperationServiceStub(service.channel), rpc)(request, metadata=token)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Calls the service; knows cooperations in each state that a call asks for."""

    world: World
    drafted: Cooperation
    signed: Cooperation
    suspended: Cooperation
    # In force, by kind.
    running: dict[int, Cooperation]
    pupil: CooperationPupil
    head: str

    async def call(self, rpc: str, request: Any, *, party: str = "", role: str = "") -> Any:
        return await call(self.world.service, rpc, request, party=party, role=role)

    def request(self, rpc: str, **changes: Any) -> Any:
        return message(rpc, **{**self._fields().get(rpc, {}), **changes})

    def _fields(self) -> dict[str, dict[str, Any]]:
        college = self.running[Cooperation.KIND_ENTERPRISE_COLLEGE]
        community = self.running[Cooperation.KIND_COMMUNITY]
        named = self.running[Cooperation.KIND_NAMED_CLASS]
        return {
            "DraftCooperation": draft_fields(Cooperation.KIND_APPRENTICESHIP),
            "AttachCooperationAgreement": {**target(self.drafted), "agreement": OTHER_AGREEMENT},
            "SignCooperation": {**target(self.drafted), "agreement_sha256": SHA},
            "StartCooperation": target(self.signed),
            "SuspendCooperation": {**target(named), "reason": "经营调整"},
            "ResumeCooperation": target(self.suspended),
            "EndCooperation": {**target(named), "reason": "合作期满"},
            "ChangeCooperationGrade": {
                **target(college),
                "grade": Cooperation.GRADE_DEPARTMENT,
            },
            "FormCooperationBody": {
                **target(community),
                "kind": Cooperation.Body.KIND_COUNCIL,
                "head_organisation": SCHOOL,
                "members": [SCHOOL, ENTERPRISE],
            },
            "AddCooperationMember": {
                **target(community),
                "organisation": f"organisations/{RIVAL}",
                "role": Cooperation.ROLE_ENTERPRISE,
            },
            "RemoveCooperationMember": {**target(community), "organisation": COLLEGE},
            "CountLibraryItems": {
                **target(self.running[Cooperation.KIND_RESOURCE_LIBRARY]),
                "item_count": 80,
                "use_count": 1_000,
            },
            "NameCooperationHead": head_fields(community),
            "AddCooperationPupil": {
                "cooperation": self.running[Cooperation.KIND_ORDER_CLASS].name,
                "status_record": self.world.record.name,
                "join_date": today(self.world.service),
            },
            "RemoveCooperationPupil": {
                **target(self.pupil),
                "leave_date": today(self.world.service),
                "leave_reason": "转岗",
            },
            "GetCooperation": {"name": named.name},
            "CountCooperations": {"date": today(self.world.service)},
            "GetCooperationHead": {"name": self.head},
            "GetCooperationPupil": {"name": self.pupil.name},
        }


def head_fields(found: Cooperation) -> dict[str, Any]:
    return {"cooperation": found.name, "display_name": NAME, "phone": PHONE, "post": "理事长"}


def today(service: Served) -> Date:
    now = service.clock.now()
    return Date(year=now.year, month=now.month, day=now.day)


async def draft(service: Served, kind: int) -> Cooperation:
    request = message("DraftCooperation", **draft_fields(kind))
    found: Cooperation = await call(service, "DraftCooperation", request)
    return found


async def sign(service: Served, found: Cooperation) -> Cooperation:
    """Let each sign whose turn it is."""
    while found.state == Cooperation.STATE_DRAFTED:
        request = message(
            "SignCooperation", **target(found), agreement_sha256=found.agreement.sha256
        )
        holder = found.holder.removeprefix("organisations/")
        found = await call(service, "SignCooperation", request, party=holder)
    return found


async def start(service: Served, found: Cooperation) -> Cooperation:
    signed = await sign(service, found)
    started: Cooperation = await call(
        service, "StartCooperation", message("StartCooperation", **target(signed))
    )
    return started


async def make_desk(service: Served) -> Desk:
    world = await make_world(service)
    for serial, slug in enumerate((FIRM, RIVAL), start=1):
        fields = organisation_fields(slug, Organisation.KIND_ENTERPRISE)
        await do(service, "CreateOrganisation", **fields, uscc=uscc(serial))
    running = {kind: await start(service, await draft(service, kind)) for kind in CASES}
    named = running[Cooperation.KIND_NAMED_CLASS]
    adding = message(
        "AddCooperationPupil",
        cooperation=named.name,
        status_record=world.record.name,
        join_date=today(service),
    )
    suspended = await start(service, await draft(service, Cooperation.KIND_ORDER_CLASS))
    suspending = message("SuspendCooperation", **target(suspended), reason="经营调整")
    naming = message("NameCooperationHead", **head_fields(running[Cooperation.KIND_COMMUNITY]))
    return Desk(
        world=world,
        drafted=await draft(service, Cooperation.KIND_APPRENTICESHIP),
        signed=await sign(service, await draft(service, Cooperation.KIND_ORDER_CLASS)),
        suspended=await call(service, "SuspendCooperation", suspending),
        running=running,
        pupil=await call(service, "AddCooperationPupil", adding),
        head=(await call(service, "NameCooperationHead", naming)).name,
    )


@pytest.fixture
async def desk(fresh_enrollment: Served) -> Desk:
    return await make_desk(fresh_enrollment)


@pytest.fixture(scope="module")
async def lasting(enrollment: Served) -> Desk:
    return await make_desk(enrollment)


async def refused(desk: Desk, rpc: str, request: Any, **by: str) -> tuple[Any, dict[str, Any]]:
    before = await desk.world.snapshot()
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await desk.call(rpc, request, **by)
    assert await desk.world.snapshot() == before
    return raised.value.code(), details_of(raised.value)


@pytest.mark.parametrize("rpc", MUTATIONS)
async def test_a_repeated_request_repeats_the_answer_and_never_the_effect(
    desk: Desk, rpc: str
) -> None:
    request = desk.request(rpc)
    answer = await desk.call(rpc, request)
    after = await desk.world.snapshot()
    assert await desk.call(rpc, request) == answer
    assert await desk.world.snapshot() == after


async def test_a_cooperation_is_what_was_drafted_signed_and_started(lasting: Desk) -> None:
    found = lasting.running[Cooperation.KIND_APPRENTICESHIP]
    assert (found.state, found.version) == (Cooperation.STATE_IN_FORCE, 4)
    assert found.agreement == AGREEMENT
    assert [each.organisation for each in found.parties] == [SCHOOL, ENTERPRISE]
    assert all(each.signature_recorder == each.organisation for each in found.parties)
    assert found.in_force_periods[0].valid_from_date == today(lasting.world.service)
    assert found.drafting_organisation == SCHOOL
    for reader in (made.FRONT, FIRM):
        request = lasting.request("GetCooperation", name=found.name)
        assert await lasting.call("GetCooperation", request, party=reader) == found


async def test_a_school_records_what_an_enterprise_signed_on_paper(desk: Desk) -> None:
    request = desk.request("SignCooperation", enterprise=ENTERPRISE, paper_sha256=PAPER)
    signed = await desk.call("SignCooperation", request)
    (signature,) = [each for each in signed.parties if each.organisation == ENTERPRISE]
    assert (signature.signature_recorder, signature.signature_sha256) == (SCHOOL, PAPER)


async def test_a_grade_rises_and_its_history_is_kept(desk: Desk) -> None:
    request = desk.request("ChangeCooperationGrade")
    found = await desk.call("ChangeCooperationGrade", request)
    assert found.grade == Cooperation.GRADE_DEPARTMENT
    assert [each.grade for each in found.grades] == [Cooperation.GRADE_DEPARTMENT]
    enterprise = desk.request("ChangeCooperationGrade", **target(found), grade=1)
    code, details = await refused(desk, "ChangeCooperationGrade", enterprise, party=FIRM)
    assert (code, details["reason"]) == (Code.PERMISSION_DENIED, "PARTY_NOT_ENTITLED")


async def test_a_consortium_has_bodies_and_members_that_come_and_go(desk: Desk) -> None:
    formed = await desk.call("FormCooperationBody", desk.request("FormCooperationBody"))
    assert [each.kind for each in formed.bodies] == [Cooperation.Body.KIND_COUNCIL]
    assert list(formed.bodies[0].members) == [SCHOOL, ENTERPRISE]
    request = desk.request("AddCooperationMember", **target(formed))
    grown = await desk.call("AddCooperationMember", request)
    assert (grown.holder, len(grown.parties)) == (f"organisations/{RIVAL}", 4)
    request = desk.request("RemoveCooperationMember", **target(grown))
    left = await desk.call("RemoveCooperationMember", request)
    (gone,) = [each for each in left.parties if each.organisation == COLLEGE]
    assert gone.leave_date == today(desk.world.service)


async def test_a_library_sums_up_its_contributors(desk: Desk) -> None:
    found = await desk.call("CountLibraryItems", desk.request("CountLibraryItems"))
    assert (found.item_count, found.use_count) == (80, 1_000)
    request = desk.request("CountLibraryItems", **target(found), item_count=20, use_count=0)
    found = await desk.call("CountLibraryItems", request, party=FIRM)
    assert (found.item_count, found.use_count, len(found.contributions)) == (100, 1_000, 2)


async def test_a_pupil_is_off_the_roster_with_the_cooperation(desk: Desk) -> None:
    await desk.call("EndCooperation", desk.request("EndCooperation"))
    found = await desk.call("GetCooperationPupil", desk.request("GetCooperationPupil"))
    assert (found.state, found.leave_reason) == (CooperationPupil.STATE_LEFT, "")


async def test_why_a_pupil_left_is_opened_for_the_own_school_alone(desk: Desk) -> None:
    left = await desk.call("RemoveCooperationPupil", desk.request("RemoveCooperationPupil"))
    assert left.leave_reason == "转岗"
    request = desk.request("GetCooperationPupil")
    for reader, role, reason in (
        (made.FRONT, "agent", "转岗"),
        ("szedu", "bureau_officer", ""),
    ):
        found = await desk.call("GetCooperationPupil", request, party=reader, role=role)
        assert found.leave_reason == reason
        assert not found.HasField("sealed")
    assert "转岗" not in str(await desk.world.snapshot())


async def test_an_enterprise_reads_no_pupil_without_consent(lasting: Desk) -> None:
    request = lasting.request("GetCooperationPupil")
    code, details = await refused(lasting, "GetCooperationPupil", request, party=FIRM)
    assert (code, details["reason"]) == (Code.NOT_FOUND, "RESOURCE_NOT_FOUND")
    listed = await lasting.call(
        "ListCooperationPupils", message("ListCooperationPupils"), party=FIRM
    )
    assert not listed.ListFields()


async def test_the_feed_tells_an_enterprise_of_cooperations_and_of_no_pupil(lasting: Desk) -> None:
    service = lasting.world.service
    await Sequencer(service.base.database).number()
    found = {}
    for reader in (made.FRONT, FIRM):
        answer = await ChangesServiceStub(service.channel).ListChanges(
            ListChangesRequest(
                resource_types=["cooperations", "cooperationPupils"], page_size=1000
            ),
            metadata=service.token(reader, "agent"),
        )
        found[reader] = {each.event_type for each in answer.changes}
    assert "CooperationPupilJoined" in found[made.FRONT]
    assert "CooperationPupilJoined" not in found[FIRM]
    assert "CooperationStarted" in found[FIRM]


@pytest.mark.parametrize(
    ("reader", "role", "name"),
    [
        (made.FRONT, "agent", NAME),
        (FIRM, "agent", NAME),
        ("szedu", "bureau_officer", ""),
        ("suite", "system", ""),
    ],
)
async def test_a_head_is_opened_for_the_parties_only(
    lasting: Desk, reader: str, role: str, name: str
) -> None:
    request = lasting.request("GetCooperationHead")
    head = await lasting.call("GetCooperationHead", request, party=reader, role=role)
    assert (head.display_name, head.phone) == (name, PHONE if name else "")
    assert head.HasField("sealed") is (role == "system")


async def test_nobody_who_heads_is_stored_in_clear(lasting: Desk) -> None:
    stored = str(await lasting.world.snapshot())
    assert NAME not in stored
    assert PHONE not in stored


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"kind": Cooperation.KIND_NAMED_CLASS}, 1),
        ({"kind": Cooperation.KIND_ORDER_CLASS}, 3),
        ({"state": Cooperation.STATE_DRAFTED}, 1),
        ({"state": Cooperation.STATE_SUSPENDED}, 1),
        ({"party": ENTERPRISE}, 9),
        ({"party": COLLEGE}, 2),
        ({"region_code": "320000"}, 10),
        ({"region_code": "110000"}, 0),
        ({"in_force_date": Date(year=2023, month=1, day=1)}, 0),
        ({"holder": SCHOOL}, 2),
        ({"holder": ENTERPRISE}, 0),
    ],
)
async def test_cooperations_are_filtered(
    lasting: Desk, filters: dict[str, Any], count: int
) -> None:
    answer = await lasting.call("ListCooperations", message("ListCooperations", **filters))
    assert len(answer.cooperations) == count


async def test_those_in_force_today_are_listed_page_by_page(lasting: Desk) -> None:
    names: list[str] = []
    token, pages = "", 0
    while pages == 0 or token:
        request = message(
            "ListCooperations",
            in_force_date=today(lasting.world.service),
            page_size=3,
            page_token=token,
        )
        answer = await lasting.call("ListCooperations", request)
        names += [each.name for each in answer.cooperations]
        token, pages = answer.next_page_token, pages + 1
    # Suspended on the day on which it began: in force on no day.
    assert names == [each.name for each in lasting.running.values()]
    assert pages == 3


async def test_what_is_in_force_is_counted_by_kind(lasting: Desk) -> None:
    answer = await lasting.call("CountCooperations", lasting.request("CountCooperations"))
    lines = {each.kind: each for each in answer.lines}
    assert lines.keys() == CASES.keys()
    named = lines[Cooperation.KIND_NAMED_CLASS]
    counts = (named.cooperations_count, named.schools_count, named.enterprises_count)
    assert (*counts, named.agreed_students_count, named.pupils_count) == (1, 1, 1, 2, 1)
    assert lines[Cooperation.KIND_ENTERPRISE_COLLEGE].grade == Cooperation.GRADE_MAJOR
    request = lasting.request("CountCooperations", kind=Cooperation.KIND_COMMUNITY)
    for reader in (FIRM, made.BACK):
        (line,) = (await lasting.call("CountCooperations", request, party=reader)).lines
        assert (line.schools_count, line.enterprises_count) == (2, 1)


@pytest.mark.parametrize(
    ("rpc", "changes", "code", "reason"),
    [
        (
            "DraftCooperation",
            {"class_name": "地铁班"},
            Code.INVALID_ARGUMENT,
            "COOPERATION_FACTS_WRONG",
        ),
        (
            "DraftCooperation",
            {"parties": [party(SCHOOL, 1), party("organisations/unknown", 3)]},
            Code.INVALID_ARGUMENT,
            "COOPERATION_PARTIES_WRONG",
        ),
        (
            "SignCooperation",
            {"agreement_sha256": PAPER},
            Code.ABORTED,
            "SIGNED_DOCUMENT_MISMATCH",
        ),
        (
            "SignCooperation",
            {"enterprise": ENTERPRISE},
            Code.INVALID_ARGUMENT,
            "SIGNATURE_PAPER_MISSING",
        ),
        ("StartCooperation", {"etag": '"9"'}, Code.ABORTED, "ETAG_MISMATCH"),
        (
            "ChangeCooperationGrade",
            {"grade": Cooperation.GRADE_SCHOOL},
            Code.FAILED_PRECONDITION,
            "GRADE_STEP_WRONG",
        ),
        (
            "FormCooperationBody",
            {"head_organisation": COLLEGE},
            Code.INVALID_ARGUMENT,
            "COOPERATION_BODY_WRONG",
        ),
        (
            "RemoveCooperationMember",
            {"organisation": ENTERPRISE},
            Code.FAILED_PRECONDITION,
            "COOPERATION_MEMBER_WRONG",
        ),
        (
            "AddCooperationMember",
            {"organisation": ENTERPRISE},
            Code.FAILED_PRECONDITION,
            "COOPERATION_MEMBER_WRONG",
        ),
        (
            "AddCooperationPupil",
            {"join_date": Date(year=2020, month=1, day=1)},
            Code.INVALID_ARGUMENT,
            "PUPIL_DATES_WRONG",
        ),
        (
            "AddCooperationPupil",
            {"status_record": f"statusRecords/{uuid4()}"},
            Code.NOT_FOUND,
            "RESOURCE_NOT_FOUND",
        ),
        (
            "RemoveCooperationPupil",
            {"leave_date": Date(year=2020, month=1, day=1)},
            Code.INVALID_ARGUMENT,
            "PUPIL_DATES_WRONG",
        ),
        (
            "NameCooperationHead",
            {"body": Cooperation.Body.KIND_COUNCIL},
            Code.PERMISSION_DENIED,
            "PARTY_NOT_ENTITLED",
        ),
    ],
)
async def test_a_broken_rule_is_said(
    lasting: Desk, rpc: str, changes: dict[str, Any], code: grpc.StatusCode, reason: str
) -> None:
    found, details = await refused(lasting, rpc, lasting.request(rpc, **changes))
    assert (found, details["reason"]) == (code, reason)


async def test_an_articulation_has_no_roster(lasting: Desk) -> None:
    """衔接 carries no quota and makes no place: nobody is put on a roster of it (S0)."""
    name = lasting.running[Cooperation.KIND_ARTICULATION].name
    request = lasting.request("AddCooperationPupil", cooperation=name)
    code, details = await refused(lasting, "AddCooperationPupil", request)
    assert (code, details["reason"]) == (Code.FAILED_PRECONDITION, "COOPERATION_HAS_NO_ROSTER")


@pytest.mark.parametrize(
    ("rpc", "changes", "fields"),
    [
        ("DraftCooperation", {"kind": 99}, {"kind": "ENUM_DEFINED_ONLY"}),
        ("DraftCooperation", {"student_count": -1}, {"student_count": "INT32_GTE_LTE"}),
        ("DraftCooperation", {"class_name": "一" * 61}, {"class_name": "STRING_MAX_LEN"}),
        ("DraftCooperation", {"display_name": " "}, {"display_name": "TEXT_BLANK"}),
        (
            "DraftCooperation",
            {"parties": [party(SCHOOL, 1)]},
            {"parties": "REPEATED_MIN_ITEMS"},
        ),
        (
            "DraftCooperation",
            {"parties": [party(SCHOOL, 1), party("x", 3)]},
            {"parties[1].organisation": "STRING_PATTERN"},
        ),
        (
            "DraftCooperation",
            {"parties": [party(SCHOOL, 1), party(ENTERPRISE, 0)]},
            {"parties[1].role": "ENUM_NOT_IN"},
        ),
        (
            "AttachCooperationAgreement",
            {"agreement": Cooperation.Agreement(number="一", sha256="x")},
            {
                "agreement.sha256": "STRING_PATTERN",
                "agreement.valid_from_date": "REQUIRED",
                "agreement.valid_to_date": "REQUIRED",
            },
        ),
        ("SignCooperation", {"agreement_sha256": "F"}, {"agreement_sha256": "STRING_PATTERN"}),
        ("SignCooperation", {"enterprise": "x"}, {"enterprise": "STRING_PATTERN"}),
        ("SuspendCooperation", {"reason": " "}, {"reason": "TEXT_BLANK"}),
        ("EndCooperation", {"reason": "一" * 201}, {"reason": "STRING_MAX_LEN"}),
        ("ChangeCooperationGrade", {"grade": 9}, {"grade": "ENUM_DEFINED_ONLY"}),
        ("FormCooperationBody", {"members": ["x"]}, {"members[0]": "STRING_PATTERN"}),
        ("AddCooperationMember", {"role": 9}, {"role": "ENUM_DEFINED_ONLY"}),
        ("CountLibraryItems", {"item_count": -1}, {"item_count": "INT32_GTE_LTE"}),
        ("CountLibraryItems", {"use_count": -1}, {"use_count": "INT64_GTE_LTE"}),
        ("NameCooperationHead", {"phone": "x"}, {"phone": "STRING_PATTERN"}),
        (
            "AddCooperationPupil",
            {"join_date": Date(year=2023, month=2, day=30)},
            {"join_date": "DATE_INVALID"},
        ),
        ("CountCooperations", {"date": Date(year=2023)}, {"date": "DATE_INVALID"}),
        ("ListCooperations", {"region_code": "32"}, {"region_code": "STRING_PATTERN"}),
        ("ListCooperationPupils", {"person": "x"}, {"person": "STRING_PATTERN"}),
        *((rpc, {"page_size": -1}, {"page_size": "INT32_GTE"}) for rpc in LISTS),
        *((rpc, {"page_token": "x" * 513}, {"page_token": "STRING_MAX_LEN"}) for rpc in LISTS),
    ],
)
async def test_a_malformed_field_is_named(
    lasting: Desk, rpc: str, changes: dict[str, Any], fields: dict[str, str]
) -> None:
    code, details = await refused(lasting, rpc, lasting.request(rpc, **changes))
    assert (code, details["reason"]) == (Code.INVALID_ARGUMENT, "FIELDS_INVALID")
    assert details["fields"] == fields


@pytest.mark.parametrize(
    ("rpc", "field"),
    [
        (rpc, field.name)
        for rpc in RPCS
        for field in getattr(pb, f"{rpc}Request").DESCRIPTOR.fields
        if REQUIRED in field.GetOptions().Extensions[field_behavior_pb2.field_behavior]
    ],
)
async def test_a_missing_field_is_named(lasting: Desk, rpc: str, field: str) -> None:
    request = lasting.request(rpc)
    request.ClearField(field)
    code, details = await refused(lasting, rpc, request)
    assert (code, details["reason"]) == (Code.INVALID_ARGUMENT, "FIELDS_INVALID")
    assert list(details["fields"]) == [field]


@pytest.mark.parametrize("rpc", LISTS)
async def test_a_page_token_of_ones_own_making_is_refused(lasting: Desk, rpc: str) -> None:
    code, details = await refused(lasting, rpc, lasting.request(rpc, page_token="garbage"))
    assert (code, details["reason"]) == (Code.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID")


NAMED = [rpc for rpc in RPCS if not rpc.startswith(("Draft", "List", "CountCoop"))]


@pytest.mark.parametrize("rpc", NAMED)
async def test_a_stranger_is_answered_as_if_there_were_none(lasting: Desk, rpc: str) -> None:
    code, details = await refused(lasting, rpc, lasting.request(rpc), party=made.STRANGER)
    assert (code, details["reason"]) == (Code.NOT_FOUND, "RESOURCE_NOT_FOUND")


@pytest.mark.parametrize("rpc", [*LISTS, "CountCooperations"])
async def test_a_stranger_finds_nothing_in_a_list(lasting: Desk, rpc: str) -> None:
    assert (await lasting.call(rpc, lasting.request(rpc))).ListFields()
    answer = await lasting.call(rpc, lasting.request(rpc), party=made.STRANGER)
    assert not answer.ListFields()


@pytest.mark.parametrize(
    ("rpc", "role"), [(rpc, role) for rpc in RPCS for role in sorted(ALL - RPCS[rpc][1])]
)
async def test_a_role_without_the_permission_is_denied(lasting: Desk, rpc: str, role: str) -> None:
    code, details = await refused(lasting, rpc, lasting.request(rpc), role=role)
    assert (code, details["reason"]) == (Code.PERMISSION_DENIED, "PERMISSION_DENIED")
