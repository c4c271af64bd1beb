"""A sealed value that was damaged in store takes nothing else away from its readers."""

import pytest

from tests.enrollment.edge.person_world import (
    NAME,
    OTHER_ID_NUMBER,
    OTHER_NAME,
    enroll,
)
from tests.enrollment.edge.world import World, make_world
from tests.served import Served


@pytest.fixture
async def world(fresh_enrollment: Served) -> World:
    world = await make_world(fresh_enrollment)
    await enroll(world, OTHER_NAME, OTHER_ID_NUMBER)
    async with world.service.base.database.connection() as connection:
        for table, identity in (
            ("cohort_member", world.member.name),
            ("person", world.member.person),
        ):
            await connection.execute(
                f"UPDATE {table} SET sealed_display_name = "  # noqa: S608 - the names above
                "set_byte(sealed_display_name, 20, 255 - get_byte(sealed_display_name, 20)) "
                "WHERE id = $1",
                identity.partition("/")[2],
            )
    return world


async def test_a_roster_with_a_damaged_name_shows_all_the_others(world: World) -> None:
    request = world.request("ListCohortMembers", cohort=world.cohort.name)
    answer = await world.call("ListCohortMembers", request)
    found = {each.name: each for each in answer.cohort_members}
    damaged = found.pop(world.member.name)
    assert [each.display_name for each in found.values()] == [OTHER_NAME]
    assert (damaged.display_name, list(damaged.sealed.damaged)) == ("", ["display_name"])
    assert damaged.admission_number
    assert not damaged.sealed.fields


async def test_a_person_with_a_damaged_name_is_read_and_listed(world: World) -> None:
    person = await world.call("GetPerson", world.request("GetPerson"))
    assert (person.display_name, list(person.sealed.damaged)) == ("", ["display_name"])
    assert person.masked_id_number
    listed = await world.call("ListPersons", world.request("ListPersons"))
    assert sorted(each.display_name for each in listed.persons) == ["", OTHER_NAME]
    assert NAME not in repr(listed)
