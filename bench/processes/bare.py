"""A bare handler: grpc.aio and asyncpg run the statements of SubmitApplication, and nothing else.

No token, permission, validation, idempotency check, domain or log: the statements were recorded
from the product's own command, and their values are replaced by those of the application that is
asked for. The answer has the size of the product's.
"""

import sys
from typing import Any
from uuid import UUID

import asyncpg
import grpc.aio
import uvloop
from guantong.transfer.v1.application_pb2 import Application
from guantong.transfer.v1.application_service_pb2 import SubmitApplicationRequest
from guantong.transfer.v1.application_service_pb2_grpc import (
    ApplicationServiceServicer,
    add_ApplicationServiceServicer_to_server,
)

from bench.recording import Recording, record
from chassis import settings
from chassis.db import BEGIN
from chassis.ids import new_id


class _Connection(asyncpg.Connection):
    """As the product's: nothing is reset between two uses."""

    def get_reset_query(self) -> str:
        return ""


class _Bare(ApplicationServiceServicer):
    def __init__(self, pool: asyncpg.Pool, recording: Recording) -> None:
        self._pool = pool
        self._answer = Application.FromString(recording.answer)
        self._known = recording.known
        self._statements = [
            (each.sql, each.arguments, recording.varying(each)) for each in recording.statements
        ]

    async def SubmitApplication(  # noqa: N802 - gRPC's name
        self,
        request: SubmitApplicationRequest,
        context: Any,  # noqa: ARG002
    ) -> Application:
        application_id = UUID(request.name.partition("/")[2])
        known = self._known
        values: dict[Any, Any] = {
            known["id"]: application_id,
            known["name"]: request.name,
            known["request_id"]: UUID(request.request_id),
            known["event_id"]: new_id(),
        }
        async with self._pool.acquire() as connection:
            await connection.execute(BEGIN)
            for sql, constant, varying in self._statements:
                arguments = list(constant)
                for index, value, is_array in varying:
                    arguments[index] = [values[value]] if is_array else values[value]
                rows = await connection.fetch(sql, *arguments)
                if rows and "member_id" in rows[0]:
                    for column in ("batch_id", "project_id", "member_id", "person_id"):
                        values[known[column]] = rows[0][column]
            await connection.execute("COMMIT")
        return self._answer


async def _serve(sacrificed: UUID) -> None:
    loaded = settings.load()
    recording = await record(loaded, sacrificed)
    pool = await asyncpg.create_pool(
        loaded.database_dsn,
        min_size=loaded.database_pool_size,
        max_size=loaded.database_pool_size,
        connection_class=_Connection,
        max_inactive_connection_lifetime=0,
    )
    server = grpc.aio.server()
    # The other methods are not called.
    bare = _Bare(pool, recording)  # type: ignore[abstract]
    add_ApplicationServiceServicer_to_server(bare, server)
    server.add_insecure_port(f"{loaded.host}:{loaded.port}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    uvloop.run(_serve(UUID(sys.argv[1])))
