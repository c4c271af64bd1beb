"""Rounds of work by one process at a time, which outlive their failures."""

import asyncio

import pytest
from prometheus_client import REGISTRY

from chassis.sweeping import Sweep, Swept
from chassis.tasks import end
from tests.chassis.conftest import Suite, until


def total(name: str) -> float:
    labels = {"service": "test", "sweep": "work"}
    return REGISTRY.get_sample_value(f"guantong_sweep_{name}_total", labels) or 0.0


async def test_one_of_two_processes_sweeps_and_the_other_takes_over(suite: Suite) -> None:
    swept_by: list[str] = []

    async def work(name: str) -> Swept:
        swept_by.append(name)
        return Swept()

    async with suite.database() as one, suite.reopen(suite.dsns[one]) as two:
        first = asyncio.create_task(
            Sweep(one, lambda: work("first"), service="test", name="work", every_s=0.01).run()
        )
        await until(lambda: len(swept_by) > 2)
        second = asyncio.create_task(
            Sweep(two, lambda: work("second"), service="test", name="work", every_s=0.01).run()
        )
        await asyncio.sleep(0.4)
        assert set(swept_by) == {"first"}
        await end(first)
        await until(lambda: swept_by[-1] == "second")
        await end(second)


@pytest.mark.parametrize("error", [LookupError("a defect"), ConnectionError("away")])
async def test_a_round_that_fails_is_counted_and_followed_by_another(
    suite: Suite, error: Exception
) -> None:
    rounds = 0

    async def work() -> Swept:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise error
        return Swept(done=2, refused=1)

    before = {name: total(name) for name in ("done", "refused", "failed")}
    async with suite.database() as database:
        running = asyncio.create_task(
            Sweep(database, work, service="test", name="work", every_s=0.01).run()
        )
        await until(lambda: rounds > 2)
        await end(running)
    assert total("failed") == before["failed"] + 1
    assert total("done") >= before["done"] + 2
    assert total("refused") >= before["refused"] + 1


async def test_a_round_that_left_work_is_followed_at_once(suite: Suite) -> None:
    rounds = 0

    async def work() -> Swept:
        nonlocal rounds
        rounds += 1
        return Swept(done=1, has_more=rounds < 5)

    async with suite.database() as database:
        running = asyncio.create_task(
            Sweep(database, work, service="test", name="work", every_s=60).run()
        )
        await until(lambda: rounds == 5)
        await end(running)
