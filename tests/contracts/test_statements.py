"""Every statement of a command finds its rows by an index: none reads a whole table.

Commands run on generic plans (chassis/db.py), made without the values. A partial index then serves
only a statement that has the index's condition written out.
"""

import importlib
import json
import pkgutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from chassis.db import Statement
from chassis.migrations import upgrade

MakeDatabase = Callable[[str, Callable[[str], Awaitable[None]]], Awaitable[str]]
SERVICES = Path("services")


async def _plan(connection: asyncpg.Connection, name: str, statement: Statement) -> Any:
    await connection.execute(f"PREPARE {name} AS {statement.sql}")
    values = f"({', '.join(['NULL'] * len(statement.names))})" if statement.names else ""
    answer = await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE {name}{values}")
    return json.loads(answer)[0]["Plan"]


def _statements(service: str) -> Iterator[tuple[str, Statement]]:
    """Return the statements of a service's store by where they are."""
    store = importlib.import_module(f"services.{service}.store")
    for found in pkgutil.iter_modules(store.__path__):
        module = importlib.import_module(f"{store.__name__}.{found.name}")
        for name, value in vars(module).items():
            if isinstance(value, Statement):
                yield f"{found.name}.{name}", value
            elif isinstance(value, dict):
                for key, each in value.items():
                    if isinstance(each, Statement):
                        yield f"{found.name}.{name}[{key}]", each


def _whole_reads(node: dict[str, Any]) -> Iterator[str]:
    """Find the tables that a plan reads without a condition on an index."""
    is_scan = "Scan" in node["Node Type"] and "Relation Name" in node
    by_index = "Index Cond" in node or "TID Cond" in node or node["Node Type"] == "Bitmap Heap Scan"
    if is_scan and not by_index:
        yield f"{node['Node Type']} on {node['Relation Name']}"
    for each in node.get("Plans", ()):
        yield from _whole_reads(each)


@pytest.mark.parametrize("service", ["enrollment", "transfer", "assistance"])
async def test_no_statement_of_a_command_reads_a_whole_table(
    make_database: MakeDatabase, service: str
) -> None:
    dsn = await make_database(service, lambda dsn: upgrade(dsn, SERVICES / service / "migrations"))
    connection = await asyncpg.connect(dsn)
    reads = {}
    try:
        await connection.execute(
            "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan"
        )
        for number, (name, statement) in enumerate(_statements(service)):
            plan = await _plan(connection, f"s{number}", statement)
            if found := sorted(_whole_reads(plan)):
                reads[name] = found
    finally:
        await connection.close()
    assert reads == {}
