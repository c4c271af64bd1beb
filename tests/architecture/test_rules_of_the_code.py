"""House rules that an outage or a leak would follow from, each checked in every file.

A named exception has its reason beside it; one that is not needed any more fails too.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import ALL, PRODUCTION, ROOT, calls, place, python_files, tree

FUNCTION_LINES_MAX = 60
FILE_LINES_MAX = 400
# Tables of cases are long.
TEST_FILE_LINES_MAX = 500

# Where a transaction begins or ends.
TRANSACTIONS = {
    "chassis/db.py": "the only commit of the code",
    "chassis/migrations.py": "Alembic's own transactions, on tables and not on records",
}
# Where real time is read; everybody else is given business time by the injected clock.
REAL_TIME = {
    "chassis/clock.py": "the clock of a suite without a demonstration",
    "chassis/dead_letters.py": "when an operator settled a dead letter; no rule reads it",
    "chassis/interceptors.py": "tokens live in real time",
    "chassis/logs.py": "a line says when it was written",
    "chassis/relay.py": "the lag of publishing is measured in real time",
    "deploy/local/issuer.py": "tokens live in real time",
}
# Where a call is ended with a status.
ABORTS = {"chassis/interceptors.py": "the one place where an error becomes a status"}

_ENDS_OF_TRANSACTIONS = {"commit", "rollback", "transaction", "begin", "begin_transaction"}
_SQL = re.compile(r"(?i)\s*(begin|commit|rollback|start transaction|savepoint \w+)\s*;?\s*")
_READS_REAL_TIME = {"now", "utcnow", "today", "fromtimestamp", "utcfromtimestamp"}


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _transactions(path: Path) -> Iterator[ast.AST]:
    for name, called in calls(path):
        if "." in name and _last(name) in _ENDS_OF_TRANSACTIONS:
            yield called
    for node in ast.walk(tree(path)):
        value = node.value if isinstance(node, ast.Constant) else None
        if isinstance(value, str) and _SQL.fullmatch(value):
            yield node


def _aborts(path: Path) -> Iterator[ast.AST]:
    return (node for name, node in calls(path) if _last(name) in {"abort", "abort_with_status"})


def _real_time(path: Path) -> Iterator[ast.AST]:
    for name, node in calls(path):
        is_date = name.split(".")[-2:-1] in (["datetime"], ["date"])
        if (is_date and _last(name) in _READS_REAL_TIME) or name == "time.time":
            yield node


@pytest.mark.parametrize(
    ("finds", "allowed"),
    [(_transactions, TRANSACTIONS), (_aborts, ABORTS), (_real_time, REAL_TIME)],
    ids=["transactions", "aborts", "real time"],
)
def test_it_happens_in_the_named_places_only(finds: object, allowed: dict[str, str]) -> None:
    assert callable(finds)
    found = {
        place(path): [place(path, node) for node in finds(path)]
        for path in python_files(*PRODUCTION)
    }
    found = {name: nodes for name, nodes in found.items() if nodes}
    strays = [node for name, nodes in found.items() if name not in allowed for node in nodes]
    assert not strays, f"not in {sorted(allowed)}: {strays}"
    assert set(allowed) <= set(found), "an exception that is not needed"


def test_no_instant_is_without_a_time_zone() -> None:
    naive = [
        place(path, node)
        for path in python_files(*ALL)
        for name, node in calls(path)
        if _is_naive(name, node)
    ]
    assert naive == []


def _is_naive(name: str, node: ast.Call) -> bool:
    if name.endswith((".utcnow", "date.today", ".utcfromtimestamp")) or name == "datetime.today":
        return True
    if name.endswith("datetime.now"):
        return not node.args and not node.keywords
    if name.endswith("datetime.fromtimestamp"):
        return len(node.args) + len(node.keywords) < 2
    if name in {"datetime", "datetime.datetime"}:
        has_zone = len(node.args) >= 8 or any(each.arg == "tzinfo" for each in node.keywords)
        return not has_zone and not any(each.arg is None for each in node.keywords)
    return False


def test_functions_are_short() -> None:
    long = {
        place(path, node): _length(node)
        for path in python_files(*ALL)
        if "migrations" not in path.parts and path.name != "first_migration.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and _length(node) > FUNCTION_LINES_MAX
    }
    assert long == {}


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_files_are_short() -> None:
    long = {}
    for path in python_files(*ALL):
        count = len(path.read_text(encoding="utf-8").splitlines())
        is_test = path.is_relative_to(ROOT / "tests")
        limit = TEST_FILE_LINES_MAX if is_test else FILE_LINES_MAX
        if count > limit and "migrations" not in path.parts:
            long[place(path)] = count
    assert long == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        place(path)
        for path in python_files(*ALL)
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(tree(path))
    ]
    assert silent == []
