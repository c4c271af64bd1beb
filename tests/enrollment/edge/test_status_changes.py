"""Electronic registrations, status changes and headcounts at the door: who may do and see what."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import grpc.aio
import pytest
from google.type.date_pb2 import Date
from guantong.enrollment.v1 import (
    electronic_registration_service_pb2,
    electronic_registration_service_pb2_grpc,
    status_change_service_pb2,
    status_change_service_pb2_grpc,
)
from guantong.enrollment.v1.electronic_registration_pb2 import ElectronicRegistration
from guantong.enrollment.v1.organisation_pb2 import Organisation
from guantong.enrollment.v1.status_change_pb2 import StatusChange
from guantong.enrollment.v1.status_record_pb2 import StatusRecord

from tests.enrollment import made
from tests.enrollment.edge.test_private_data import dump, forms_of
from tests.enrollment.edge.world import NAME, World, do, make_world, organisation_fields
from tests.served import Served, details_of

Code = grpc.StatusCode
BUREAU = "szedu"
REASON = "因病住院治疗"
NOWHERE = str(uuid4())
_SERVICES = (
    (
        electronic_registration_service_pb2,
        electronic_registration_service_pb2_grpc,
        "ElectronicRegistrationService",
    ),
    (status_change_service_pb2, status_change_service_pb2_grpc, "StatusChangeService"),
)
_METHODS = {
    method.name: (module, grpc_module, name)
    for module, grpc_module, name in _SERVICES
    for method in module.DESCRIPTOR.services_by_name[name].methods
}
REGISTRAR = (made.FRONT, "registrar")
CALLERS = {
    "FileElectronicRegistration": REGISTRAR,
    "ApproveElectronicRegistration": (BUREAU, "bureau_officer"),
    "ReturnElectronicRegistration": (BUREAU, "bureau_officer"),
    "ProposeStatusChange": REGISTRAR,
    "ApproveStatusChange": (made.FRONT, "approver"),
    "RejectStatusChange": (made.FRONT, "approver"),
    "WithdrawStatusChange": REGISTRAR,
    "NoticeStatusChange": REGISTRAR,
    "EffectStatusChange": REGISTRAR,
}
READS = tuple(rpc for rpc in _METHODS if rpc.startswith(("Get", "List")))
TRANSITIONS = tuple(rpc for rpc in CALLERS if not rpc.startswith(("File", "Propose")))
CHANGE_TRANSITIONS = tuple(rpc for rpc in TRANSITIONS if rpc.endswith("StatusChange"))


@dataclass(kw_only=True)
class Desk:
    """A world whose student's registration is filed, and after `registered` a change proposed."""

    world: World
    registration: ElectronicRegistration
    change: StatusChange | None = None

    async def call(self, rpc: str, party: str = "", role: str = "", **fields: Any) -> Any:
        module, grpc_module, name = _METHODS[rpc]
        usual = CALLERS.get(rpc, REGISTRAR)
        if rpc in CALLERS:
            fields.setdefault("request_id", str(uuid4()))
        request = getattr(module, f"{rpc}Request")(**fields)
        method = getattr(getattr(grpc_module, f"{name}Stub")(self.world.service.channel), rpc)
        token = self.world.service.token(party or usual[0], role or usual[1])
        return await method(request, metadata=token)

    async def refused(self, rpc: str, party: str = "", role: str = "", **fields: Any) -> Any:
        before = await self.world.snapshot()
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await self.call(rpc, party, role, **fields)
        assert await self.world.snapshot() == before
        return raised.value.code(), details_of(raised.value)

    def fields(self, rpc: str) -> dict[str, Any]:
        """Return what a request of a transition holds, that would be understood."""
        target = self.registration if "Electronic" in rpc else self.change
        assert target is not None
        more: dict[str, Any] = {}
        if rpc == "ReturnElectronicRegistration":
            more = {"return_reason": ElectronicRegistration.RETURN_REASON_IDENTITY_UNCLEAR}
        if rpc == "NoticeStatusChange":
            more = {"notice_from_date": day(2023, 3, 1), "notice_to_date": day(2023, 3, 30)}
        return {"name": target.name, "etag": target.etag, **more}

    async def transit(self, rpc: str, party: str = "", role: str = "") -> Any:
        answer = await self.call(rpc, party, role, **self.fields(rpc))
        if isinstance(answer, StatusChange):
            self.change = answer
        else:
            self.registration = answer
        return answer

    def proposal(self, **changes: Any) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "status_record": self.world.record.name,
            "kind": StatusChange.KIND_SUSPEND,
            "ground": StatusChange.GROUND_ILLNESS,
            "initiator": StatusChange.INITIATOR_STUDENT,
            "reason": REASON,
            "guardian_opinion": StatusChange.GUARDIAN_OPINION_AGREED,
            "apply_date": day(2023, 2, 24),
            "effective_date": day(2023, 3, 1),
            "until_date": day(2023, 8, 31),
            "attachments": [
                StatusChange.Attachment(
                    kind=StatusChange.ATTACHMENT_KIND_HOSPITAL_CERTIFICATE, sha256="ab" * 32
                )
            ],
        }
        return {**fields, **changes}


