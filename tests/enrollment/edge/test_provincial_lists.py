"""The calls of provincial lists: imported row by row, checked, repeated, denied, foreign."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import grpc.aio
import pytest
from google.type.date_pb2 import Date
from guantong.enrollment.v1 import provincial_list_service_pb2 as pb
from guantong.enrollment.v1.pathway_project_pb2 import PathwayProject
from guantong.enrollment.v1.provincial_list_pb2 import ProvincialList, ProvincialListImport
from guantong.enrollment.v1.provincial_list_service_pb2_grpc import ProvincialListServiceStub

from tests.enrollment import made
from tests.enrollment.edge.world import World, make_world
from tests.served import Served, details_of

Code = grpc.StatusCode
Row = ProvincialListImport.Row
BUREAU = "szedu"
THREE_AND_THREE = [PathwayProject.TYPE_ZG_3_3, PathwayProject.TYPE_ZG_4_2]
READERS = {
    "administrator",
    "registrar",
    "approver",
    "bureau_officer",
    "assistance_officer",
    "auditor",
    "agent",
}
RPCS: dict[str, set[str]] = {
    "PublishProvincialList": {"bureau_officer"},
    "ImportProvincialListRows": {"bureau_officer"},
    "GetProvincialList": READERS,
    "ListProvincialLists": READERS,
    "GetProvincialListImport": READERS,
    "ListProvincialListImports": READERS,
}


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Calls the service; knows a list of 2021, of which nothing was imported yet."""

    world: World
    found: ProvincialList

    async def call(
        self, rpc: str, *, party: str = BUREAU, role: str = "bureau_officer", **fields: Any
    ) -> Any:
        kind = getattr(pb, f"{rpc}Request")
        if "request_id" in kind.DESCRIPTOR.fields_by_name:
            fields.setdefault("request_id", str(uuid4()))
        service = self.world.service
        method = getattr(ProvincialListServiceStub(service.channel), rpc)
        return await method(kind(**fields), metadata=service.token(party, role))

    async def take(self, *rows: pb.ProvincialListRow, **fields: Any) -> ProvincialListImport:
        fields = {"provincial_list": self.found.name, "rows": rows} | fields
        done: ProvincialListImport = await self.call("ImportProvincialListRows", **fields)
        return done

    async def read(self) -> ProvincialList:
        found: ProvincialList = await self.call("GetProvincialList", name=self.found.name)
        return found

    async def refused(self, rpc: str, **fields: Any) -> tuple[Any, dict[str, Any]]:
        before = await self.world.snapshot()
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await self.call(rpc, **fields)
        assert await self.world.snapshot() == before
        return raised.value.code(), details_of(raised.value)


def list_fields(**changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "province_code": "32",
        "approval_year": 2021,
        "title": "2021年现代职教体系贯通培养项目名单",
        "document_number": "苏教职函〔2021〕20号",
        "publish_date": Date(year=2021, month=6, day=15),
        "stated_total": 2,
        "parts": [ProvincialList.Part(types=THREE_AND_THREE, stated_count=2)],
    }
    return fields | changes


def row(code: str = "490101", **changes: Any) -> pb.ProvincialListRow:
    fields: dict[str, Any] = {
        "project_number": "JS2021-33-001",
        "type": PathwayProject.TYPE_ZG_3_3,
        "front_organisation": f"organisations/{made.FRONT}",
        "front_major": made.PROJECT["front_major"],
        "front_major_code": made.PROJECT["front_major_code"],
        "back_organisation": f"organisations/{made.BACK}",
        "back_major": made.PROJECT["back_major"],
        "back_major_code": code,
        "front_plan": 2,
        "back_plan": 2,
    }
    return pb.ProvincialListRow(**fields | changes)


# What the world declared for 2021.
DECLARED = row()
NEW = row("490102", project_number="JS2021-33-002")


