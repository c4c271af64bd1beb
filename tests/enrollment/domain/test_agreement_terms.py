"""Terms as a canonical document: the same terms, the same bytes; any change, another hash."""

import json
from dataclasses import fields, replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.enrollment.domain.agreement_terms import Clause, Document, Terms, hash_of
from tests.enrollment.agreements import TERMS

PROJECT = UUID(int=7)


def hash_for(terms: Terms, project_id: UUID = PROJECT) -> str:
    return hash_of(terms.canonical(project_id))


def test_the_document_is_what_the_contract_says() -> None:
    document = TERMS.canonical(PROJECT)
    plain = json.loads(document)
    assert document == json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert plain["project"] == str(PROJECT)
    assert plain["terms"]["valid_from_date"] == "2020-09-01"
    assert plain["terms"]["training_plan"] == {"sha256": "a" * 64, "title": "衔接人才培养方案"}


def test_the_hash_of_an_earlier_day_stays() -> None:
    assert hash_for(TERMS) == GOLDEN


def test_terms_are_read_back_from_their_document() -> None:
    assert Terms.parse(TERMS.canonical(PROJECT)) == TERMS


def test_the_same_text_in_another_normal_form_is_the_same_terms() -> None:
    composed, decomposed = "r\u00e9sum\u00e9", "re\u0301sume\u0301"
    one, other = (replace(TERMS, front_duties=(text,)) for text in (composed, decomposed))
    assert hash_for(one) == hash_for(other)


CHANGES: list[dict[str, Any]] = [
    {"valid_from_date": date(2020, 9, 2)},
    {"valid_to_date": date(2026, 7, 1)},
    {"training_plan": Document(title="衔接人才培养方案", sha256="e" * 64)},
    {"course_standards": Document(title="另一标准", sha256="b" * 64)},
    {"assessment_syllabus": Document(title="考试大纲", sha256="e" * 64)},
    {"class_count": 3},
    {"class_size_max": 39},
    {"front_duties": ("单独编班",)},
    {"front_duties": tuple(reversed(TERMS.front_duties))},
    {"back_duties": ("组织转段考核", "派出教师")},
    {"clauses": (Clause(heading="经费", text="各自承担"),)},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: str(next(iter(each))))
def test_a_change_of_anything_is_another_hash(change: dict[str, Any]) -> None:
    assert hash_for(replace(TERMS, **change)) != hash_for(TERMS)


def test_every_field_of_the_terms_is_among_the_changes() -> None:
    assert {name for each in CHANGES for name in each} == {each.name for each in fields(Terms)}


def test_terms_are_approved_for_one_project_only() -> None:
    assert hash_for(TERMS, UUID(int=8)) != hash_for(TERMS)


# Of format 1; a later format is another number.
GOLDEN = "5e388905f03e3ebe901874e7d77247351f96294275c9c2569f923a6a1715cb2f"
