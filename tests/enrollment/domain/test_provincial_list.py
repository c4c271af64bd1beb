"""Provincial lists: their figures agree or are said not to, and what a list does to a project."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.enrollment.domain.events import Event
from services.enrollment.domain.organisation import Kind
from services.enrollment.domain.pathway_project import ListedRow, PathwayProject, State
from services.enrollment.domain.pathway_refusals import (
    PathwayProjectFactsFixed,
    PathwayProjectOfOtherList,
)
from services.enrollment.domain.pathways import Level, Type
from services.enrollment.domain.provincial_list import FindingKind, Part, find_differences
from services.enrollment.domain.refusals import PathwayLevelsWrong
from tests.enrollment import made

# 3+3 with medicine's 4+2 (JS24), 3+4, 5+2, 3+2, 4+0.
TYPES: tuple[tuple[Type, ...], ...] = (
    (Type.ZG_3_3, Type.ZG_4_2),
    (Type.ZB_3_4,),
    (Type.GB_5_2,),
    (Type.GB_3_2,),
    (Type.GB_4_0,),
)
JS21 = (1056, (779, 42, 11, 175, 49))
JS22 = (957, (604, 37, 32, 217, 67))
PARTS, TOTAL = FindingKind.PARTS_DO_NOT_ADD_UP, FindingKind.IMPORTED_TOTAL_DIFFERS
PART, UNSTATED = FindingKind.IMPORTED_PART_DIFFERS, FindingKind.TYPE_NOT_STATED


def imported(counts: tuple[int, ...], *, medical: int = 0) -> dict[Type, int]:
    found = {types[0]: count for types, count in zip(TYPES, counts, strict=True)}
    found[Type.ZG_3_3] -= medical
    return {**found, Type.ZG_4_2: medical}


@pytest.mark.parametrize(
    ("stated", "counts", "kinds"),
    [
        # (source of the stated figures, what was imported, what is said)
        (JS21, imported(JS21[1]), []),
        (JS22, imported(JS22[1]), []),
        # Trap 5: 4+2 is among the 779.
        (JS21, imported(JS21[1], medical=30), []),
        ((1057, JS21[1]), imported(JS21[1]), [PARTS, TOTAL]),
        ((1056, (779, 42, 11, 175, 48)), imported(JS21[1]), [PARTS, PART]),
        (JS21, imported((778, 42, 11, 175, 49)), [TOTAL, PART]),
        # One too few and one too many: the total agrees, the parts do not.
        (JS21, imported((778, 43, 11, 175, 49)), [PART, PART]),
        (JS21, {**imported(JS21[1]), Type.FIVE_YEAR: 1}, [TOTAL, UNSTATED]),
        (JS21, {}, [TOTAL, PART, PART, PART, PART, PART]),
    ],
)
def test_figures_that_do_not_agree_are_said(
    stated: tuple[int, tuple[int, ...]], counts: dict[Type, int], kinds: list[FindingKind]
) -> None:
    total, stated_counts = stated
    parts = [
        Part(types=types, stated_count=count)
        for types, count in zip(TYPES, stated_counts, strict=True)
    ]
    found = find_differences(stated_total=total, parts=parts, imported=counts)
    assert [each.kind for each in found] == kinds
    assert all(each.stated_count != each.found_count for each in found)


LIST = uuid4()
KINDS = {made.FRONT: Kind.SECONDARY_VOCATIONAL, made.BACK: Kind.HIGHER_VOCATIONAL}
NAMES = ("project_number", "type", "front_major", "back_major", "front_plan", "back_plan")


def row(*, list_id: UUID = LIST, **changes: Any) -> ListedRow:
    facts = {name: made.PROJECT[name] for name in NAMES} | changes
    keys = ("front", "front_major_code", "back", "back_major_code", "approval_year", "made_up")
    return ListedRow(
        list_id=list_id,
        document_number="苏教职函〔2020〕20号",
        facts=facts,
        **{name: made.PROJECT[name] for name in keys},
    )


def listed() -> PathwayProject:
    project = PathwayProject.enter_listed(row(), new_id=uuid4(), kinds=KINDS)
    project.event = None
    return project


def test_what_a_list_names_is_approved_from_the_beginning() -> None:
    project = PathwayProject.enter_listed(row(), new_id=uuid4(), kinds=KINDS)
    assert (project.state, project.version) == (State.APPROVED, 1)
    assert project.event is Event.PATHWAY_PROJECT_APPROVED
    assert project.approval_document_number == "苏教职函〔2020〕20号"
    with pytest.raises(PathwayLevelsWrong):
        PathwayProject.enter_listed(row(type=Type.ZB_3_4), new_id=uuid4(), kinds=KINDS)


def test_what_was_declared_is_approved_by_being_named() -> None:
    project = made.declared_project(front_plan=50)
    assert project.follow_list(row(), kinds=KINDS)
    assert (project.state, project.front_plan, project.version) == (State.APPROVED, 40, 2)
    assert project.event is Event.PATHWAY_PROJECT_APPROVED


def test_the_same_row_changes_nothing() -> None:
    project = listed()
    assert not project.follow_list(row(), kinds=KINDS)
    assert (project.version, project.event) == (1, None)


def test_a_list_corrects_what_it_approved_with_all_that_follows_from_it() -> None:
    project = listed()
    assert project.follow_list(row(type=Type.ZG_4_2, back_plan=30), kinds=KINDS)
    assert (project.event, project.version) == (Event.PATHWAY_PROJECT_CORRECTED, 2)
    assert (project.front_level, project.front_years) == (Level.SECONDARY_VOCATIONAL, 4)
    assert (project.transfer_year, project.back_plan) == (2024, 30)


@pytest.mark.parametrize("state", [State.RECRUITING, State.RUNNING, State.STOPPED, State.CLOSED])
def test_a_project_that_recruits_is_not_corrected_any_more(state: State) -> None:
    project = listed()
    project.state = state
    with pytest.raises(PathwayProjectFactsFixed):
        project.follow_list(row(front_plan=41), kinds=KINDS)
    assert (project.front_plan, project.version, project.event) == (40, 1, None)
    # But a list may name one that was approved before lists were kept.
    project.provincial_list_id = None
    assert project.follow_list(row(), kinds=KINDS)
    assert project.state is state


def test_a_project_is_of_one_list() -> None:
    with pytest.raises(PathwayProjectOfOtherList):
        listed().follow_list(row(list_id=uuid4()), kinds=KINDS)


def test_a_correction_that_does_not_fit_changes_nothing() -> None:
    project = listed()
    with pytest.raises(PathwayLevelsWrong):
        project.follow_list(row(type=Type.ZB_3_4), kinds=KINDS)
    assert (project.type, project.back_years, project.event) == (Type.ZG_3_3, 3, None)
