"""Persons: merges form no circle, every name answers with one person, splits undo merges."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.enrollment.domain.person import Person, State, resolve
from services.enrollment.domain.person_refusals import (
    MergeWithItself,
    PersonErased,
    PersonMerged,
    PersonNotMerged,
    SurvivorMerged,
)
from tests.enrollment import made

IDS = [UUID(int=number) for number in range(1, 7)]


def person(person_id: UUID, *, back: str = made.BACK) -> Person:
    applicant = replace(made.APPLICANT, person_id=person_id)
    registered = Person.register(applicant, front=made.FRONT, back=back)
    registered.event = None
    return registered


class Merging(RuleBasedStateMachine):
    """Merges and splits in any order, beside a plain model of who is whose duplicate."""

    def __init__(self) -> None:
        super().__init__()
        self.persons = {each: person(each) for each in IDS}
        self.model: dict[UUID, UUID] = {}

    @rule(one=st.sampled_from(IDS), other=st.sampled_from(IDS))
    def merge(self, one: UUID, other: UUID) -> None:
        duplicate, survivor = self.persons[one], self.persons[other]
        may = one != other and one not in self.model and other not in self.model
        if not may:
            with pytest.raises((MergeWithItself, PersonMerged)):
                duplicate.merge_into(survivor)
            return
        duplicate.merge_into(survivor)
        survivor.absorb(duplicate)
        duplicate.event = survivor.event = None
        self.model[one] = other

    @rule(one=st.sampled_from(IDS))
    def split(self, one: UUID) -> None:
        survivor = self.persons[self.model.get(one, one)]
        if one not in self.model:
            with pytest.raises(PersonNotMerged):
                self.persons[one].split_from(survivor)
        elif survivor.id in self.model:
            with pytest.raises(SurvivorMerged):
                self.persons[one].split_from(survivor)
        else:
            self.persons[one].split_from(survivor)
            self.persons[one].event = None
            del self.model[one]

    @invariant()
    def every_name_answers_with_one_person_who_is_no_duplicate(self) -> None:
        merged_into = {each.id: each.merged_into_id for each in self.persons.values()}
        for each in IDS:
            found = resolve(merged_into, each)
            assert self.persons[found].state is State.ACTIVE
            assert resolve(merged_into, found) == found
            expected = each
            while expected in self.model:
                expected = self.model[expected]
            assert found == expected

    @invariant()
    def a_duplicate_names_its_survivor_and_nobody_else_does(self) -> None:
        for each in self.persons.values():
            assert (each.state is State.MERGED) == (each.merged_into_id is not None)


TestMerging = Merging.TestCase
TestMerging.settings = settings(max_examples=50, stateful_step_count=20, deadline=None)


def test_a_survivor_is_seen_by_the_schools_of_its_duplicate_until_they_are_split() -> None:
    survivor, duplicate = person(IDS[0]), person(IDS[1], back=made.STRANGER)
    duplicate.merge_into(survivor)
    assert survivor.absorb(duplicate) == [made.STRANGER]
    assert survivor.parties == [made.FRONT, made.BACK, made.STRANGER]
    survivor.event = None
    survivor.release([made.STRANGER])
    assert survivor.parties == [made.FRONT, made.BACK]


def test_nothing_is_done_with_an_erased_person() -> None:
    erased, other = person(IDS[0]), person(IDS[1])
    erased.erase()
    erased.event = None
    assert (erased.birth_year, erased.sex_code, erased.sealed_id_number) == (0, "", b"")
    for work in (
        erased.check_active,
        lambda: erased.merge_into(other),
        lambda: other.merge_into(erased),
        lambda: erased.split_from(other),
        lambda: erased.join(front=made.FRONT, back=made.BACK),
    ):
        with pytest.raises(PersonErased):
            work()
