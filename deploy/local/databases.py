"""The databases of a suite in one cluster: a role and a database each, and their migrations.

A role reaches its own database only, so that no service reads another's tables.
"""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import asyncpg

from chassis import keystore
from chassis.migrations import upgrade
from deploy.local.ports import SERVICES
from deploy.local.postgres import PostgresServer
from deploy.local.process import ProcessFailed
from deploy.local.secrets import Secrets

KEYSTORE = "keystore"
DATABASES = (*SERVICES, KEYSTORE)


def dsns(server: PostgresServer, secrets: Secrets) -> dict[str, str]:
    """Return the address of each database for its own role."""
    return {
        name: server.dsn(name, user=name, password=secrets.database_password(name))
        for name in DATABASES
    }


async def create(server: PostgresServer, secrets: Secrets) -> None:
    """Create the roles and databases that are missing; may be repeated."""
    connection = await asyncpg.connect(server.dsn("postgres"))
    try:
        roles = {each["rolname"] for each in await connection.fetch("SELECT rolname FROM pg_roles")}
        names = await connection.fetch("SELECT datname FROM pg_database")
        databases = {each["datname"] for each in names}
        for name in DATABASES:
            if name not in roles:
                # Hexadecimal, so nothing in it needs quoting.
                password = secrets.database_password(name)
                await connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
            if name not in databases:
                await connection.execute(f"CREATE DATABASE {name} OWNER {name}")
                await connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    finally:
        await connection.close()


async def migrate_keystore(dsn: str) -> None:
    """Bring the key store, which belongs to the chassis, to its newest version."""
    await upgrade(dsn, Path(keystore.__file__).parent / "migrations")


async def migrate_service(
    service: str, command: Sequence[str], environment: Mapping[str, str], logs: Path
) -> None:
    """Run a service's own `migrate`; raises ProcessFailed with what it printed."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env=dict(environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    logs.mkdir(parents=True, exist_ok=True)
    (logs / f"migrate-{service}.log").write_bytes(output)
    if process.returncode:
        text = output.decode(errors="replace")
        raise ProcessFailed(f"The migration of {service} failed:\n{text}")
