"""Each RPC on persons: as it is meant, repeated, foreign, denied, and with bad input."""

from typing import Any
from uuid import uuid4

import grpc.aio
import pytest
from google.type.date_pb2 import Date
from guantong.enrollment.v1.consent_pb2 import Consent
from guantong.enrollment.v1.guardian_pb2 import Guardian
from guantong.enrollment.v1.person_correction_pb2 import PersonCorrection
from guantong.enrollment.v1.person_pb2 import Person
from guantong.enrollment.v1.student_number_pb2 import StudentNumber

from tests.enrollment import made
from tests.enrollment.edge.person_world import (
    APPROVERS,
    DECIDER,
    FORMAL,
    GUARDIAN_NAME,
    ID_NUMBER,
    LISTS,
    MADE_NUMBER,
    NAME,
    PHONE,
    RIGHT_NAME,
    RPCS,
    TEMPORARY,
    PersonWorld,
    fields_of,
    make_person_world,
    request_of,
)
from tests.served import Served, details_of

Code = grpc.StatusCode
ROLES = {
    "administrator": "suite",
    "registrar": made.FRONT,
    "approver": made.FRONT,
    "bureau_officer": "szedu",
    "assistance_officer": "szedu",
    "fund_approver": "szedu",
    "auditor": "audit",
    "agent": made.FRONT,
    "nobody": made.FRONT,
}
READERS = frozenset(
    {"administrator", "registrar", "approver", "bureau_officer", "auditor", "agent"}
)
ALLOWED = {
    **dict.fromkeys(RPCS, frozenset({"registrar", "approver"})),
    **dict.fromkeys([*APPROVERS, "MergePersons", "SplitPersons"], frozenset({"approver"})),
    "ListDuplicateCandidates": {"approver"},
    "ListPersonTimelineEntries": READERS,
    "ExportPerson": {"registrar", "approver", "auditor"},
    **dict.fromkeys(LISTS, READERS),
    "ListPersonAccesses": READERS - {"agent"},
}
# Mutations of one person: they answer with the resource and are repeated safely.
MUTATIONS = tuple(rpc for rpc in RPCS if not rpc.startswith(("List", "Reveal", "Export")))
OF_PERSON = ("RecordStudentNumber", "MergePersons", "RevealIdNumber", "RevealStudentNumber")


@pytest.fixture
async def world(fresh_enrollment: Served) -> PersonWorld:
    return await make_person_world(fresh_enrollment)


@pytest.fixture(scope="module")
async def still_world(enrollment: Served) -> PersonWorld:
    """Return a world that refused calls leave as it is."""
    return await make_person_world(enrollment)


async def refused(
    world: PersonWorld, rpc: str, **call: Any
) -> tuple[grpc.StatusCode, dict[str, Any]]:
    """Call an RPC that must be refused; nothing may change."""
    before = await world.world.snapshot()
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await world.call(rpc, **call)
    assert await world.world.snapshot() == before
    return raised.value.code(), details_of(raised.value)


def who(rpc: str) -> dict[str, str]:
    return {"subject": DECIDER} if rpc in APPROVERS else {}


@pytest.mark.parametrize("rpc", MUTATIONS)
async def test_a_repeated_request_repeats_the_answer_and_never_the_effect(
    world: PersonWorld, rpc: str
) -> None:
    if rpc == "SplitPersons":
        await world.call("MergePersons", **await world.valid("MergePersons"))
        world.person = world.duplicate
    request = request_of(rpc, await world.valid(rpc))
    subject = who(rpc).get("subject", "")
    answer = await world.send(rpc, request, made.FRONT, "approver", subject)
    after = await world.world.snapshot()
    assert await world.send(rpc, request, made.FRONT, "approver", subject) == answer
    assert await world.world.snapshot() == after


@pytest.mark.parametrize("rpc", RPCS)
async def test_a_stranger_is_answered_as_if_it_did_not_exist(
    still_world: PersonWorld, rpc: str
) -> None:
    role = "approver" if "approver" in ALLOWED[rpc] else "registrar"
    fields = await still_world.valid(rpc)
    if rpc in LISTS:
        answer = await still_world.call(rpc, party=made.STRANGER, role=role, **fields)
        (field,) = (each.name for each in answer.DESCRIPTOR.fields if each.name[-5:] != "token")
        assert not getattr(answer, field)
        return
    code, details = await refused(
        still_world, rpc, party=made.STRANGER, role=role, **who(rpc), **fields
    )
    assert (code, details["reason"]) == (Code.NOT_FOUND, "RESOURCE_NOT_FOUND")


@pytest.mark.parametrize(
    ("rpc", "role"), [(rpc, role) for rpc in RPCS for role in ROLES if role not in ALLOWED[rpc]]
)
async def test_a_role_without_the_permission_is_denied(
    still_world: PersonWorld, rpc: str, role: str
) -> None:
    fields = await still_world.valid(rpc)
    code, details = await refused(still_world, rpc, party=ROLES[role], role=role, **fields)
    assert (code, details["reason"]) == (Code.PERMISSION_DENIED, "PERMISSION_DENIED")