def day(year: int, month: int, of_month: int) -> Date:
    return Date(year=year, month=month, day=of_month)


@pytest.fixture
async def filed(fresh_enrollment: Served) -> Desk:
    world = await make_world(fresh_enrollment)
    known = await world.service.rows("organisation")
    if BUREAU not in {row["id"] for row in known}:
        fields = organisation_fields(BUREAU, Organisation.KIND_EDUCATION_BUREAU)
        await do(world.service, "CreateOrganisation", **fields)
    desk = Desk(world=world, registration=ElectronicRegistration())
    desk.registration = await desk.call(
        "FileElectronicRegistration", status_record=world.record.name
    )
    return desk


@pytest.fixture
async def registered(filed: Desk) -> Desk:
    await filed.transit("ApproveElectronicRegistration")
    record = await filed.world.call("GetStatusRecord", filed.world.request("GetStatusRecord"))
    assert record.register_date == day(2023, 3, 1)
    filed.change = await filed.call("ProposeStatusChange", **filed.proposal())
    return filed


async def test_a_registration_is_filed_in_the_window_of_its_term(filed: Desk) -> None:
    registration = filed.registration
    assert registration.state == ElectronicRegistration.STATE_FILED
    assert (registration.season, registration.year) == (ElectronicRegistration.SEASON_SPRING, 2023)
    assert registration.approver_organisation == f"organisations/{BUREAU}"
    code, details = await filed.refused(
        "FileElectronicRegistration", status_record=filed.world.record.name
    )
    assert (code, details["reason"]) == (
        Code.ALREADY_EXISTS,
        "ELECTRONIC_REGISTRATION_ALREADY_FILED",
    )
    code, details = await filed.refused(
        "ApproveElectronicRegistration",
        made.FRONT,
        "bureau_officer",
        **filed.fields("ApproveElectronicRegistration"),
    )
    assert (code, details["reason"]) == (Code.PERMISSION_DENIED, "NOT_REGISTRATION_APPROVER")


async def test_what_was_returned_is_filed_again(filed: Desk) -> None:
    answer = await filed.transit("ReturnElectronicRegistration")
    assert answer.state == ElectronicRegistration.STATE_RETURNED
    code, details = await filed.refused(
        "ApproveElectronicRegistration", **filed.fields("ApproveElectronicRegistration")
    )
    assert (code, details["reason"]) == (
        Code.FAILED_PRECONDITION,
        "ELECTRONIC_REGISTRATION_NOT_FILED",
    )
    again = await filed.call("FileElectronicRegistration", status_record=filed.world.record.name)
    assert again.name != answer.name
    listed = await filed.call("ListElectronicRegistrations")
    assert len(listed.electronic_registrations) == 2


async def test_a_change_goes_from_hand_to_hand_into_effect(registered: Desk) -> None:
    assert registered.change is not None
    assert registered.change.holder_organisation == f"organisations/{made.FRONT}"
    assert (registered.change.kind_code, registered.change.reason) == ("11", REASON)
    answer = await registered.transit("ApproveStatusChange")
    assert answer.state == StatusChange.STATE_IN_CHAIN
    assert answer.holder_organisation == f"organisations/{BUREAU}"
    answer = await registered.transit("ApproveStatusChange", BUREAU, "bureau_officer")
    assert answer.state == StatusChange.STATE_APPROVED
    answer = await registered.transit("EffectStatusChange")
    assert answer.state == StatusChange.STATE_EFFECTIVE
    assert answer.holder_organisation == ""
    world = registered.world
    record = await world.call("GetStatusRecord", world.request("GetStatusRecord"))
    assert (record.state, record.status) == (StatusRecord.STATE_AWAY, StatusRecord.STATUS_SUSPENDED)
    assert (record.status_code, record.status_change) == ("02", answer.name)
    (past,) = record.past_periods
    assert (past.status_code, past.valid_to_date) == ("01", day(2023, 2, 28))
    for date, in_school in ((day(2023, 2, 28), 1), (day(2023, 3, 1), 0)):
        counts = await world.call(
            "ComputeHeadcount", world.request("ComputeHeadcount", date=date), made.FRONT
        )
        assert (counts.in_school_count, counts.on_books_count) == (in_school, 1)


