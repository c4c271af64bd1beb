"""The repository's own source files, as the architecture tests read them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("assistance", "enrollment", "transfer")
# What runs; tests and benchmarks may do what production may not.
PRODUCTION = ("chassis", "services", "gateway", "deploy", "client")
ALL = (*PRODUCTION, "tests", "bench", "proto")
_NOT_OURS = {".venv", "node_modules", ".guantong", ".deps", "gen", "__pycache__"}


@cache
def python_files(*folders: str) -> tuple[Path, ...]:
    """Return the Python files of folders, without what is generated or installed."""
    return tuple(
        sorted(
            path
            for folder in folders
            for path in (ROOT / folder).rglob("*.py")
            if _NOT_OURS.isdisjoint(path.relative_to(ROOT).parts)
        )
    )


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def place(path: Path, node: ast.AST | None = None) -> str:
    """Return where something stands, as an editor opens it."""
    name = path.relative_to(ROOT).as_posix()
    return f"{name}:{node.lineno}" if node is not None and hasattr(node, "lineno") else name


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Yield the calls in a file with what is called, written out: `datetime.now`, `tx.commit`."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node
