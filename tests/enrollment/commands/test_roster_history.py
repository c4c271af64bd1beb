"""Rosters on PostgreSQL against a simple model, over any order of what schools do with them.

The model is plain Python: who was ever enrolled, and what became of each. Whatever order is tried,
the plan is never exceeded, a place that was left is not filled again, nobody comes back, and a
frozen roster takes nobody (GD19, SD23).
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from typing import Any, TypeVar
from uuid import uuid4

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from chassis.db import Transaction
from chassis.errors import DomainError
from chassis.identity import Caller
from chassis.import_steps import Taken
from services.enrollment.commands.assign_classes import AssignClass, assign_classes
from services.enrollment.commands.changing import Target
from services.enrollment.commands.enroll_cohort_members import enroll_cohort_members
from services.enrollment.commands.freeze_cohorts import freeze_cohorts
from services.enrollment.commands.graduate_status_records import graduate_status_records
from services.enrollment.commands.import_roster import RosterImporter, RosterRow
from services.enrollment.commands.remove_cohort_members import (
    RemoveCohortMember,
    remove_cohort_members,
)
from services.enrollment.domain.cohort_member import Why
from services.enrollment.domain.student_status import StudentStatus
from services.enrollment.store import cohort_members, status_records
from tests.enrollment import made
from tests.enrollment.conftest import Desk, accepted, details

T = TypeVar("T")
PLAN = 3
# More students than places, so that places run out.
serials = st.integers(min_value=1, max_value=PLAN + 2)
EXAMPLES, STEPS = 12, 25
_STATUSES = {"suspend": StudentStatus.SUSPENDED, "resume": StudentStatus.RETURNED}


class Rosters(RuleBasedStateMachine):
    """A cohort of the database beside sets of serial numbers."""

    # Set by the test: what runs on its event loop, and its desk.
    loop: asyncio.AbstractEventLoop
    desk: Desk
    year = 2018

    def run(self, work: Awaitable[T]) -> T:
        return asyncio.run_coroutine_threadsafe(_as_coroutine(work), self.loop).result(60)

    @initialize()
    def open(self) -> None:
        # A project and a cohort of its own for each example.
        type(self).year += 1
        self.cohort = self.run(self.desk.set_up_cohort(front_plan=PLAN, year=self.year))
        self.offset = (self.year - 2018) * 8
        self.is_frozen = False
        self.states: dict[int, str] = {}

    def student(self, serial: int) -> int:
        return self.offset + serial

    def may_join(self, serial: int) -> bool:
        return not self.is_frozen and len(self.states) < PLAN and serial not in self.states

    @rule(serial=serials)
    def enrol(self, serial: int) -> None:
        item = self.run(self.desk.applicant(self.cohort.id, self.student(serial)))
        result = self.do(enroll_cohort_members, item, party=made.FRONT)
        assert isinstance(result, DomainError) is not self.may_join(serial), result
        if self.may_join(serial):
            self.states[serial] = "ACTIVE"

    @rule(file=st.lists(serials, max_size=PLAN + 2, unique=True))
    def import_file(self, file: list[int]) -> None:
        rows = [
            RosterRow(
                cohort_id=self.cohort.id,
                class_name=made.CLASSES[0],
                details=details(self.student(serial)),
            )
            for serial in file
        ]
        results = self.run(self.import_rows(rows))
        for serial, result in zip(file, results, strict=True):
            if serial in self.states:
                # Known, whatever became of the student: nothing is changed, or it is said why.
                assert not isinstance(result, Taken) or result.verdict != "NEW"
            elif self.may_join(serial):
                assert isinstance(result, Taken), result
                self.states[serial] = "ACTIVE"
            else:
                assert isinstance(result, DomainError)

    @rule(serial=serials)
    def remove(self, serial: int) -> None:
        self.transit(serial, self.removal, becomes="LEFT", only_from={"ACTIVE"})

    @rule(serial=serials)
    def suspend(self, serial: int) -> None:
        follow = partial(self.follow, method="suspend")
        self.transit(serial, follow, becomes="SUSPENDED", only_from={"ACTIVE"})

    @rule(serial=serials)
    def resume(self, serial: int) -> None:
        follow = partial(self.follow, method="resume")
        self.transit(serial, follow, becomes="ACTIVE", only_from={"SUSPENDED"})

    @rule(serial=serials)
    def graduate(self, serial: int) -> None:
        # The record of who left is still held: its graduation changes no membership.
        if self.states.get(serial) in {"ACTIVE", "SUSPENDED"}:
            self.transit(serial, self.graduation, becomes="GRADUATED", only_from={"ACTIVE"})

    @precondition(lambda self: not self.is_frozen and len(self.states) > 1)
    @rule()
    def freeze(self) -> None:
        (row,) = self.rows("SELECT version FROM cohort WHERE id = :id", id=self.cohort.id)
        target = Target(id=self.cohort.id, etag=f'"{row["version"]}"')
        accepted(self.do(freeze_cohorts, target, party=made.FRONT))
        self.is_frozen = True

    @precondition(lambda self: bool(self.states))
    @rule(serial=serials)
    def change_class(self, serial: int) -> None:
        """On a frozen roster too: it changes who is in no place."""
        member = self.member(serial)
        if member is None:
            return
        other = next(name for name in made.CLASSES if name != member["class_name"])
        item = AssignClass(
            id=member["id"],
            etag=f'"{member["version"]}"',
            class_name=other,
            why=Why.CLASSES_BALANCED,
        )
        result = self.do(assign_classes, item, party=made.FRONT)
        is_in = self.states[serial] in {"ACTIVE", "SUSPENDED"}
        assert isinstance(result, DomainError) is not is_in

    @invariant()
    def the_roster_is_that_of_the_model(self) -> None:
        if not hasattr(self, "states"):
            return
        rows = self.rows(
            "SELECT state, count(*) FROM cohort_member WHERE cohort_id = :id GROUP BY state",
            id=self.cohort.id,
        )
        found = {row["state"]: row["count"] for row in rows}
        states = list(self.states.values())
        assert found == {state: states.count(state) for state in states}
        assert sum(found.values()) <= PLAN

    # How it is done.

    def do(self, command: Callable[..., Any], item: Any, **facts: Any) -> Any:
        (result,) = self.run(self.desk.run(command, item, **facts))
        return result

    def rows(self, query: str, **params: Any) -> list[dict[str, Any]]:
        return self.run(self.desk.rows(query, **params))

    def member(self, serial: int) -> dict[str, Any] | None:
        if serial not in self.states:
            return None
        applicant = self.run(self.desk.applicant(self.cohort.id, self.student(serial))).applicant
        (row,) = self.rows(
            "SELECT id, version, class_name FROM cohort_member "
            "WHERE cohort_id = :id AND person_id = :person",
            id=self.cohort.id,
            person=applicant.person_id,
        )
        return row

    def transit(
        self,
        serial: int,
        work: Callable[[dict[str, Any]], Any],
        *,
        becomes: str,
        only_from: set[str],
    ) -> None:
        member = self.member(serial)
        if member is None:
            return
        result = work(member)
        is_done = self.states[serial] in only_from
        assert isinstance(result, DomainError) is not is_done, (self.states[serial], result)
        if is_done:
            self.states[serial] = becomes

    def removal(self, member: dict[str, Any]) -> Any:
        item = RemoveCohortMember(
            id=member["id"], etag=f'"{member["version"]}"', sealed_left_reason=b""
        )
        return self.do(remove_cohort_members, item, party=made.FRONT)

    def graduation(self, member: dict[str, Any]) -> Any:
        item = self.run(self.desk.graduation(member["id"]))
        (row,) = self.rows("SELECT version FROM status_record WHERE id = :id", id=item.id)
        dated = {"etag": f'"{row["version"]}"', "graduate_date": date(self.year + 3, 6, 30)}
        item = type(item)(**{**vars(item), **dated})
        return self.do(graduate_status_records, item, party=made.FRONT)

    def follow(self, member: dict[str, Any], *, method: str) -> Any:
        """Let the record, and the membership with it, be away or back, as a change does."""
        on, status = date(self.year, 10, 1), _STATUSES[method]

        async def work(tx: Transaction, _items: Any) -> list[Any]:
            records = await status_records.get_front_of_members(tx, [member["id"]])
            loaded = await cohort_members.get_many(tx, [member["id"]])
            found, record = loaded[member["id"]], records[member["id"]]
            try:
                getattr(found, method)(on=on)
            except DomainError as refusal:
                return [refusal]
            record.study(status, on=on, change_id=uuid4())
            await status_records.save_many(tx, [record])
            await cohort_members.save_many(tx, [found])
            return [found]

        (result,) = self.run(self.desk.run(work))
        return result

    async def import_rows(self, rows: list[RosterRow]) -> list[Taken | DomainError]:
        importer = RosterImporter(
            lambda given: given,
            self.desk.sealer,
            caller=Caller("registrar", made.FRONT, frozenset()),
            today=date(self.year, 9, 10),
        )
        recognised = await importer.recognise(rows, is_rehearsal=False)
        items = [each.item for each in recognised if not isinstance(each, DomainError)]
        ready = await importer.prepare(items)

        async def write(tx: Transaction, given: Any) -> Any:
            return await importer.write(tx, given, is_again=False)

        return await self.desk.run(write, *ready)


async def _as_coroutine(work: Awaitable[T]) -> T:
    return await work


async def test_no_order_of_events_breaks_the_rules_of_a_roster(desk: Desk) -> None:
    machine = type("Rosters", (Rosters,), {"loop": asyncio.get_running_loop(), "desk": desk})
    bounds = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        # Each example has a year of its own, of which there are not so many as shrinking takes.
        phases=[Phase.generate],
    )
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=bounds)
