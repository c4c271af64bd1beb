"""The main job on the real suite: servers, services and the door, driven by the personas."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from deploy.local.ports import free_ports
from deploy.local.reach import remove
from deploy.local.stack import LocalStack
from deploy.story.case import load
from deploy.story.copies import read_books
from deploy.story.founding import REPEATED
from deploy.story.main import run_story
from deploy.story.students import Fate, Student, make_students

BY_STATE = {
    "FRONT_REJECTED": 1,
    "BACK_REJECTED": 1,
    "ASSESSED_NOT_MET": 1,
    "NOT_PROPOSED": 1,
    "DISQUALIFIED": 1,
    "NOT_ADMITTED": 1,
    "RETAINED": 1,
    "FORFEITED": 1,
    "REGISTERED": 27,
    "DIVERTED": 5,
}


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncIterator[LocalStack]:
    async with LocalStack(tmp_path / "stack", ports=free_ports(), report=lambda _: None) as started:
        yield started
    remove(tmp_path / "stack" / "postgres")


def _cohort() -> list[Student]:
    case = load()
    return make_students(class_names=case.pathway.class_names, components=case.scheme.components)


async def test_a_cohort_travels_from_pathway_to_registration_and_a_repeat_changes_nothing(
    stack: LocalStack,
) -> None:
    told: list[str] = []
    first = await run_story(stack.door, told.append)
    assert first.by_state == BY_STATE
    assert (first.applications, first.registered, first.not_registered) == (40, 27, 13)
    assert first.dead_letters == 0
    assert first.copies_equal

    told_again: list[str] = []
    second = await run_story(stack.door, told_again.append)
    assert replace(second, seconds=first.seconds) == first
    assert [line for line in told_again if line != REPEATED] == told
    assert REPEATED in told_again

    falsified = await _falsify_a_copy(stack)
    differences = (await read_books(stack.door)).differences
    assert differences == [f"transfer: organisations/{falsified}"]

    text = "\n".join(told)
    for student in _cohort():
        assert student.id_number not in text
        assert student.display_name not in text


async def _falsify_a_copy(stack: LocalStack) -> str:
    connection = await asyncpg.connect(stack.door.dsns["transfer"])
    name: str = await connection.fetchval(
        "UPDATE copy_organisation SET sha256 = sha256('') WHERE id = 'szai' RETURNING id"
    )
    await connection.close()
    return name


async def test_one_student_travels_from_pathway_to_registration(stack: LocalStack) -> None:
    student = next(each for each in _cohort() if each.fate is Fate.ORDINARY)
    result = await run_story(stack.door, lambda _: None, students=[student])
    assert result.by_state == {"REGISTERED": 1}
    assert result.dead_letters == 0
    assert result.copies_equal
