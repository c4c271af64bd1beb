"""What becomes of a member in enrollment - corrected, merged, erased - is followed by the copy."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from guantong.common.v1.event_pb2 import Change
from guantong.common.v1.sealed_pb2 import Sealed
from guantong.enrollment.v1.cohort_pb2 import CohortMember

from services.transfer.commands.draft_applications import DraftApplication, draft_applications
from services.transfer.edge.subscriptions import HANDLERS
from tests.transfer.aggregates import FRONT
from tests.transfer.commands.test_copies import project_of
from tests.transfer.desk import Desk
from tests.transfer.way import Way


def change_of(event_type: str, member_id: UUID, project_id: UUID, **fields: Any) -> Change:
    facts: dict[str, Any] = {
        "name": f"cohortMembers/{member_id}",
        "version": 9,
        "state": CohortMember.STATE_GRADUATED,
        "pathway_project": f"pathwayProjects/{project_id}",
        "front_organisation": "organisations/siyang",
        "back_organisation": "organisations/szai",
    }
    member = CohortMember(**facts | fields)
    change = Change(
        source="enrollment",
        event_type=event_type,
        resource_name=member.name,
        version=member.version,
        resource_sha256=b"\x01" * 32,
    )
    change.resource.Pack(member)
    return change


@pytest.mark.parametrize("event_type", ["MemberCorrected", "MemberReassigned", "MemberErased"])
async def test_the_copy_of_a_member_follows_and_its_application_stays_as_it_was(
    desk: Desk, event_type: str
) -> None:
    way = await Way.begin(desk)
    (member_id,) = await desk.know_members(project_of(way), 1)
    item = DraftApplication(batch_id=way.id, member_id=member_id)
    before = await desk.one(draft_applications, item, party=FRONT)
    person_id = uuid4()
    sealed = b"" if event_type == "MemberErased" else b"sealed anew"
    change = change_of(
        event_type,
        member_id,
        project_of(way),
        person=f"persons/{person_id}",
        sealed=Sealed(subject=str(person_id), fields={"display_name": sealed} if sealed else {}),
    )
    handle = HANDLERS["enrollment"][event_type]
    await desk.database.transact(lambda tx: handle(tx, change))
    rows = await desk.rows("SELECT * FROM copy_cohort_member WHERE id = :id", id=member_id)
    assert [(row["person_id"], row["sealed_display_name"]) for row in rows] == [(person_id, sealed)]
    (stored,) = await desk.rows("SELECT person_id FROM application")
    assert f"persons/{stored['person_id']}" == before.person
    assert before.person != f"persons/{person_id}"


async def test_an_application_of_an_erased_person_carries_nothing_sealed(desk: Desk) -> None:
    way = await Way.begin(desk)
    (member_id,) = await desk.know_members(project_of(way), 1, sealed_display_name=b"")
    item = DraftApplication(batch_id=way.id, member_id=member_id)
    drafted = await desk.one(draft_applications, item, party=FRONT)
    assert dict(drafted.sealed.fields) == {}
