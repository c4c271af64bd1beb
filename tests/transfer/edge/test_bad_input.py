"""Bad input to every RPC: the right code, reason and field, in both languages; nothing changes."""

import re

import grpc.aio
import pytest

from tests.transfer.edge.bad_input import CASES, Case
from tests.transfer.edge.world import World

Code = grpc.StatusCode
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_bad_input_is_refused(world: World, case: Case) -> None:
    request = world.request(case.rpc, **{case.field: case.value})
    code, details = await world.refused(case.rpc, request)
    assert (code.name, details["reason"]) == (case.code, case.reason)
    assert details["fields"] == case.named
    for zh, en in [
        (details["texts"]["zh-CN"], details["texts"]["en"]),
        *details["field_texts"].values(),
    ]:
        assert _CHINESE.search(zh)
        assert en.isascii()
        assert "{" not in re.sub(r"\^.*\$", "", zh), "a template that was not filled"