async def make_desk(service: Served) -> Desk:
    world = await make_world(service)
    desk = Desk(world=world, found=ProvincialList())
    return Desk(world=world, found=await desk.call("PublishProvincialList", **list_fields()))


@pytest.fixture
async def desk(fresh_enrollment: Served) -> Desk:
    return await make_desk(fresh_enrollment)


@pytest.fixture(scope="module")
async def lasting(enrollment: Served) -> Desk:
    return await make_desk(enrollment)


def outcomes(done: ProvincialListImport) -> list[int]:
    return [each.outcome for each in done.rows]


async def test_rows_are_new_changed_same_or_wrong_and_the_totals_are_checked(desk: Desk) -> None:
    kinds = [each.kind for each in (await desk.read()).findings]
    assert kinds == [
        ProvincialList.Finding.KIND_IMPORTED_TOTAL_DIFFERS,
        ProvincialList.Finding.KIND_IMPORTED_PART_DIFFERS,
    ]
    wrong = row("490103", front_organisation="organisations/nowhere")
    done = await desk.take(DECLARED, NEW, wrong, NEW)
    assert outcomes(done) == [
        Row.OUTCOME_CHANGED,
        Row.OUTCOME_NEW,
        Row.OUTCOME_ERROR,
        Row.OUTCOME_ERROR,
    ]
    assert [each.reason for each in done.rows[2:]] == ["RESOURCE_NOT_FOUND", "LIST_ROW_REPEATED"]
    assert done.rows[0].pathway_project == desk.world.declared.name
    assert (done.new_count, done.changed_count, done.error_count) == (1, 1, 2)
    found = await desk.read()
    assert (found.imported_total, found.parts[0].imported_count) == (2, 2)
    assert not found.findings
    projects = {
        f"pathwayProjects/{each['id']}": each["state"]
        for each in await desk.world.service.rows("pathway_project")
        if each["approval_year"] == 2021
    }
    assert set(projects.values()) == {"APPROVED"}


async def test_the_same_rows_again_change_nothing_and_absence_deletes_nothing(desk: Desk) -> None:
    await desk.take(DECLARED, NEW)
    before = await desk.world.snapshot()
    again = await desk.take(DECLARED, NEW)
    assert outcomes(again) == [Row.OUTCOME_SAME, Row.OUTCOME_SAME]
    assert (again.name, again.version) == ("", 0)
    assert await desk.world.snapshot() == before
    await desk.take(row(front_plan=3))
    assert (await desk.read()).imported_total == 2


async def test_a_validation_says_what_would_be_done_and_does_nothing(desk: Desk) -> None:
    before = await desk.world.snapshot()
    done = await desk.take(DECLARED, NEW, validate_only=True)
    assert outcomes(done) == [Row.OUTCOME_CHANGED, Row.OUTCOME_NEW]
    assert (done.name, done.rows[1].pathway_project) == ("", "")
    assert await desk.world.snapshot() == before


async def test_a_repeated_import_repeats_its_answer(desk: Desk) -> None:
    request_id = str(uuid4())
    done = await desk.take(DECLARED, NEW, request_id=request_id)
    after = await desk.world.snapshot()
    assert await desk.take(DECLARED, NEW, request_id=request_id) == done
    assert await desk.world.snapshot() == after
    assert await desk.call("GetProvincialListImport", name=done.name) == done
    listed = await desk.call("ListProvincialListImports", provincial_list=desk.found.name)
    assert list(listed.provincial_list_imports) == [done]
    for party in (made.FRONT, made.BACK):
        other = await desk.call("ListProvincialListImports", party=party, role="agent")
        assert not other.provincial_list_imports
        code, _ = await desk.refused(
            "GetProvincialListImport", name=done.name, party=party, role="agent"
        )
        assert code is Code.NOT_FOUND


async def test_a_thousand_rows_are_one_call(desk: Desk) -> None:
    rows = [row(f"{490200 + number}", front_plan=1) for number in range(1000)]
    done = await desk.take(*rows)
    assert (done.new_count, done.error_count) == (1000, 0)
    assert (await desk.take(*rows)).same_count == 1000