@pytest.mark.parametrize(("rpc", "field"), [(rpc, name) for rpc in RPCS for name in fields_of(rpc)])
async def test_a_missing_field_is_named(still_world: PersonWorld, rpc: str, field: str) -> None:
    fields = {**await still_world.valid(rpc), field: None}
    request = request_of(rpc, fields)
    request.ClearField(field)
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await still_world.send(rpc, request, made.FRONT, "approver")
    assert raised.value.code() is Code.INVALID_ARGUMENT
    assert list(details_of(raised.value)["fields"]) == [field]


@pytest.mark.parametrize(
    ("rpc", "changes", "code", "reason"),
    [
        ("RecordStudentNumber", {"etag": '"9"'}, Code.ABORTED, "ETAG_MISMATCH"),
        ("RecordStudentNumber", {"number": TEMPORARY[:-1]}, 3, "FIELDS_INVALID"),
        ("RecordStudentNumber", {"number": FORMAL[:-1] + "x"}, 3, "FIELDS_INVALID"),
        (
            "RecordStudentNumber",
            {"number": "G" + made.id_number(5)},
            3,
            "STUDENT_NUMBER_INVALID",
        ),
        (
            "RecordStudentNumber",
            {"number": "L320500200502301234"},
            3,
            "STUDENT_NUMBER_INVALID",
        ),
        ("ProposePersonCorrection", {"display_name": ""}, 3, "CORRECTION_EMPTY"),
        ("ProposePersonCorrection", {"sex_code": "3"}, 3, "FIELDS_INVALID"),
        ("ProposePersonCorrection", {"evidence_sha256": "ab"}, 3, "FIELDS_INVALID"),
        (
            "ProposePersonCorrection",
            {"birth_date": Date(year=2023, month=3, day=2)},
            3,
            "BIRTH_DATE_IN_FUTURE",
        ),
        ("ProposePersonCorrection", {"display_name": "王\u200b二"}, 3, "FIELDS_INVALID"),
        ("RecordGuardian", {"phone": "电话"}, 3, "FIELDS_INVALID"),
        (
            "GiveConsent",
            {"guardian": f"guardians/{uuid4()}"},
            3,
            "NOT_GUARDIAN",
        ),
        (
            "GiveConsent",
            {"give_date": Date(year=2023, month=3, day=2)},
            3,
            "CONSENT_DATE_IN_FUTURE",
        ),
        (
            "GiveConsent",
            {"purpose": Consent.PURPOSE_INTERNSHIP},
            Code.ALREADY_EXISTS,
            "CONSENT_ALREADY_GIVEN",
        ),
        (
            "GiveConsent",
            {"purpose": Consent.PURPOSE_PUBLICITY, "guardian": None},
            Code.FAILED_PRECONDITION,
            "GUARDIAN_NEEDED",
        ),
        ("MergePersons", {"survivor_etag": '"9"'}, Code.ABORTED, "ETAG_MISMATCH"),
        ("SplitPersons", {}, Code.FAILED_PRECONDITION, "PERSON_NOT_MERGED"),
        ("RevealIdNumber", {"reason": " "}, 3, "FIELDS_INVALID"),
    ],
)
async def test_what_a_rule_refuses_is_answered_with_its_reason(
    still_world: PersonWorld, rpc: str, changes: dict[str, Any], code: Any, reason: str
) -> None:
    fields = {**await still_world.valid(rpc), **changes}
    found, details = await refused(still_world, rpc, **fields)
    expected = Code.INVALID_ARGUMENT if code == Code.INVALID_ARGUMENT.value[0] else code
    assert (found, details["reason"]) == (expected, reason)
    assert set(details["texts"]) == {"zh-CN", "en"}
    assert ID_NUMBER not in repr(details)


@pytest.mark.parametrize("rpc", APPROVERS)
async def test_who_proposed_does_not_decide(still_world: PersonWorld, rpc: str) -> None:
    fields = await still_world.valid(rpc)
    code, details = await refused(still_world, rpc, **fields)
    assert (code, details["reason"]) == (Code.PERMISSION_DENIED, "SECOND_PERSON_NEEDED")


