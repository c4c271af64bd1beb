"""The servicer of 学籍号: parse, run the command, answer."""

from functools import partial
from typing import cast

from guantong.enrollment.v1 import student_number_service_pb2 as pb
from guantong.enrollment.v1.person_pb2 import Person
from guantong.enrollment.v1.student_number_service_pb2_grpc import StudentNumberServiceServicer

from chassis.interceptors import current_call
from services.enrollment.commands.record_student_numbers import record_student_numbers
from services.enrollment.edge.person_desk import Context, PersonDesk, today
from services.enrollment.edge.wire import person_parts as wire
from services.enrollment.edge.wire import person_requests as requests
from services.enrollment.queries.person_parts import NUMBERS


class StudentNumbers(StudentNumberServiceServicer):
    """Records 学籍号 and finds their history."""

    def __init__(self, desk: PersonDesk) -> None:
        self._desk = desk

    async def RecordStudentNumber(
        self, request: pb.RecordStudentNumberRequest, context: Context
    ) -> Person:
        call = current_call()
        work = partial(
            record_student_numbers,
            caller=call.caller,
            keys=self._desk.keys,
            identities=self._desk.identities,
        )
        item = requests.to_student_number(request, today=today())
        return cast("Person", await self._desk.commands.one(call, request, item, work))

    async def ListStudentNumbers(
        self, request: pb.ListStudentNumbersRequest, context: Context
    ) -> pb.ListStudentNumbersResponse:
        found, token = await self._desk.list(NUMBERS, request, wire.to_number)
        return pb.ListStudentNumbersResponse(student_numbers=found, next_page_token=token)
