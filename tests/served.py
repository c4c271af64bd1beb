"""A service served in this process: the real interceptors and databases, without a bus.

Tests of the edge call it over gRPC as any caller does.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc.aio
from google.protobuf.descriptor import FileDescriptor
from google.rpc import error_details_pb2, status_pb2

from chassis.clock import FileClock
from chassis.foundation import Foundation, founded, key_store
from chassis.keys import KeyStore
from chassis.rpc import Register, serving
from chassis.settings import Settings
from deploy.local.issuer import AUDIENCE, ISSUER, Issuer
from deploy.local.secrets import make_secrets

START = datetime(2023, 3, 1, 4, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Served:
    """A running service: how to call it, and what stands behind it."""

    channel: grpc.aio.Channel
    port: int
    base: Foundation
    keys: KeyStore
    clock: FileClock
    issuer: Issuer

    def token(self, organisation: str, *roles: str, subject: str = "") -> tuple[tuple[str, str]]:
        """Return the metadata of a caller of an organisation in these roles."""
        subject = subject or f"{organisation}-{'-'.join(roles)}"
        claims = {"sub": subject, "org": organisation, "roles": list(roles)}
        return (("authorization", f"Bearer {self.issuer.sign(claims, lifetime_s=3600)}"),)

    async def rows(self, table: str) -> list[dict[str, Any]]:
        """Return all rows of a table, to see that a refused call changed nothing."""
        async with self.base.database.connection() as connection:
            return [dict(row) for row in await connection.fetch(f'SELECT * FROM "{table}"')]  # noqa: S608


@asynccontextmanager
async def served(
    *,
    service: str,
    database_dsn: str,
    keystore_dsn: str,
    folder: Path,
    contract: Sequence[FileDescriptor],
    servicers: Callable[[Foundation, KeyStore], Register],
    grants_file: Path = Path("deploy/policy/grants.csv"),
    start: datetime = START,
) -> AsyncIterator[Served]:
    """Serve a service's own servicers on a free port until the block ends.

    Services of one folder have their secrets and the clock in common.
    """
    secrets = make_secrets(folder)
    clock = FileClock(folder / "clock")
    if not (folder / "clock").exists():
        clock.advance(start)
    settings = Settings.model_validate(
        {
            "service": service,
            "region": "test",
            "database_dsn": database_dsn,
            "keystore_dsn": keystore_dsn,
            "master_key_file": secrets.master_key,
            "index_key_file": secrets.index_key,
            "signing_key_file": secrets.credential_key,
            "feed_secret_file": secrets.feed_secret,
            "request_key_file": secrets.request_key,
            "port": 0,
            "issuer": ISSUER,
            "audience": AUDIENCE,
            "jwks": str(secrets.jwks),
            "grants_file": grants_file,
            "clock_file": folder / "clock",
            "drain_s": 0,
        }
    )
    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(founded(settings, contract))
        keys = await stack.enter_async_context(key_store(settings))
        register = servicers(base, keys)
        port = await stack.enter_async_context(serving(base, contract, register))
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(f"127.0.0.1:{port}"))
        yield Served(
            channel=channel, port=port, base=base, keys=keys, clock=clock, issuer=Issuer(secrets)
        )


def details_of(error: grpc.aio.AioRpcError) -> dict[str, Any]:
    """Return what a refused call says: reason, domain, metadata, fields, and all texts."""
    metadata = dict(error.trailing_metadata() or ())
    status = status_pb2.Status.FromString(metadata["grpc-status-details-bin"])
    found: dict[str, Any] = {"fields": {}, "field_texts": {}, "texts": {}}
    for detail in status.details:
        info = error_details_pb2.ErrorInfo()
        request = error_details_pb2.BadRequest()
        text = error_details_pb2.LocalizedMessage()
        if detail.Unpack(info):
            found |= {"reason": info.reason, "domain": info.domain, "metadata": dict(info.metadata)}
        elif detail.Unpack(request):
            found["fields"] = {each.field: each.reason for each in request.field_violations}
            found["field_texts"] = {
                each.field: (each.localized_message.message, each.description)
                for each in request.field_violations
            }
        elif detail.Unpack(text):
            found["texts"][text.locale] = text.message
    return found
