"""Classes of a pathway stay separate through changes of status, which members follow (JS21)."""

from datetime import date
from typing import Any

from services.enrollment.commands.rename_classes import RenameClass, rename_classes
from services.enrollment.domain.cohort_member import CohortMember
from services.enrollment.domain.roster_refusals import ClassIsSeparate
from services.enrollment.domain.status_change import Ground
from services.enrollment.domain.student_status import ChangeKind
from tests.enrollment import made
from tests.enrollment.commands.test_status_changes import (
    approve,
    effect,
    member,
    propose,
    register,
)
from tests.enrollment.conftest import Desk, accepted

__all__ = ["member"]
ONE, OTHER = made.CLASSES


def into(class_name: str) -> dict[str, Any]:
    """Return what a change of class is proposed with."""
    return {
        "kind": ChangeKind.CHANGE_CLASS,
        "ground": Ground.OWN_WISH,
        "until_date": None,
        "new_class_name": class_name,
        "attachments": (),
    }


async def test_a_member_follows_a_change_of_class_within_the_cohort(
    desk: Desk, member: CohortMember
) -> None:
    record_id = await desk.front_record_id(member.id)
    await register(desk, record_id)
    assert isinstance(await propose(desk, record_id, **into("普通2001")), ClassIsSeparate)
    change = accepted(await propose(desk, record_id, **into(OTHER)))
    chain = [step.organisation for step in change.steps]
    accepted(await effect(desk, await approve(desk, change, *chain)))
    (row,) = await desk.rows("SELECT class_name, why, state_from_date FROM cohort_member")
    assert row == {
        "class_name": OTHER,
        "why": "CLASS_CHANGED",
        "state_from_date": date(2021, 9, 13),
    }


async def test_who_has_left_the_pathway_is_put_into_none_of_its_classes(
    desk: Desk, member: CohortMember
) -> None:
    record_id = await desk.front_record_id(member.id)
    await register(desk, record_id)
    # As if removed by the school: the record goes on.
    await desk.rows("UPDATE cohort_member SET state = 'LEFT' RETURNING 1")
    assert isinstance(await propose(desk, record_id, **into(OTHER)), ClassIsSeparate)
    accepted(await propose(desk, record_id, **into("普通2001")))


async def test_a_class_that_became_anothers_since_is_refused_when_the_day_comes(
    desk: Desk, member: CohortMember
) -> None:
    record_id = await desk.front_record_id(member.id)
    await register(desk, record_id)
    change = accepted(await propose(desk, record_id, **into(OTHER)))
    chain = [step.organisation for step in change.steps]
    change = await approve(desk, change, *chain)
    rename = RenameClass(
        id=member.cohort_id, etag='"1"', class_name=OTHER, new_class_name="食品2009"
    )
    accepted((await desk.run(rename_classes, rename, party=made.FRONT))[0])
    assert isinstance(await effect(desk, change), ClassIsSeparate)
    (row,) = await desk.rows("SELECT class_name FROM cohort_member")
    assert row["class_name"] == ONE
