"""A file of each kind through a real Envoy to the real service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import grpc.aio
from guantong.enrollment.v1.import_service_pb2 import ListImportsRequest
from guantong.enrollment.v1.import_service_pb2_grpc import ImportServiceStub

from deploy.local.envoy import EnvoyServer
from deploy.local.ports import HOST, SERVICES, free_port
from gateway.envoy.bootstrap import render
from gateway.settings import GatewaySettings
from tests.enrollment import made
from tests.enrollment.edge.test_import_rows import RPCS, Kind, make_students, told
from tests.gateway.door import DESCRIPTORS
from tests.served import Served

WAIT_STEPS = 100


@asynccontextmanager
async def door_of(service: Served, folder: Path) -> AsyncIterator[Served]:
    """Put an Envoy before a service; return the service as it is called through it."""
    known = service.base.settings
    settings = GatewaySettings(
        port=free_port(),
        admin_port=free_port(),
        front=f"{HOST}:{free_port()}",
        services={each: [f"{HOST}:{service.port}"] for each in SERVICES},
        issuer=known.issuer,
        audience=known.audience,
        jwks=str(known.jwks),
        descriptor_set=DESCRIPTORS,
        access_log=str(folder / "access.log"),
    )
    with EnvoyServer(folder, render(settings), admin_port=settings.admin_port):
        async with grpc.aio.insecure_channel(f"{HOST}:{settings.port}") as channel:
            through = replace(service, channel=channel)
            await _wait_for(through)
            yield through


async def _wait_for(service: Served) -> None:
    """Wait until Envoy has found the service well: it looks once a second."""
    stub = ImportServiceStub(service.channel)
    for _ in range(WAIT_STEPS):
        try:
            await stub.ListImports(
                ListImportsRequest(), metadata=service.token(made.FRONT, "registrar")
            )
        except grpc.aio.AioRpcError as error:
            assert error.code() is grpc.StatusCode.UNAVAILABLE  # noqa: PT017 - not yet
            await asyncio.sleep(0.1)
        else:
            return
    raise AssertionError("no healthy upstream within 10 s")


async def test_a_file_of_each_kind_passes_the_door(
    fresh_enrollment: Served, tmp_path: Path
) -> None:
    world = await make_students(fresh_enrollment)
    async with door_of(fresh_enrollment, tmp_path / "door") as service:
        for rpc in RPCS:
            kind = Kind(replace(world, service=service), rpc)
            first, second = kind.rows()
            answers = await kind.send(kind.steps([first], [second, kind.wrong()]))
            assert [line.partition(" ")[2] for line in told(answers)][:2] == ["NEW", "NEW"]
            assert answers[-1].job.totals.error_rows == 1
            assert await kind.verdicts([first, second]) == []