async def test_a_large_intake_of_a_list_is_warned_of(desk: Desk) -> None:
    found = await desk.call(
        "PublishProvincialList", **list_fields(approval_year=2025, document_number="1")
    )
    done = await desk.take(row(front_plan=501), provincial_list=found.name)
    (project,) = [
        each
        for each in await desk.world.service.rows("pathway_project")
        if f"pathwayProjects/{each['id']}" == done.rows[0].pathway_project
    ]
    assert "JS22" in project["warnings"]


@pytest.mark.parametrize(
    ("rpc", "fields", "code", "reason"),
    [
        (
            "PublishProvincialList",
            list_fields(),
            Code.ALREADY_EXISTS,
            "PROVINCIAL_LIST_ALREADY_PUBLISHED",
        ),
        (
            "PublishProvincialList",
            list_fields(
                document_number="2",
                parts=[ProvincialList.Part(types=THREE_AND_THREE, stated_count=1)] * 2,
            ),
            Code.INVALID_ARGUMENT,
            "LISTED_TYPE_REPEATED",
        ),
        (
            "PublishProvincialList",
            list_fields(province_code="99"),
            Code.INVALID_ARGUMENT,
            "FIELDS_INVALID",
        ),
        ("PublishProvincialList", list_fields(parts=[]), Code.INVALID_ARGUMENT, "FIELDS_INVALID"),
        (
            "ImportProvincialListRows",
            {"provincial_list": f"provincialLists/{uuid4()}", "rows": [NEW]},
            Code.NOT_FOUND,
            "RESOURCE_NOT_FOUND",
        ),
    ],
)
async def test_a_broken_rule_is_said(
    lasting: Desk, rpc: str, fields: dict[str, Any], code: grpc.StatusCode, reason: str
) -> None:
    found, details = await lasting.refused(rpc, **fields)
    assert (found, details["reason"]) == (code, reason)


@pytest.mark.parametrize(
    "rows", [[], [NEW] * 1001, [row(front_plan=0)], [row(back_major=" ")]], ids=str
)
async def test_a_malformed_row_is_named(lasting: Desk, rows: list[pb.ProvincialListRow]) -> None:
    code, details = await lasting.refused(
        "ImportProvincialListRows", provincial_list=lasting.found.name, rows=rows
    )
    assert (code, details["reason"]) == (Code.INVALID_ARGUMENT, "FIELDS_INVALID")


async def test_another_bureau_imports_nothing(lasting: Desk) -> None:
    code, details = await lasting.refused(
        "ImportProvincialListRows",
        party="ntedu",
        provincial_list=lasting.found.name,
        rows=[NEW],
    )
    assert (code, details["reason"]) == (Code.PERMISSION_DENIED, "NOT_LIST_KEEPER")


ROLES = {*READERS, "fund_approver", "nobody"}


@pytest.mark.parametrize(
    ("rpc", "role"), [(rpc, role) for rpc in RPCS for role in sorted(ROLES - RPCS[rpc])]
)
async def test_a_role_without_the_permission_is_denied(lasting: Desk, rpc: str, role: str) -> None:
    fields: dict[str, dict[str, Any]] = {
        "PublishProvincialList": list_fields(document_number="3"),
        "ImportProvincialListRows": {"provincial_list": lasting.found.name, "rows": [NEW]},
        "GetProvincialList": {"name": lasting.found.name},
        "GetProvincialListImport": {"name": f"provincialListImports/{uuid4()}"},
    }
    code, details = await lasting.refused(rpc, role=role, **fields.get(rpc, {}))
    assert (code, details["reason"]) == (Code.PERMISSION_DENIED, "PERMISSION_DENIED")


async def test_lists_are_public(lasting: Desk) -> None:
    answer = await lasting.call("ListProvincialLists", party=made.STRANGER, role="agent")
    assert [each.name for each in answer.provincial_lists] == [lasting.found.name]