@pytest.mark.parametrize(
    ("rpc", "state"),
    [
        ("RejectStatusChange", StatusChange.STATE_REJECTED),
        ("WithdrawStatusChange", StatusChange.STATE_WITHDRAWN),
    ],
)
async def test_a_change_that_ends_makes_room_for_another(
    registered: Desk, rpc: str, state: int
) -> None:
    code, details = await registered.refused("ProposeStatusChange", **registered.proposal())
    assert (code, details["reason"]) == (Code.ALREADY_EXISTS, "STATUS_CHANGE_PENDING")
    assert (await registered.transit(rpc)).state == state
    await registered.call("ProposeStatusChange", **registered.proposal())


async def test_who_cannot_be_reached_is_given_notice_first(registered: Desk) -> None:
    too_short = {
        **registered.fields("NoticeStatusChange"),
        "notice_to_date": day(2023, 3, 29),
    }
    code, details = await registered.refused("NoticeStatusChange", **too_short)
    assert (code, details["reason"]) == (Code.INVALID_ARGUMENT, "NOTICE_TOO_SHORT")
    await registered.transit("NoticeStatusChange")
    code, details = await registered.refused(
        "ApproveStatusChange", **registered.fields("ApproveStatusChange")
    )
    assert (code, details["reason"]) == (Code.FAILED_PRECONDITION, "NOTICE_NEEDED")


@pytest.mark.parametrize(
    ("party", "role", "sees"),
    [
        (made.FRONT, "registrar", True),
        (made.BACK, "registrar", False),
        (BUREAU, "bureau_officer", False),
        ("audit", "auditor", False),
    ],
)
async def test_why_is_read_by_the_school_and_by_whose_turn_it_is(
    registered: Desk, party: str, role: str, *, sees: bool
) -> None:
    assert registered.change is not None
    name = registered.change.name
    change = await registered.call("GetStatusChange", party, role, name=name)
    form = await registered.call("GetStatusChangeForm", party, role, name=name)
    seen = (change.ground, change.reason, form.reason, form.display_name)
    assert seen == (("ILLNESS", REASON, REASON, NAME) if sees else ("", "", "", ""))
    assert not change.HasField("sealed")
    assert not form.HasField("sealed")
    assert (form.kind_display_name, form.class_name, form.grade_year) == (
        "休学",
        made.CLASSES[0],
        2020,
    )
    assert [len(form.school_steps), len(form.authority_steps)] == [1, 1]


async def test_the_form_of_a_change_in_effect_shows_the_class_of_the_day_before(
    registered: Desk,
) -> None:
    await registered.transit("WithdrawStatusChange")
    fields = registered.proposal(
        kind=StatusChange.KIND_CHANGE_CLASS,
        ground=StatusChange.GROUND_OWN_WISH,
        until_date=None,
        new_class_name=made.CLASSES[1],
    )
    registered.change = await registered.call("ProposeStatusChange", **fields)
    for step in registered.change.steps:
        party = step.organisation.removeprefix("organisations/")
        role = "bureau_officer" if party == BUREAU else "approver"
        await registered.transit("ApproveStatusChange", party, role)
    change = await registered.transit("EffectStatusChange")
    form = await registered.call("GetStatusChangeForm", name=change.name)
    assert (form.class_name, form.new_class_name) == tuple(made.CLASSES)
    assert (form.apply_date, form.effective_date) == (day(2023, 2, 24), day(2023, 3, 1))
    member = await registered.world.call(
        "GetCohortMember", registered.world.request("GetCohortMember")
    )
    assert member.class_name == made.CLASSES[1]


async def test_the_authority_reads_why_when_it_is_its_turn(registered: Desk) -> None:
    change = await registered.transit("ApproveStatusChange")
    read = await registered.call("GetStatusChange", BUREAU, "bureau_officer", name=change.name)
    assert read.reason == REASON


