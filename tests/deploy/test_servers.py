"""The parts of the local stack, each alone: they start quickly, answer, and leave nothing."""

import json
import urllib.request
from pathlib import Path

import asyncpg
import psutil
import pytest

from deploy.local.nats import NatsServer
from deploy.local.postgres import PostgresServer
from deploy.local.reach import remove
from tests.conftest import MakeDatabase


async def _create_a_table(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("CREATE TABLE number (value int)")
    await connection.close()


async def test_a_database_is_a_fresh_copy_of_its_migrated_template(
    make_database: MakeDatabase,
) -> None:
    first, second = [await make_database("numbers", _create_a_table) for _ in range(2)]
    one, two = await asyncpg.connect(first), await asyncpg.connect(second)
    await one.execute("INSERT INTO number VALUES (1)")
    assert await two.fetchval("SELECT count(*) FROM number") == 0
    assert await one.fetchval("SELECT count(*) FROM number") == 1
    await one.close()
    await two.close()


async def test_a_durable_cluster_keeps_its_data_over_sigkill(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    try:
        with PostgresServer(folder) as server:
            await _create_a_table(server.dsn("postgres"))
            server.process.kill()
        with PostgresServer(folder) as server:
            connection = await asyncpg.connect(server.dsn("postgres"))
            assert await connection.fetchval("SELECT count(*) FROM number") == 0
            assert await connection.fetchval("SHOW fsync") == "on"
            assert await connection.fetchval("SHOW synchronous_commit") == "on"
            await connection.close()
    finally:
        remove(folder)


async def test_postgresql_logs_errors_without_the_values_of_rows(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    try:
        with PostgresServer(folder, durable=False) as server:
            connection = await asyncpg.connect(server.dsn("postgres"))
            await connection.execute("CREATE TABLE person (name text CHECK (name <> 'Zhang San'))")
            with pytest.raises(asyncpg.CheckViolationError):
                await connection.execute("INSERT INTO person VALUES ($1)", "Zhang San")
            await connection.close()
            log = (folder / "postgres.log").read_text()
    finally:
        remove(folder)
    _, _, complaint = log.partition("violates check constraint")
    assert complaint
    assert "Zhang San" not in complaint


def test_nats_acknowledges_only_what_is_on_the_disk(nats_server: NatsServer) -> None:
    with urllib.request.urlopen(f"{nats_server.monitor_url}/jsz") as answer:
        jetstream = json.load(answer)
    assert jetstream["config"]["sync_always"] is True


def test_a_stopped_server_leaves_no_process(tmp_path: Path) -> None:
    with NatsServer(tmp_path) as server:
        pid = server.process.pid
        assert pid is not None
        assert psutil.pid_exists(pid)
    assert not psutil.pid_exists(pid)
