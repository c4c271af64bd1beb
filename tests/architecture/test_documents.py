"""What the documents point at is there: files, targets of make, modules and commands."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

# Whoever opens the repository reads these first.
FIRST = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md")
DOCUMENTS = sorted(
    path
    for path in (*(ROOT / name for name in FIRST), *ROOT.glob("docs/**/*.md"))
    if path.is_file()
)
_CODE = re.compile(r"`([^`\n]+)`")
_FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
_PATH = re.compile(r"(?:[\w.-]+/)+[\w.*-]*|[\w-]+\.(?:md|py|toml|yaml|csv|lock|proto|json|in|txt)")
_MAKE = re.compile(r"\bmake ([a-z][a-z-]*)")
_MODULE = re.compile(r"\bpython3? -m ([\w.]+)")
_TARGETS = set(
    re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
)
# The first folders of the repository: what begins otherwise is a URL, a name or a package.
_FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir()} | {".guantong", ".venv"}
# Made by `make setup` and `make run`: not there in a fresh clone.
_MADE = (".guantong", ".venv", "node_modules", "proto/.deps")


def pieces(text: str) -> list[str]:
    """Return what a document shows as code: in backticks, and in fenced blocks by line."""
    fenced = [line for block in _FENCE.findall(text) for line in block.splitlines()]
    return [*_CODE.findall(_FENCE.sub("", text)), *fenced]


def is_there(name: str, beside: Path) -> bool:
    """Whether a path exists, from the root, from a service, or from the document's own folder."""
    if name.startswith(_MADE):
        return True
    places = (ROOT, ROOT / "services" / "transfer", beside)
    return any(any(place.glob(name.rstrip("/"))) for place in places)


@pytest.mark.parametrize("name", FIRST)
def test_the_documents_that_one_reads_first_are_there(name: str) -> None:
    assert (ROOT / name).is_file()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
class TestDocument:
    def test_its_paths_exist(self, document: Path) -> None:
        text = document.read_text(encoding="utf-8")
        named = [piece for piece in pieces(text) if _PATH.fullmatch(piece)]
        named = [each for each in named if "/" not in each or each.split("/")[0] in _FOLDERS]
        assert [each for each in named if not is_there(each, document.parent)] == []

    def test_its_links_lead_somewhere(self, document: Path) -> None:
        links = _LINK.findall(document.read_text(encoding="utf-8"))
        assert [each for each in links if not (document.parent / each).exists()] == []

    def test_its_targets_of_make_exist(self, document: Path) -> None:
        text = document.read_text(encoding="utf-8")
        targets = {target for piece in pieces(text) for target in _MAKE.findall(piece)}
        assert targets - _TARGETS == set()

    def test_its_modules_can_be_run(self, document: Path) -> None:
        text = document.read_text(encoding="utf-8")
        modules = {module for piece in pieces(text) for module in _MODULE.findall(piece)}
        missing = {
            module
            for module in modules
            if module.split(".")[0] in _FOLDERS
            and not (ROOT / f"{module.replace('.', '/')}.py").is_file()
            and not (ROOT / module.replace(".", "/") / "__main__.py").is_file()
        }
        assert missing == set()
