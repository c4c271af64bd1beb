"""The terms of an agreement of two schools as a canonical document, and its content hash.

Both schools approve a hash, so the same terms must give the same bytes everywhere: one JSON
object, keys sorted, no blanks, UTF-8, texts in NFC, dates as YYYY-MM-DD, whole numbers only. What
is hashed names its format and its project: terms that were approved for one project are approved
for no other. This module must not know who approves what.
"""

import hashlib
import json
import unicodedata
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

FORMAT: Final = "guantong.cooperation-agreement.terms/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that the terms rest on: its title and the SHA-256 of its file, in hex."""

    title: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """What else was agreed, under a heading."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What both schools agree on.

    They make together the connected training plan, the standards of the core courses and the
    syllabus of the examination (JS21); the class is taught separately (JS21).
    """

    valid_from_date: date
    valid_to_date: date
    training_plan: Document
    course_standards: Document
    assessment_syllabus: Document
    class_count: int
    class_size_max: int
    front_duties: tuple[str, ...]
    back_duties: tuple[str, ...]
    clauses: tuple[Clause, ...] = ()

    def canonical(self, project_id: UUID) -> str:
        """Return the document of these terms for a project."""
        document = {"format": FORMAT, "project": str(project_id), "terms": _plain(asdict(self))}
        return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def parse(cls, document: str) -> "Terms":
        """Return the terms of a canonical document."""
        fields: dict[str, Any] = json.loads(document)["terms"]
        for name in ("valid_from_date", "valid_to_date"):
            fields[name] = date.fromisoformat(fields[name])
        for name in ("training_plan", "course_standards", "assessment_syllabus"):
            fields[name] = Document(**fields[name])
        for name in ("front_duties", "back_duties"):
            fields[name] = tuple(fields[name])
        fields["clauses"] = tuple(Clause(**each) for each in fields["clauses"])
        return cls(**fields)


def hash_of(document: str) -> str:
    """Return the content hash of a canonical document: SHA-256 in hex."""
    return hashlib.sha256(document.encode("utf-8")).hexdigest()


def _plain(value: Any) -> Any:
    """Return what JSON can say, with texts in one normal form."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
