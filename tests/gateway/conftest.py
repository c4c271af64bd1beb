"""One door a worker; tests that change it open their own."""

from collections.abc import AsyncIterator

import pytest

from tests.gateway.door import TestDoor, open_door


@pytest.fixture(scope="session")
async def door(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TestDoor]:
    async with open_door(tmp_path_factory.mktemp("door")) as opened:
        yield opened
