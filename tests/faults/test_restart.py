"""Restart in any order: each process is killed in the middle of the main job and comes back.

The caller repeats what was not answered with the same request_id; the job ends as it always does.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.ports import free_ports
from deploy.local.reach import remove
from deploy.local.stack import LocalStack
from deploy.story.main import run_story

# While the steps run that follow the line with these words.
DEATHS = {
    "enrollment": "书面请假",  # arrivals, and the registrations that follow
    "transfer": "登记录取批准文号",  # admissions
    "assistance": "书面请假",  # registrations that are counted
    "nats": "书面请假",  # events of both services
    "postgres": "提交转段申请",  # confirmations
    "gateway": "书面撤回申请",  # qualifications
}
INTO_THE_STEP_S = 0.15


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncIterator[LocalStack]:
    async with LocalStack(tmp_path / "stack", ports=free_ports(), report=lambda _: None) as started:
        yield started
    remove(tmp_path / "stack" / "postgres")


@pytest.mark.parametrize("name", DEATHS)
async def test_the_main_job_ends_the_same_when_a_process_is_killed(
    stack: LocalStack, name: str
) -> None:
    killed: list[str] = []

    def kill() -> None:
        stack.kill(name)
        killed.append(name)

    def out(line: str) -> None:
        if DEATHS[name] in line:
            asyncio.get_running_loop().call_later(INTO_THE_STEP_S, kill)

    result = await run_story(stack.door, out)
    await stack.wait_back(name)
    assert killed == [name]
    assert (result.applications, result.registered, result.not_registered) == (40, 27, 13)
    assert result.dead_letters == 0
    assert result.copies_equal
