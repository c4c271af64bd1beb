"""Files of outcomes and status changes over gRPC: each row is taken once, or refused alone."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import grpc.aio
import pytest
from google.rpc import error_details_pb2
from google.type.date_pb2 import Date
from guantong.enrollment.v1 import import_service_pb2 as pb
from guantong.enrollment.v1.electronic_registration_pb2 import ElectronicRegistration
from guantong.enrollment.v1.import_pb2 import Import, ImportRowResult
from guantong.enrollment.v1.import_service_pb2_grpc import ImportServiceStub
from guantong.enrollment.v1.learning_outcome_pb2 import LearningOutcome
from guantong.enrollment.v1.organisation_pb2 import Organisation
from guantong.enrollment.v1.status_change_pb2 import StatusChange
from structlog.testing import capture_logs

from tests.enrollment import made
from tests.enrollment.edge.person_world import enroll
from tests.enrollment.edge.test_private_data import dump, forms_of
from tests.enrollment.edge.test_status_changes import BUREAU, Desk
from tests.enrollment.edge.world import ID_NUMBER, World, do, make_world, organisation_fields
from tests.served import Served, details_of

RPCS = ("ImportOutcomes", "ImportStatusChanges")
EVENTS = {"ImportOutcomes": "OutcomeDeclared", "ImportStatusChanges": "StatusChangeProposed"}
ROLES = (
    "administrator",
    "approver",
    "bureau_officer",
    "assistance_officer",
    "fund_approver",
    "auditor",
    "agent",
    "nobody",
)
OTHER_ID_NUMBER = made.id_number(79)
NOBODY = made.id_number(80)
# With another check digit.
WRONG = ID_NUMBER[:-1] + ("1" if ID_NUMBER.endswith("0") else "0")
CERTIFICATE = "X2022-3213-000178"
REASON = "因病住院治疗"


class Kind:
    """One kind of file: its rows and its stream."""

    def __init__(self, world: World, rpc: str) -> None:
        self.world = world
        self.service = world.service
        self.rpc = rpc
        self.request = getattr(pb, f"{rpc}Request")

    def row(self, student: Mapping[str, str] | None = None, **changes: Any) -> Any:
        """Return a row of the first student that is right, but for these fields."""
        named = pb.ImportedStudent(**student or {"id_number": ID_NUMBER})
        fields = _OUTCOME if self.rpc == "ImportOutcomes" else _CHANGE
        return self.request.Row(student=named, **fields | changes)

    def rows(self) -> list[Any]:
        """Return a row of each student."""
        differs = {"evidence_sha256": "b" * 64} if self.rpc == "ImportOutcomes" else {}
        return [self.row(), self.row({"id_number": OTHER_ID_NUMBER}, **differs)]

    def wrong(self) -> Any:
        """Return a row that a rule refuses."""
        wrong = {"hours": 0, "kind": LearningOutcome.KIND_TRAINING, "grade": 0}
        other = {"evidence_sha256": "c" * 64, **wrong}
        ended = {"effective_date": Date(year=2023, month=3, day=2), "ground": _START_UP}
        return self.row(**other if self.rpc == "ImportOutcomes" else ended)

    def changed(self) -> Any:
        """Return the first row as it is corrected."""
        if self.rpc == "ImportOutcomes":
            return self.row(credit_tenths=50)
        return self.row(until_date=Date(year=2023, month=7, day=31))

    def steps(
        self,
        *chunks: Sequence[Any],
        request_id: str = "",
        first: int = 1,
        validate_only: bool = False,
        ends: bool = True,
    ) -> list[Any]:
        opening = pb.ImportOpening(
            request_id=request_id or str(uuid4()), source="成果.xlsx", validate_only=validate_only
        )
        found = [self.request(opening=opening)]
        for number, rows in enumerate(chunks, start=first):
            found.append(self.request(chunk=self.request.Chunk(number=number, rows=rows)))
        return [*found, self.request(ending=pb.ImportEnding())] if ends else found

    async def send(
        self, messages: Sequence[Any], party: str = made.FRONT, role: str = "registrar"
    ) -> list[Any]:
        """Send a stream, each message after the answer to the one before it."""
        stub = ImportServiceStub(self.service.channel)
        call = getattr(stub, self.rpc)(metadata=self.service.token(party, role))
        answers = []
        for message in messages:
            await call.write(message)
            answers.append(await call.read())
            if answers[-1] is grpc.aio.EOF:
                raise AssertionError(await call.details())
        await call.done_writing()
        assert await call.read() is grpc.aio.EOF
        return answers

    async def verdicts(self, *chunks: Sequence[Any], **facts: Any) -> list[str]:
        """Return what is told of the rows of a file; the same are not told."""
        return told(await self.send(self.steps(*chunks, **facts)))

    async def events(self) -> int:
        """Return how many rows have been taken as new."""
        rows = await self.service.rows("change")
        return sum(row["event_type"] == EVENTS[self.rpc] for row in rows)


_OUTCOME: dict[str, Any] = {
    "kind": LearningOutcome.KIND_CERTIFICATE_X,
    "title": "食品检验管理",
    "issuer_name": "评价组织",
    "issuer_uscc": "91350100M000100Y43",
    "certificate_number": CERTIFICATE,
    "grade": LearningOutcome.GRADE_INTERMEDIATE,
    "credit_tenths": 40,
    "achieve_date": Date(year=2022, month=6, day=30),
    "evidence_sha256": "a" * 64,
}
_START_UP = StatusChange.GROUND_START_UP
_CHANGE: dict[str, Any] = {
    "kind": StatusChange.KIND_SUSPEND,
    "ground": StatusChange.GROUND_ILLNESS,
    "initiator": StatusChange.INITIATOR_STUDENT,
    "reason": REASON,
    "guardian_opinion": StatusChange.GUARDIAN_OPINION_AGREED,
    "apply_date": Date(year=2023, month=2, day=24),
    "effective_date": Date(year=2023, month=3, day=1),
    "until_date": Date(year=2023, month=8, day=31),
    "attachments": [
        StatusChange.Attachment(
            kind=StatusChange.ATTACHMENT_KIND_HOSPITAL_CERTIFICATE, sha256="ab" * 32
        )
    ],
}


def told(answers: Sequence[Any]) -> list[str]:
    """Return the verdicts of a stream in the order of its rows, with the reasons of refusals."""
    return [
        f"{each.row_number} {_reason(each) or ImportRowResult.Verdict.Name(each.verdict)[8:]}"
        for answer in answers
        for each in answer.results
    ]


def _reason(result: ImportRowResult) -> str:
    for detail in result.error.details:
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            return str(info.reason)
    return ""


@pytest.fixture
async def world(fresh_enrollment: Served) -> World:
    return await make_students(fresh_enrollment)


async def make_students(service: Served) -> World:
    """Enrol two students and let their registrations be approved."""
    world = await make_world(service)
    fields = organisation_fields(BUREAU, Organisation.KIND_EDUCATION_BUREAU)
    await do(world.service, "CreateOrganisation", **fields)
    other = await enroll(world, "上官测试二", OTHER_ID_NUMBER)
    desk = Desk(world=world, registration=ElectronicRegistration())
    records = await world.call("ListStatusRecords", world.request("ListStatusRecords"))
    assert {each.person for each in records.status_records} == {world.member.person, other.person}
    for record in records.status_records:
        desk.registration = await desk.call("FileElectronicRegistration", status_record=record.name)
        await desk.transit("ApproveElectronicRegistration")
    return world


@pytest.fixture(params=RPCS)
def kind(world: World, request: pytest.FixtureRequest) -> Kind:
    return Kind(world, request.param)


async def test_rows_are_taken_and_the_same_file_again_changes_nothing(kind: Kind) -> None:
    first, second = kind.rows()
    answers = await kind.send(kind.steps([first], [second, kind.wrong()]))
    assert [line.partition(" ")[0] for line in told(answers)] == ["1", "2", "3"]
    assert [line.partition(" ")[2] for line in told(answers)][:2] == ["NEW", "NEW"]
    job = answers[-1].job
    assert (job.state, job.next_chunk_number) == (Import.STATE_FINISHED, 3)
    assert (job.totals.rows, job.totals.new_rows, job.totals.error_rows) == (3, 2, 1)
    assert await kind.events() == 2
    before = await kind.service.rows("change")
    again = await kind.send(kind.steps([second, first]))
    assert (told(again), again[-1].job.totals.same_rows) == ([], 2)
    assert await kind.service.rows("change") == before


async def test_a_corrected_row_is_changed_and_the_former_file_changes_it_back(kind: Kind) -> None:
    assert await kind.verdicts([kind.row()]) == ["1 NEW"]
    assert await kind.verdicts([kind.changed()]) == ["1 CHANGED"]
    assert await kind.verdicts([kind.changed()]) == []
    assert await kind.verdicts([kind.row()]) == ["1 CHANGED"]


async def test_a_validation_tells_the_verdicts_of_the_run_and_writes_nothing(kind: Kind) -> None:
    await kind.verdicts([kind.row()])
    file = [kind.changed(), kind.rows()[1], kind.wrong(), kind.row({"id_number": NOBODY})]
    before = await kind.world.snapshot()
    answers = await kind.send(kind.steps(file[:2], file[2:], validate_only=True))
    assert await kind.world.snapshot() == before
    assert answers[-1].job.validate_only
    assert answers[-1].job.name == ""
    assert told(answers)[:2] == ["1 CHANGED", "2 NEW"]
    assert await kind.verdicts(file[:2], file[2:]) == told(answers)


async def test_a_row_that_comes_twice_names_the_earlier_one(kind: Kind) -> None:
    first, second = kind.rows()
    assert await kind.verdicts([first, second], [first]) == ["1 NEW", "2 NEW", "3 ROW_DUPLICATED"]
    (error,) = await kind.service.rows("import_error")
    assert (error["row_number"], b"row_number" in error["error"]) == (3, True)


async def test_a_broken_stream_goes_on_where_it_was(kind: Kind) -> None:
    request_id = str(uuid4())
    first, second = kind.rows()
    begun = kind.steps([first], request_id=request_id, ends=False)
    answered = await kind.send(begun)
    assert told(answered) == ["1 NEW"]
    resumed = await kind.send(kind.steps([second], request_id=request_id, first=2))
    assert [each.job.next_chunk_number for each in resumed] == [2, 3, 3]
    assert told(resumed) == ["2 NEW"]
    assert resumed[-1].job.name == answered[-1].job.name
    # A chunk that comes again is answered as before.
    after = await kind.world.snapshot()
    repeated = await kind.send(begun)
    assert repeated[1] == answered[1]
    assert await kind.world.snapshot() == after


@pytest.mark.parametrize("role", ROLES)
async def test_only_a_registrar_imports(kind: Kind, role: str) -> None:
    before = await kind.world.snapshot()
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await kind.send(kind.steps([kind.row()]), role=role)
    details = details_of(raised.value)
    assert (raised.value.code(), details["reason"]) == (
        grpc.StatusCode.PERMISSION_DENIED,
        "PERMISSION_DENIED",
    )
    assert await kind.world.snapshot() == before


async def test_a_foreign_school_learns_nothing_of_a_student_nor_of_the_job(kind: Kind) -> None:
    (mine, _) = await kind.send(kind.steps([kind.row()], ends=False))
    nobody = {"person": f"persons/{uuid4()}"}
    known = {"person": kind.world.member.person}
    file = [kind.row(), kind.row({"id_number": NOBODY}), kind.row(known), kind.row(nobody)]
    answers = await kind.send(kind.steps(file), party=made.STRANGER)
    errors = [each.error for answer in answers for each in answer.results]
    # By number or by name, foreign or none at all: the very same words. One person comes twice.
    assert [line[2:] for line in told(answers)] == [
        "IMPORTED_PERSON_UNKNOWN",
        "IMPORTED_PERSON_UNKNOWN",
        "ROW_DUPLICATED",
        "IMPORTED_PERSON_UNKNOWN",
    ]
    assert errors[0] == errors[1] == errors[3]
    stub: Any = ImportServiceStub(kind.service.channel)
    for rpc, request in (
        (stub.GetImport, pb.GetImportRequest(name=mine.job.name)),
        (stub.ListImportErrors, pb.ListImportErrorsRequest(name=mine.job.name)),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await rpc(request, metadata=kind.service.token(made.STRANGER, "registrar"))
        assert raised.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize(
    ("student", "reason"),
    [
        pytest.param({"person": "persons/1"}, "FIELDS_INVALID", id="a name of another form"),
        pytest.param({"id_number": "1101051949123100"}, "FIELDS_INVALID", id="a short ID number"),
        pytest.param({"id_number": WRONG}, "ID_NUMBER_INVALID", id="a wrong digit"),
        pytest.param({"student_number": f"X{ID_NUMBER}"}, "FIELDS_INVALID", id="another letter"),
        pytest.param(
            {"student_number": f"G{WRONG}"}, "STUDENT_NUMBER_INVALID", id="a wrong 学籍号"
        ),
    ],
)
async def test_a_student_who_is_named_wrongly_is_refused_with_the_row_alone(
    kind: Kind, student: dict[str, str], reason: str
) -> None:
    wrong = kind.row(student)
    assert await kind.verdicts([wrong, kind.row()]) == [f"1 {reason}", "2 NEW"]
    errors = b"".join(row["error"] for row in await kind.service.rows("import_error"))
    assert next(iter(student.values())).encode() not in errors


async def test_each_required_field_of_a_row_is_named_when_it_is_missing(kind: Kind) -> None:
    required = {
        "ImportOutcomes": ("student", "kind", "title", "achieve_date", "evidence_sha256"),
        "ImportStatusChanges": (
            "student",
            "kind",
            "ground",
            "initiator",
            "reason",
            "guardian_opinion",
            "apply_date",
            "effective_date",
        ),
    }[kind.rpc]
    rows = []
    for field in required:
        rows.append(kind.row())
        rows[-1].ClearField(field)
    answers = await kind.send(kind.steps(rows))
    found = []
    for result in answers[1].results:
        for detail in result.error.details:
            request = error_details_pb2.BadRequest()
            if detail.Unpack(request):
                found.append([each.field for each in request.field_violations])
    assert found == [[field] for field in required]
    assert await kind.events() == 0


async def test_a_student_is_found_by_any_of_three_names(kind: Kind) -> None:
    for student in (
        {"id_number": ID_NUMBER},
        {"student_number": f"G{ID_NUMBER}"},
        {"person": kind.world.member.person},
    ):
        assert await kind.verdicts([kind.row(student)]) in (["1 NEW"], [])
    assert await kind.events() == 1


async def test_nothing_personal_is_in_clear_in_jobs_errors_rows_and_logs(kind: Kind) -> None:
    with capture_logs() as lines:
        await kind.verdicts(
            [*kind.rows(), kind.wrong(), kind.row({"id_number": NOBODY})], [kind.changed()]
        )
    found = await dump(kind.service.base.database) + repr(lines).encode()
    assert b"import_error" not in found
    secrets = (ID_NUMBER, OTHER_ID_NUMBER, NOBODY, CERTIFICATE, REASON)
    assert [each for each in secrets for form in forms_of(each) if form in found] == []
