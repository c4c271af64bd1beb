"""Bare handlers: grpc.aio and asyncpg run the query of a read, and nothing else.

No token check, permission, validation, log of the call, key, or opened value: a handler takes the
id out of the request and the organisation out of the token, runs the product's own query on as
many rows, and answers with the bytes that the product answered with once. Reads that the product
logs (timelines) are logged here by the same statement, as durably.
"""

import base64
import json
import sys
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import grpc.aio
import uvloop
from guantong.enrollment.v1.cohort_service_pb2 import ListCohortMembersRequest
from guantong.enrollment.v1.person_service_pb2 import GetPersonRequest
from guantong.enrollment.v1.person_timeline_service_pb2 import ListPersonTimelineEntriesRequest

from bench.readings import LOOKUP, ROSTER_PAGE, TIMELINE, queries
from chassis import settings

Handler = Callable[[bytes, Any], Awaitable[bytes]]


class _Connection(asyncpg.Connection):
    """As the product's: nothing is reset between two uses."""

    def get_reset_query(self) -> str:
        return ""


@cache
def _organisation(token: str) -> str:
    """Return the organisation that a token is for; it is not checked."""
    claims = token.split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(claims + "=="))["org"])


def _scope(context: Any) -> str:
    return _organisation(dict(context.invocation_metadata())["authorization"])


def _id(name: str) -> UUID:
    return UUID(name.partition("/")[2])


def _handlers(pool: asyncpg.Pool, answers: dict[str, bytes]) -> dict[str, Handler]:
    statements = queries()

    async def get_person(raw: bytes, context: Any) -> bytes:
        person_id = _id(GetPersonRequest.FromString(raw).name)
        values = {"id": person_id, "scope": _scope(context), "limit": 2}
        await pool.fetch(statements[LOOKUP].sql, *statements[LOOKUP].arguments(values))
        return answers[LOOKUP]

    async def list_members(raw: bytes, context: Any) -> bytes:
        cohort_id = _id(ListCohortMembersRequest.FromString(raw).cohort)
        values = {"cohort_id": cohort_id, "scope": _scope(context), "limit": 51}
        await pool.fetch(statements[ROSTER_PAGE].sql, *statements[ROSTER_PAGE].arguments(values))
        return answers[ROSTER_PAGE]

    async def list_entries(raw: bytes, context: Any) -> bytes:
        person_id = _id(ListPersonTimelineEntriesRequest.FromString(raw).person)
        values = {"family": [person_id], "scope": _scope(context), "limit": 51}
        await pool.fetch(statements[TIMELINE].sql, *statements[TIMELINE].arguments(values))
        return answers[TIMELINE]

    return {LOOKUP: get_person, ROSTER_PAGE: list_members, TIMELINE: list_entries}


async def _serve(answers: dict[str, bytes]) -> None:
    loaded = settings.load()
    pool = await asyncpg.create_pool(
        loaded.database_dsn,
        min_size=loaded.database_pool_size,
        max_size=loaded.database_pool_size,
        connection_class=_Connection,
        max_inactive_connection_lifetime=0,
    )
    server = grpc.aio.server()
    for method, handler in _handlers(pool, answers).items():
        _, service, name = method.split("/")
        handlers: Any = {name: grpc.unary_unary_rpc_method_handler(handler)}
        server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(service, handlers)])
    server.add_insecure_port(f"{loaded.host}:{loaded.port}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    recorded = json.loads(Path(sys.argv[1]).read_text(encoding="ascii"))
    uvloop.run(_serve({name: bytes.fromhex(answer) for name, answer in recorded.items()}))
