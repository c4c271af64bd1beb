"""The made-up cohort: valid, repeatable, and with the fates that the case needs."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from deploy.story.case import Case, load
from deploy.story.students import Fate, Student, check_character, make_students
from services.enrollment.domain.id_numbers import IdNumber
from services.transfer.domain.scheme import Mark, Scheme, SchemeComponent

MET = {
    Fate.ORDINARY,
    Fate.BELOW_RANK,
    Fate.OBJECTION_DISMISSED,
    Fate.OBJECTION_UPHELD,
    Fate.NOT_APPROVED,
    Fate.GRADUATED_LATE,
    Fate.ON_LEAVE,
    Fate.ABSENT_AT_ARRIVAL,
    Fate.ARMY,
}
MISSED = {Fate.SKILLS_MISSED, Fate.PROCESS_MISSED, Fate.TOTAL_MISSED}
TODAY = datetime(2020, 9, 1, tzinfo=UTC).date()


@pytest.fixture(scope="module")
def case() -> Case:
    return load()


@pytest.fixture(scope="module")
def students(case: Case) -> list[Student]:
    return _make(case)


def _make(case: Case, *, seed: int = 2020) -> list[Student]:
    return make_students(
        class_names=case.pathway.class_names, components=case.scheme.components, seed=seed
    )


def _scheme(case: Case) -> Scheme:
    return Scheme(
        components=tuple(
            SchemeComponent(
                component_id=each.id,
                display_name=each.name,
                weight=each.weight,
                full_mark_hundredths=each.full_mark * 100,
                pass_mark_hundredths=each.pass_mark * 100,
                gate=each.gate,
            )
            for each in case.scheme.components
        ),
        minimum_total_hundredths=case.scheme.minimum_total * 100,
    )


def _marks(student: Student) -> list[Mark]:
    return [
        Mark(component_id=component, mark_hundredths=mark)
        for component, mark in student.marks.items()
    ]


@pytest.mark.parametrize(
    ("digits", "character"), [("11010519491231002", "X"), ("44052418800101001", "4")]
)
def test_the_check_character_is_that_of_the_standard(digits: str, character: str) -> None:
    assert check_character(digits) == character


def test_every_id_number_is_valid_and_of_one_person(students: list[Student]) -> None:
    assert len({each.id_number for each in students}) == 41
    for each in students:
        parsed = IdNumber.parse(each.id_number, today=TODAY)
        assert parsed.birth_date.year in {2004, 2005}
        assert each.id_number.startswith("3213")


def test_both_sexes_are_in_the_cohort(students: list[Student]) -> None:
    codes = {IdNumber.parse(each.id_number, today=TODAY).sex_code for each in students}
    assert codes == {"1", "2"}


def test_names_and_admission_numbers_are_of_one_person(students: list[Student]) -> None:
    assert len({each.display_name for each in students}) == 41
    assert len({each.admission_number for each in students}) == 41


def test_the_same_seed_makes_the_same_people(case: Case, students: list[Student]) -> None:
    assert _make(case) == students
    assert _make(case, seed=1) != students


def test_fates_are_those_of_the_case(students: list[Student]) -> None:
    fates = Counter(each.fate for each in students)
    assert fates.pop(Fate.ORDINARY) == 23
    assert fates.pop(Fate.BELOW_RANK) == 2
    assert fates == {fate: 1 for fate in Fate if fate not in {Fate.ORDINARY, Fate.BELOW_RANK}}


def test_both_classes_have_half_of_the_cohort(case: Case, students: list[Student]) -> None:
    sizes = Counter(each.class_name for each in students)
    assert list(sizes) == case.pathway.class_names
    assert max(sizes.values()) - min(sizes.values()) <= 1


@pytest.mark.parametrize("seed", range(2020, 2030))
def test_marks_lead_to_the_fates(case: Case, seed: int) -> None:
    scheme = _scheme(case)
    scheme.check()
    for each in _make(case, seed=seed):
        if each.fate in MET | MISSED:
            scheme.check_marks(_marks(each))
            assert scheme.is_met(_marks(each)) is (each.fate in MET), each
        else:
            assert not each.marks


@pytest.mark.parametrize("seed", range(2020, 2030))
def test_who_is_below_the_rank_has_the_lowest_totals(case: Case, seed: int) -> None:
    scheme = _scheme(case)
    met = [each for each in _make(case, seed=seed) if each.fate in MET]
    totals = {each.key: scheme.total_hundredths(_marks(each)) for each in met}
    ranked = sorted(met, key=lambda each: -totals[each.key])
    # One place goes to the exempt one.
    assert {each.fate for each in ranked[case.scheme.quota - 1 :]} == {Fate.BELOW_RANK}


def test_nobody_is_shown_in_clear(students: list[Student]) -> None:
    for each in students:
        assert each.display_name not in repr(each)
        assert each.id_number not in repr(each)
        assert each.masked_name == each.display_name[0] + "*" * (len(each.display_name) - 1)
