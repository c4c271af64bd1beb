"""Imports over gRPC: verdicts, repetition, resuming, rehearsal, and who may do what."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import grpc.aio
import pytest
from guantong.enrollment.v1 import import_service_pb2 as pb
from guantong.enrollment.v1.cohort_pb2 import Cohort
from guantong.enrollment.v1.import_pb2 import Import
from guantong.enrollment.v1.import_service_pb2_grpc import ImportServiceStub

from tests.enrollment import made
from tests.enrollment.edge.world import TABLES, do
from tests.enrollment.imports import Imported, open_cohort, row, send, steps
from tests.served import Served, details_of

KEYSTORE_TABLES = ("data_key", "blind_index", "likeness")
DETAILS = "grpc-status-details-bin"
# A write that crosses the refusal fails in the client, which then has not heard why.
ATTEMPTS = 5


@pytest.fixture
async def cohort(fresh_enrollment: Served) -> Cohort:
    return await open_cohort(fresh_enrollment)


async def stored(service: Served) -> dict[str, Any]:
    """Return everything that the service and the key store have stored."""
    found: dict[str, Any] = {table: await service.rows(table) for table in TABLES}
    async with service.keys._database.connection() as connection:
        for table in KEYSTORE_TABLES:
            found[table] = await connection.fetch(f"SELECT * FROM {table}")  # noqa: S608
    return found


async def refused(
    service: Served, messages: Any, *, party: str = made.FRONT, role: str = "registrar"
) -> tuple[grpc.StatusCode, dict[str, Any]]:
    told = list(messages)
    for _ in range(ATTEMPTS):
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await send(service, told, party=party, role=role)
        if DETAILS in dict(raised.value.trailing_metadata() or ()):
            break
    return raised.value.code(), details_of(raised.value)


async def test_rows_are_enrolled_and_the_same_file_again_changes_nothing(
    fresh_enrollment: Served, cohort: Cohort
) -> None:
    service = fresh_enrollment
    rows = [row(cohort, serial) for serial in range(1, 7)]
    imported = await send(service, steps([rows[:4], rows[4:]]))
    assert imported.totals == (6, 0, 0, 0)
    assert imported.verdicts == dict.fromkeys(range(1, 7), "NEW")
    assert imported.job.state == Import.STATE_FINISHED
    for table, count in (("person", 6), ("cohort_member", 6), ("status_record", 6)):
        assert len(await service.rows(table)) == count
    changes = await service.rows("change")
    again = await send(service, steps([rows]))
    assert again.totals == (0, 0, 6, 0)
    assert again.verdicts == {}
    assert await service.rows("change") == changes


async def test_each_row_has_its_verdict_and_a_bad_one_sinks_no_other(
    fresh_enrollment: Served, cohort: Cohort
) -> None:
    await send(fresh_enrollment, steps([[row(cohort, 1), row(cohort, 2)]]))
    unknown = Cohort(name=f"cohorts/{uuid4()}")
    rows = [
        (row(cohort, 1), None),
        (row(cohort, 2, class_name=made.CLASSES[1]), "CHANGED"),
        (row(cohort, 3), "NEW"),
        (row(cohort, 4, id_number=made.id_number(4)[:-1] + "Y"), "FIELDS_INVALID"),
        (
            row(cohort, 5, id_number=made.id_number(6)[:-1] + made.id_number(5)[-1]),
            "ID_NUMBER_INVALID",
        ),
        (row(cohort, 6, display_name=" "), "FIELDS_INVALID"),
        (row(cohort, 7, display_name="甲\u202e乙"), "FIELDS_INVALID"),
        (row(cohort, 8, class_name="他班"), "CLASS_UNKNOWN"),
        (row(unknown, 9), "RESOURCE_NOT_FOUND"),
        (row(cohort, 3, display_name="同一人"), "ROW_DUPLICATED"),
        (row(cohort, 10), "NEW"),
    ]
    imported = await send(fresh_enrollment, steps([[each for each, _ in rows]]))
    expected = {number: each for number, (_, each) in enumerate(rows, 1) if each is not None}
    assert imported.verdicts == expected
    assert imported.totals == (2, 1, 1, 7)
    # Absence never deletes: 3 and 10 are there beside 1 and 2.
    assert len(await fresh_enrollment.rows("cohort_member")) == 4


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"display_name": "另一人"}, "display_name"),
        ({"admission_number": "99998888"}, "admission_number"),
        ({"ethnicity_code": "03"}, "ethnicity_code"),
        ({"made_up": False}, "made_up"),
    ],
)
async def test_what_was_fixed_at_admission_is_not_changed_by_a_row(
    fresh_enrollment: Served, cohort: Cohort, changes: dict[str, Any], field: str
) -> None:
    await send(fresh_enrollment, steps([[row(cohort, 1)]]))
    imported = await send(fresh_enrollment, steps([[row(cohort, 1, **changes)]]))
    assert imported.verdicts == {1: "ROSTER_FIELD_FIXED"}
    (told,) = imported.answers[1].results
    assert field in told.error.message


async def test_a_class_changes_with_the_record_while_the_roster_is_open_and_not_afterwards(
    fresh_enrollment: Served, cohort: Cohort
) -> None:
    service = fresh_enrollment
    await send(service, steps([[row(cohort, 1)]]))
    moved = row(cohort, 1, class_name=made.CLASSES[1])
    assert (await send(service, steps([[moved]]))).verdicts == {1: "CHANGED"}
    for table in ("cohort_member", "status_record"):
        assert [each["class_name"] for each in await service.rows(table)] == [made.CLASSES[1]]
    assert (await send(service, steps([[moved]]))).totals == (0, 0, 1, 0)
    await do(service, "FreezeCohort", name=cohort.name, etag='"1"')
    back = await send(service, steps([[row(cohort, 1), row(cohort, 2)]]))
    assert back.verdicts == {1: "ROSTER_CLASS_FIXED", 2: "ROSTER_FROZEN"}


async def test_nobody_is_enrolled_beyond_the_plan_or_in_two_pathways(
    fresh_enrollment: Served,
) -> None:
    cohort = await open_cohort(fresh_enrollment, front_plan=2)
    other = await open_cohort(fresh_enrollment, year=2021)
    chunks = [[row(cohort, 1)], [row(cohort, 2), row(cohort, 3)]]
    chunks.append([row(other, 1, class_name="食品2001")])
    imported = await send(fresh_enrollment, steps(chunks))
    assert imported.verdicts == {1: "NEW", 2: "NEW", 3: "PLAN_FULL", 4: "PERSON_ALREADY_ENROLLED"}


async def test_a_member_who_was_enrolled_alone_is_the_same(
    fresh_enrollment: Served, cohort: Cohort
) -> None:
    given = row(cohort, 1)
    fields = {field.name: value for field, value in given.ListFields()}
    await do(fresh_enrollment, "EnrollCohortMember", **fields)
    imported = await send(fresh_enrollment, steps([[given]]))
    assert imported.totals == (0, 0, 1, 0)


async def test_a_rehearsal_tells_what_the_run_does_and_writes_nothing(
    fresh_enrollment: Served,
) -> None:
    service = fresh_enrollment
    cohort = await open_cohort(service, front_plan=4)
    await send(service, steps([[row(cohort, 1), row(cohort, 2)]]))
    chunks = [
        [row(cohort, 1), row(cohort, 2, class_name=made.CLASSES[1]), row(cohort, 3)],
        [row(cohort, 3), row(cohort, 4), row(cohort, 5), row(cohort, 6, class_name="?")],
    ]
    before = await stored(service)
    rehearsed = await send(service, steps(chunks, validate_only=True))
    assert await stored(service) == before
    assert rehearsed.job.name == ""
    assert rehearsed.job.validate_only
    run = await send(service, steps(chunks))
    assert rehearsed.verdicts == run.verdicts
    assert rehearsed.totals == run.totals == (2, 1, 1, 3)
    assert not any(each.resource for answer in rehearsed.answers for each in answer.results)


async def test_a_job_goes_on_where_it_was_and_a_chunk_again_is_answered_as_before(
    fresh_enrollment: Served, cohort: Cohort
) -> None:
    service = fresh_enrollment
    first, second = [row(cohort, 1), row(cohort, 1)], [row(cohort, 2), row(cohort, 1)]
    request_id = str(uuid4())
    begun = await send(service, steps([first], request_id=request_id, ends=False))
    assert begun.job.next_chunk_number == 2
    before = await stored(service)
    resumed = Imported()
    messages = steps([first, second], request_id=request_id)
    await send(service, messages, into=resumed)
    assert resumed.answers[0].job.next_chunk_number == 2
    assert resumed.answers[1] == begun.answers[1]
    # Row 4 is known to be about row 1 of the chunk that an earlier stream sent.
    assert resumed.verdicts == {1: "NEW", 2: "ROW_DUPLICATED", 3: "NEW", 4: "ROW_DUPLICATED"}
    assert resumed.totals == (2, 0, 0, 2)
    after = await stored(service)
    assert after["import_job"] != before["import_job"]
    await send(service, messages)
    assert await stored(service) == after


async def test_a_resumed_job_takes_no_other_rows_under_the_number_of_a_chunk(
    fresh_enrollment: Served, cohort: Cohort
) -> None:
    request_id = str(uuid4())
    await send(fresh_enrollment, steps([[row(cohort, 1)]], request_id=request_id, ends=False))
    before = await stored(fresh_enrollment)
    code, details = await refused(
        fresh_enrollment, steps([[row(cohort, 2)]], request_id=request_id)
    )
    assert (code, details["reason"]) == (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")
    after = await stored(fresh_enrollment)
    assert after == before


def no_opening(cohort: Cohort) -> list[pb.ImportRosterRequest]:
    return steps([[row(cohort, 1)]])[1:]


def opened_twice(cohort: Cohort) -> list[pb.ImportRosterRequest]:
    return steps([])[:1] + steps([[row(cohort, 1)]])


def a_gap(cohort: Cohort) -> list[pb.ImportRosterRequest]:
    return steps([[row(cohort, 1)]], first=2)


def after_the_end(cohort: Cohort) -> list[pb.ImportRosterRequest]:
    return [*steps([]), *steps([[row(cohort, 1)]])[1:]]


def too_many(cohort: Cohort) -> list[pb.ImportRosterRequest]:
    return steps([[row(cohort, 1)] * 1001])


def none(cohort: Cohort) -> list[pb.ImportRosterRequest]:  # noqa: ARG001 - as the others
    return steps([[]])


def not_a_uuid(cohort: Cohort) -> list[pb.ImportRosterRequest]:
    return steps([[row(cohort, 1)]], request_id="1")


@pytest.mark.parametrize(
    ("messages", "code", "reason"),
    [
        (no_opening, grpc.StatusCode.INVALID_ARGUMENT, "IMPORT_NOT_OPENED"),
        (opened_twice, grpc.StatusCode.INVALID_ARGUMENT, "IMPORT_NOT_OPENED"),
        (a_gap, grpc.StatusCode.OUT_OF_RANGE, "IMPORT_CHUNK_OUT_OF_ORDER"),
        (after_the_end, grpc.StatusCode.FAILED_PRECONDITION, "IMPORT_FINISHED"),
        (too_many, grpc.StatusCode.INVALID_ARGUMENT, "FIELDS_INVALID"),
        (none, grpc.StatusCode.INVALID_ARGUMENT, "FIELDS_INVALID"),
        (not_a_uuid, grpc.StatusCode.INVALID_ARGUMENT, "FIELDS_INVALID"),
    ],
)
async def test_a_stream_in_the_wrong_form_is_refused_whole(
    fresh_enrollment: Served,
    cohort: Cohort,
    messages: Callable[[Cohort], list[pb.ImportRosterRequest]],
    code: grpc.StatusCode,
    reason: str,
) -> None:
    found, details = await refused(fresh_enrollment, messages(cohort))
    assert (found, details["reason"]) == (code, reason)
    assert await fresh_enrollment.rows("cohort_member") == []


@pytest.mark.parametrize("role", ["approver", "auditor", "bureau_officer", "student"])
async def test_only_registrars_import(fresh_enrollment: Served, cohort: Cohort, role: str) -> None:
    code, details = await refused(fresh_enrollment, steps([[row(cohort, 1)]]), role=role)
    assert code is grpc.StatusCode.PERMISSION_DENIED
    assert details["metadata"] == {"permission": "enrollment.imports.roster"}


async def test_a_row_of_a_cohort_of_others_is_refused(
    fresh_enrollment: Served, cohort: Cohort
) -> None:
    rows = [[row(cohort, 1)]]
    stranger = await send(fresh_enrollment, steps(rows), party=made.STRANGER)
    assert stranger.verdicts == {1: "RESOURCE_NOT_FOUND"}
    back = await send(fresh_enrollment, steps(rows), party=made.BACK)
    assert back.verdicts == {1: "NOT_FRONT_SCHOOL"}


async def test_a_blocked_school_imports_nothing(fresh_enrollment: Served, cohort: Cohort) -> None:
    organisation = f"organisations/{made.FRONT}"
    await do(
        fresh_enrollment, "BlockOrganisation", name=organisation, etag='"1"', block_reason="核查"
    )
    _, details = await refused(fresh_enrollment, steps([[row(cohort, 1)]]))
    assert details["reason"] == "ORGANISATION_BLOCKED"


async def test_a_job_and_its_refused_rows_are_shown_to_its_school_only(
    fresh_enrollment: Served, cohort: Cohort
) -> None:
    service = fresh_enrollment
    rows = [row(cohort, 1), row(cohort, 2, class_name="他班"), row(cohort, 3, id_number="1")]
    imported = await send(service, steps([rows]))
    stub = ImportServiceStub(service.channel)
    token = service.token(made.FRONT, "registrar")
    job = await stub.GetImport(pb.GetImportRequest(name=imported.job.name), metadata=token)
    assert job == imported.job
    listed = await stub.ListImports(
        pb.ListImportsRequest(kind=Import.KIND_ROSTER, state=Import.STATE_FINISHED), metadata=token
    )
    assert list(listed.imports) == [job]
    first = await stub.ListImportErrors(
        pb.ListImportErrorsRequest(name=job.name, page_size=1), metadata=token
    )
    second = await stub.ListImportErrors(
        pb.ListImportErrorsRequest(name=job.name, page_size=1, page_token=first.next_page_token),
        metadata=token,
    )
    refused_rows = [each for each in imported.answers[1].results if each.error.code]
    assert [*first.errors, *second.errors] == refused_rows
    assert second.next_page_token == ""
    other = service.token(made.BACK, "registrar")
    assert not (await stub.ListImports(pb.ListImportsRequest(), metadata=other)).imports
    for call in (
        stub.GetImport(pb.GetImportRequest(name=job.name), metadata=other),
        stub.ListImportErrors(pb.ListImportErrorsRequest(name=job.name), metadata=other),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await call
        assert raised.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("rpc", ["GetImport", "ListImports", "ListImportErrors"])
async def test_reading_imports_needs_a_role_and_a_right_request(
    fresh_enrollment: Served, rpc: str
) -> None:
    method = getattr(ImportServiceStub(fresh_enrollment.channel), rpc)
    right: dict[str, Any] = {} if rpc == "ListImports" else {"name": f"imports/{uuid4()}"}
    wrong: dict[str, Any] = {"page_size": -1} if rpc == "ListImports" else {"name": "imports/1"}
    request = getattr(pb, f"{rpc}Request")
    for fields, role, code in (
        (right, "student", grpc.StatusCode.PERMISSION_DENIED),
        (wrong, "registrar", grpc.StatusCode.INVALID_ARGUMENT),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await method(request(**fields), metadata=fresh_enrollment.token(made.FRONT, role))
        assert raised.value.code() is code


async def test_nothing_personal_of_a_file_is_stored_in_clear(
    fresh_enrollment: Served, cohort: Cohort
) -> None:
    secret = row(cohort, 1, display_name="欧阳𬭎一", admission_number="77665544332211")
    wrong = row(cohort, 2, display_name="司马甲乙", id_number=made.id_number(2)[:-1] + "9")
    other = row(cohort, 3, display_name="诸葛丙丁", class_name="他班")
    await send(fresh_enrollment, steps([[secret, wrong, other]]))
    dump = repr(await stored(fresh_enrollment))
    for each in (secret, wrong, other):
        for text in (each.display_name, each.id_number, each.admission_number):
            assert text not in dump
            assert repr(text.encode())[2:-1] not in dump
