"""Restart in any order: each process is killed in the middle of the main job and comes back.

The caller repeats what was not answered with the same request_id; the job ends as it does when
nothing happens to it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local.ports import free_ports
from deploy.local.reach import remove
from deploy.local.stack import LocalStack
from deploy.story.ending import StoryResult
from deploy.story.main import run_story

# While the steps run that follow the line with these words.
DEATHS = {
    "enrollment": "书面请假",  # arrivals, and the registrations that follow
    "transfer": "登记录取批准文号",  # admissions
    "assistance": "书面请假",  # registrations that are counted
    "nats": "书面请假",  # events of both services
    "postgres": "提交转段申请",  # confirmations
    "gateway": "书面撤回申请",  # qualifications
    "front": "书面请假",  # who is ready is asked of it, and nothing of the job
}
INTO_THE_STEP_S = 0.15


@asynccontextmanager
async def _fresh_stack(folder: Path) -> AsyncIterator[LocalStack]:
    try:
        async with LocalStack(folder, ports=free_ports(), report=lambda _: None) as stack:
            yield stack
    finally:
        remove(folder / "postgres")


@pytest.fixture(scope="module")
async def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> StoryResult:
    async with _fresh_stack(tmp_path_factory.mktemp("undisturbed")) as stack:
        return await run_story(stack.door, lambda _: None)


@pytest.mark.parametrize("name", DEATHS)
async def test_the_main_job_ends_the_same_when_a_process_is_killed(
    undisturbed: StoryResult, tmp_path: Path, name: str
) -> None:
    killed: list[str] = []

    async with _fresh_stack(tmp_path / "stack") as stack:

        def kill() -> None:
            stack.kill(name)
            killed.append(name)

        def out(line: str) -> None:
            if DEATHS[name] in line:
                asyncio.get_running_loop().call_later(INTO_THE_STEP_S, kill)

        result = await run_story(stack.door, out)
        await stack.wait_back(name)

    assert killed == [name]
    assert replace(result, seconds=undisturbed.seconds) == undisturbed
    assert result.dead_letters == 0
    assert result.copies_equal


async def test_the_main_job_ends_the_same_when_its_caller_is_stopped_and_begins_again(
    undisturbed: StoryResult, tmp_path: Path
) -> None:
    async with _fresh_stack(tmp_path / "stack") as stack:

        def out(line: str) -> None:
            if DEATHS["transfer"] in line:
                asyncio.get_running_loop().call_later(INTO_THE_STEP_S, task.cancel)

        task = asyncio.create_task(run_story(stack.door, out))
        with pytest.raises(asyncio.CancelledError):
            await task
        result = await run_story(stack.door, lambda _: None)

    assert replace(result, seconds=undisturbed.seconds) == undisturbed
