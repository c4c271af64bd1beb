"""Bare handlers: grpc.aio and asyncpg run the query of a read, and nothing else.

No token check, permission, validation, log of the call, unwrapped key or opened value: a handler
takes the id out of the request and the organisation out of the token, fetches the same rows from
both databases by the product's own statements, and answers with the bytes that the product
answered with once. An access that the product logs (timelines) is logged here too, as durably.
"""

import base64
import json
import sys
from datetime import UTC, datetime
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

from bench.readings import KEYS, LOG, LOOKUP, PAGE_ROWS, ROSTER_PAGE, TIMELINE, queries
from chassis import settings
from chassis.ids import new_id


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


class _Bare:
    """The handlers, on the databases of enrollment and of the keys."""

    def __init__(
        self, pool: asyncpg.Pool, keystore: asyncpg.Pool, answers: dict[str, bytes]
    ) -> None:
        self._pool = pool
        self._keystore = keystore
        self._answers = answers
        self._statements = queries()

    async def get_person(self, raw: bytes, context: Any) -> bytes:
        person_id = _id(GetPersonRequest.FromString(raw).name)
        await self._fetch(LOOKUP, id=person_id, scope=_scope(context), limit=2)
        await self._fetch(KEYS, subject_ids=[person_id])
        return self._answers[LOOKUP]

    async def list_members(self, raw: bytes, context: Any) -> bytes:
        cohort_id = _id(ListCohortMembersRequest.FromString(raw).cohort)
        limit = PAGE_ROWS + 1
        rows = await self._fetch(
            ROSTER_PAGE, cohort_id=cohort_id, scope=_scope(context), limit=limit
        )
        await self._fetch(KEYS, subject_ids=[row["person_id"] for row in rows])
        return self._answers[ROSTER_PAGE]

    async def list_entries(self, raw: bytes, context: Any) -> bytes:
        request = ListPersonTimelineEntriesRequest.FromString(raw)
        person_id, scope = _id(request.person), _scope(context)
        await self._fetch(
            LOG,
            id=new_id(),
            person_id=person_id,
            action="READ_TIMELINE",
            actor="bare",
            organisation=scope,
            reason=request.reason,
            access_time=datetime.now(UTC),
            scope=scope,
        )
        await self._fetch(TIMELINE, person_id=person_id, scope=scope, limit=PAGE_ROWS + 1)
        return self._answers[TIMELINE]

    async def _fetch(self, name: str, **values: Any) -> list[Any]:
        pool = self._keystore if name == KEYS else self._pool
        statement = self._statements[name]
        rows: list[Any] = await pool.fetch(statement.sql, *statement.arguments(values))
        return rows


async def _serve(answers: dict[str, bytes]) -> None:
    loaded = settings.load()
    pool, keystore = [
        await asyncpg.create_pool(
            dsn,
            min_size=loaded.database_pool_size,
            max_size=loaded.database_pool_size,
            connection_class=_Connection,
            max_inactive_connection_lifetime=0,
        )
        for dsn in (loaded.database_dsn, settings.required(loaded.keystore_dsn, "keystore_dsn"))
    ]
    bare = _Bare(pool, keystore, answers)
    server = grpc.aio.server()
    for method, handler in (
        (LOOKUP, bare.get_person),
        (ROSTER_PAGE, bare.list_members),
        (TIMELINE, bare.list_entries),
    ):
        _, service, name = method.split("/")
        handlers: Any = {name: grpc.unary_unary_rpc_method_handler(handler)}
        server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(service, handlers)])
    server.add_insecure_port(f"{loaded.host}:{loaded.port}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    recorded = json.loads(Path(sys.argv[1]).read_text(encoding="ascii"))
    uvloop.run(_serve({name: bytes.fromhex(answer) for name, answer in recorded.items()}))