async def test_no_dump_holds_why(registered: Desk) -> None:
    dumped = await dump(registered.world.service.base.database)
    assert b"StatusChangeProposed" in dumped
    secrets = [form for value in (REASON, "ILLNESS") for form in forms_of(value)]
    assert [each for each in secrets if each in dumped] == []


@pytest.mark.parametrize("rpc", CHANGE_TRANSITIONS)
async def test_a_stranger_is_answered_as_if_there_were_none(registered: Desk, rpc: str) -> None:
    role = CALLERS[rpc][1]
    code, details = await registered.refused(rpc, made.STRANGER, role, **registered.fields(rpc))
    assert (code, details["reason"]) == (Code.NOT_FOUND, "RESOURCE_NOT_FOUND")
    stale = {**registered.fields(rpc), "etag": '"9"'}
    code, details = await registered.refused(rpc, **stale)
    assert (code, details["reason"]) == (Code.ABORTED, "ETAG_MISMATCH")


async def test_reads_of_a_stranger_find_nothing(registered: Desk) -> None:
    assert registered.change is not None
    names = {
        "GetElectronicRegistration": registered.registration.name,
        "GetStatusChange": registered.change.name,
        "GetStatusChangeForm": registered.change.name,
    }
    for rpc, name in names.items():
        assert (await registered.call(rpc, name=name)).name == name
        code, _ = await registered.refused(rpc, made.STRANGER, "registrar", name=name)
        assert code is Code.NOT_FOUND
    listed = await registered.call("ListStatusChanges", made.STRANGER)
    assert list(listed.status_changes) == []
    listed = await registered.call(
        "ListStatusChanges", kind=StatusChange.KIND_SUSPEND, person=registered.change.person
    )
    assert [each.reason for each in listed.status_changes] == [REASON]
    world = registered.world
    request = world.request("ComputeHeadcount")
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await world.call("ComputeHeadcount", request, made.STRANGER)
    assert raised.value.code() is Code.NOT_FOUND


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"kind": 20}, {"kind": "ENUM_DEFINED_ONLY"}),
        ({"ground": 0}, {"ground": "ENUM_NOT_IN"}),
        ({"reason": " "}, {"reason": "TEXT_BLANK"}),
        ({"reason": "一" * 501}, {"reason": "STRING_MAX_LEN"}),
        ({"apply_date": None}, {"apply_date": "REQUIRED"}),
        ({"effective_date": day(2023, 2, 30)}, {"effective_date": "DATE_INVALID"}),
        ({"status_record": "x"}, {"status_record": "STRING_PATTERN"}),
        ({"unexcused_hours": -1}, {"unexcused_hours": "INT32_GTE_LTE"}),
        ({"new_major_code": "1"}, {"new_major_code": "STRING_PATTERN"}),
    ],
)
async def test_a_malformed_proposal_names_the_field(
    filed: Desk, changes: dict[str, Any], fields: dict[str, str]
) -> None:
    code, details = await filed.refused("ProposeStatusChange", **filed.proposal(**changes))
    assert (code, details["fields"]) == (Code.INVALID_ARGUMENT, fields)


async def test_roles_do_what_is_theirs_only(registered: Desk) -> None:
    denied = {
        "ProposeStatusChange": ("approver", "bureau_officer", "agent", "auditor", "administrator"),
        "ApproveStatusChange": ("registrar", "agent", "auditor", "administrator"),
        "EffectStatusChange": ("approver", "bureau_officer", "agent"),
        "ApproveElectronicRegistration": ("registrar", "approver", "administrator"),
        "FileElectronicRegistration": ("approver", "bureau_officer", "auditor"),
        "GetStatusChange": ("assistance_officer", "fund_approver", "nobody"),
    }
    for rpc, roles in denied.items():
        for role in roles:
            given = {"name": f"statusChanges/{NOWHERE}", "etag": '"1"'}
            if rpc == "ProposeStatusChange":
                given = registered.proposal()
            elif rpc == "FileElectronicRegistration":
                given = {"status_record": registered.world.record.name}
            elif rpc == "GetStatusChange":
                del given["etag"]
            elif rpc == "ApproveElectronicRegistration":
                given["name"] = f"electronicRegistrations/{NOWHERE}"
            code, details = await registered.refused(rpc, made.FRONT, role, **given)
            assert (code, details["reason"]) == (Code.PERMISSION_DENIED, "PERMISSION_DENIED"), rpc