async def test_a_number_is_upgraded_from_temporary_to_formal_and_the_person_stays(
    world: PersonWorld,
) -> None:
    fields = await world.valid("RecordStudentNumber")
    first = await world.call("RecordStudentNumber", **fields)
    assert first.masked_student_number == "L320500***********4"
    fields |= {"etag": first.etag, "number": FORMAL}
    fields["valid_from_date"] = Date(year=2020, month=11, day=20)
    second = await world.call("RecordStudentNumber", **fields)
    assert second.name == first.name == world.person
    assert second.masked_student_number.startswith("G321323")
    history = (await world.call("ListStudentNumbers", person=world.person)).student_numbers
    assert [(each.kind, each.is_current) for each in history] == [
        (StudentNumber.KIND_TEMPORARY, False),
        (StudentNumber.KIND_FORMAL, True),
    ]
    assert history[0].valid_to_date == Date(year=2020, month=11, day=19)
    fields |= {"etag": second.etag, "number": MADE_NUMBER}
    code, details = await refused(world, "RecordStudentNumber", **fields)
    assert (code, details["reason"]) == (
        Code.FAILED_PRECONDITION,
        "STUDENT_NUMBER_NOT_REPLACEABLE",
    )
    answer = await world.call("RevealStudentNumber", name=world.person, reason="核对")
    assert answer.number == FORMAL


async def test_a_number_is_of_one_person(world: PersonWorld) -> None:
    fields = await world.valid("RecordStudentNumber")
    await world.call("RecordStudentNumber", **fields)
    fields |= {"name": world.duplicate, "etag": await world.etag(world.duplicate)}
    code, details = await refused(world, "RecordStudentNumber", **fields)
    assert (code, details["reason"]) == (Code.ALREADY_EXISTS, "STUDENT_NUMBER_TAKEN")


async def test_an_approved_correction_is_seen_wherever_the_person_is(world: PersonWorld) -> None:
    before = world.correction
    assert (before.display_name, before.sex_code) == (RIGHT_NAME, "2")
    assert before.birth_date == "2006-01-02"
    fields = await world.valid("ApprovePersonCorrection")
    approved = await world.call("ApprovePersonCorrection", subject=DECIDER, **fields)
    assert approved.state == PersonCorrection.STATE_APPROVED
    assert (approved.former_display_name, approved.former_sex_code) == (NAME, "1")
    assert approved.former_birth_date == "2005-03-14"
    assert (approved.proposer, approved.decider) == ("siyang-approver", DECIDER)
    person = await world.get(world.person)
    assert (person.display_name, person.sex_code, person.birth_year) == (RIGHT_NAME, "2", 2006)
    request = world.world.request("GetCohortMember")
    member = await world.world.call("GetCohortMember", request)
    assert (member.display_name, member.birth_year) == (RIGHT_NAME, 2006)
    _, details = await refused(
        world,
        "RejectPersonCorrection",
        subject=DECIDER,
        name=approved.name,
        etag=approved.etag,
        reason="晚了",
    )
    assert details["reason"] == "CORRECTION_NOT_PROPOSED"


async def test_a_rejected_correction_changes_nothing(world: PersonWorld) -> None:
    fields = await world.valid("RejectPersonCorrection")
    rejected = await world.call("RejectPersonCorrection", subject=DECIDER, **fields)
    assert rejected.state == PersonCorrection.STATE_REJECTED
    assert (await world.get(world.person)).display_name == NAME


async def test_guardians_and_consents_come_and_go(world: PersonWorld) -> None:
    assert world.guardian.display_name == GUARDIAN_NAME
    listed = (await world.call("ListGuardians", person=world.person)).guardians
    assert [(each.display_name, each.phone) for each in listed] == [(GUARDIAN_NAME, PHONE)]
    overseen = await world.call("ListGuardians", party="audit", role="auditor")
    assert [each.display_name for each in overseen.guardians] == [""]
    withdrawn = await world.call("WithdrawConsent", **await world.valid("WithdrawConsent"))
    assert withdrawn.state == Consent.STATE_WITHDRAWN
    assert withdrawn.withdraw_date == Date(year=2023, month=3, day=1)
    again = {**await world.valid("GiveConsent"), "purpose": Consent.PURPOSE_INTERNSHIP}
    assert (await world.call("GiveConsent", **again)).state == Consent.STATE_GIVEN
    ended = await world.call("EndGuardian", **await world.valid("EndGuardian"))
    assert ended.state == Guardian.STATE_ENDED
    fields = await world.valid("GiveConsent")
    code, details = await refused(world, "GiveConsent", **fields)
    assert (code, details["reason"]) == (Code.INVALID_ARGUMENT, "NOT_GUARDIAN")
    consents = (await world.call("ListConsents", person=world.person)).consents
    assert [each.state for each in consents] == [Consent.STATE_WITHDRAWN, Consent.STATE_GIVEN]


async def test_a_merged_name_answers_with_the_survivor_and_a_split_undoes_it(
    world: PersonWorld,
) -> None:
    merged = await world.call("MergePersons", **await world.valid("MergePersons"))
    assert (merged.name, merged.state) == (world.duplicate, Person.STATE_MERGED)
    assert merged.merged_into == world.person
    assert (await world.get(world.duplicate)).name == world.person
    fields = {"name": world.duplicate, "etag": merged.etag, "reason": "并非同一人"}
    split = await world.call("SplitPersons", **fields)
    assert (split.state, split.merged_into) == (Person.STATE_ACTIVE, "")
    assert (await world.get(world.duplicate)).name == world.duplicate
