"""The applications of the cohort as they were last answered, and steps for some of them at once."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from guantong.transfer.v1.application_pb2 import Application

from deploy.story.desk import Method, Persona, Transition, together
from deploy.story.narrator import Narrator
from deploy.story.students import Fate, Student

T = TypeVar("T", bound=Transition)


class Applicants:
    """Who applied, with the version of the application that the next step starts from."""

    def __init__(self, narrator: Narrator, applications: Mapping[str, Application]) -> None:
        """Take the drafts by the students' keys."""
        self._narrator = narrator
        self._applications = dict(applications)

    def __len__(self) -> int:
        return len(self._applications)

    def application(self, student: Student) -> Application:
        return self._applications[student.key]

    def put(self, student: Student, application: Application) -> None:
        """Take note of what became of an application."""
        self._applications[student.key] = application

    def being(self, *states: Application.State.ValueType) -> list[Student]:
        """Return those whose application is in one of these states."""
        return [
            each
            for each in self._narrator.students
            if each.key in self._applications and self.application(each).state in states
        ]

    def having(self, *fates: Fate) -> list[Student]:
        """Return the applicants with one of these fates."""
        return [each for each in self._narrator.having(*fates) if each.key in self._applications]

    async def move(
        self,
        persona: Persona,
        method: Method[T, Application],
        students: Sequence[Student],
        request: Callable[[Student], T],
        *,
        step: str,
    ) -> None:
        """Take one step for each of these students."""
        desk = self._narrator.desk
        answers = await together(
            desk.move(
                persona, method, self.application(each), request(each), step=f"{step} {each.key}"
            )
            for each in students
        )
        for student, answer in zip(students, answers, strict=True):
            self.put(student, answer)


def masked(students: Sequence[Student]) -> str:
    """Return the masked names of students."""
    return "、".join(each.masked_name for each in students)
