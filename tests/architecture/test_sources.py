"""What a rule cites as its source is explained in docs/sources.md, and nothing else is."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import yaml

from tests.architecture.sources import ROOT, SERVICES, place, python_files, tree

# Short words in capitals: a code is one of them, with two digits or another ending at most.
_WORD = re.compile(r"(?<![\w/-])(?:JY/T|[A-Z]{2,4}(?:\d{2})?|[A-Z]\d|[A-Z]{2}(?:jn|x))(?![\w-])")
_ROW = re.compile(r"^\| ([A-Z]\S*) \|", re.MULTILINE)
_SECTION = re.compile(r"\bdomain(?:\.md)? \d|\btrap \d")
# What is written in capitals and cites nothing.
_NO_SOURCE = {"CLR", "HTTP", "ID", "JSON", "NFC", "NULL", "SAR", "SQL", "URL", "USCC", "UUID"}
_POLICIES = ROOT / "services" / "enrollment" / "domain" / "policies.yaml"


def explained() -> set[str]:
    return set(_ROW.findall((ROOT / "docs" / "sources.md").read_text(encoding="utf-8")))


def domain_files() -> tuple[Path, ...]:
    return python_files(*(f"services/{service}/domain" for service in SERVICES))


def texts(path: Path) -> Iterator[str]:
    """Yield the docstrings and comments of a file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""
    lines = io.StringIO(path.read_text(encoding="utf-8")).readline
    for token in tokenize.generate_tokens(lines):
        if token.type == tokenize.COMMENT:
            yield token.string


def cited(text: str) -> set[str]:
    return set(_WORD.findall(text)) - _NO_SOURCE


def cited_by_policies() -> dict[str, set[str]]:
    policies = yaml.safe_load(_POLICIES.read_text(encoding="utf-8"))
    return {
        f"{name} from {row['valid_from']}": cited(row["source"])
        for name, rows in policies.items()
        for row in rows
    }


def test_every_source_that_a_rule_cites_is_explained() -> None:
    known = explained()
    unknown = {
        place(path): sorted(codes)
        for path in domain_files()
        if (codes := {code for text in texts(path) for code in cited(text)} - known)
    }
    assert unknown == {}


def test_every_policy_cites_a_source_that_is_explained() -> None:
    known = explained()
    assert [row for row, codes in cited_by_policies().items() if not codes & known] == []
    assert {row: codes - known for row, codes in cited_by_policies().items() if codes - known} == {}


def test_every_explained_source_is_cited() -> None:
    codes = {code for path in domain_files() for text in texts(path) for code in cited(text)}
    assert explained() - codes - set().union(*cited_by_policies().values()) == set()


def test_no_rule_cites_a_section_of_a_document_that_is_not_here() -> None:
    assert [place(path) for path in domain_files() if any(map(_SECTION.search, texts(path)))] == []
