"""A random walk through what enrollment does with persons, by several registrars at once.

Each step is a command as the edge runs it. A rule may refuse it: that is a step too, and what was
done is counted by kind, so that a test can say that enough of each was done.
"""

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from itertools import count
from typing import Any, Self
from uuid import UUID

from chassis.errors import DomainError
from chassis.identity import Caller
from services.enrollment.commands.approve_pathway_projects import (
    ApprovePathwayProject,
    approve_pathway_projects,
)
from services.enrollment.commands.approve_person_corrections import approve_person_corrections
from services.enrollment.commands.changing import Target
from services.enrollment.commands.create_organisations import create_organisations
from services.enrollment.commands.declare_learning_outcomes import declare_learning_outcomes
from services.enrollment.commands.declare_pathway_projects import (
    DeclarePathwayProject,
    declare_pathway_projects,
)
from services.enrollment.commands.enroll_cohort_members import (
    EnrollCohortMember,
    enroll_cohort_members,
)
from services.enrollment.commands.erase_persons import erase_persons
from services.enrollment.commands.graduate_status_records import graduate_status_records
from services.enrollment.commands.identities import Identities
from services.enrollment.commands.merge_persons import MergePersons, merge_persons
from services.enrollment.commands.open_cohorts import OpenCohort, open_cohorts
from services.enrollment.commands.propose_person_corrections import (
    ProposePersonCorrection,
    propose_person_corrections,
)
from services.enrollment.commands.propose_person_erasures import (
    ProposePersonErasure,
    propose_person_erasures,
)
from services.enrollment.commands.remove_cohort_members import (
    RemoveCohortMember,
    remove_cohort_members,
)
from services.enrollment.commands.split_persons import SplitPersons, split_persons
from services.enrollment.domain.cohort import Cohort
from services.enrollment.domain.organisation import Kind
from tests.enrollment import made
from tests.enrollment.commands import test_status_changes as statuses
from tests.enrollment.conftest import (
    DECLARATION,
    NOW,
    ORGANISATIONS,
    Desk,
    accepted,
    details,
    organisation,
)
from tests.enrollment.outcomes import COURSE

SECOND_FRONT = "shuyang"
# Front school, back college, year: graduates of one may begin another, at other schools too.
PATHWAYS = [
    (made.FRONT, made.BACK, 2020),
    (made.FRONT, made.STRANGER, 2021),
    (SECOND_FRONT, made.BACK, 2022),
    (SECOND_FRONT, made.STRANGER, 2023),
]
Step = Callable[[], Awaitable[Any]]


class NothingThere(Exception):
    """Nobody is there yet of whom the step could be."""


class Walk:
    """Takes steps at random; its decisions come of its seed alone."""

    def __init__(
        self, desk: Desk, cohorts: list[Cohort], *, seed: int, serials: "count[int]"
    ) -> None:
        self._desk = desk
        self._cohorts = cohorts
        self._serials = serials
        self._chance = random.Random(seed)  # noqa: S311 - chance, not secrecy
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        steps: list[tuple[Step, int]] = [
            (self._enrol, 6),
            (self._graduate, 5),
            (self._remove, 1),
            (self._merge, 6),
            (self._split, 3),
            (self._correct, 2),
            (self._erase, 1),
            (self._declare, 4),
            (self._suspend, 3),
        ]
        self._steps = [step for step, weight in steps for _ in range(weight)]

    @classmethod
    async def begin(cls, desk: Desk, *, seed: int, walkers: int) -> list[Self]:
        """Register schools and pathways; return walkers who go on at once."""
        await desk.run(
            create_organisations,
            *ORGANISATIONS,
            organisation(SECOND_FRONT, Kind.SECONDARY_VOCATIONAL),
            organisation(statuses.BUREAU, Kind.EDUCATION_BUREAU),
        )
        cohorts = [await _open(desk, *each) for each in PATHWAYS]
        serials = count(1)
        return [
            cls(desk, cohorts, seed=100 * seed + number, serials=serials)
            for number in range(walkers)
        ]

    async def go(self, steps: int) -> None:
        """Take some steps."""
        for _ in range(steps):
            step = self._chance.choice(self._steps)
            name = step.__name__.removeprefix("_")
            try:
                await step()
            except NothingThere:
                continue
            except DomainError as refusal:
                self.refused[f"{name} {refusal.reason}"] += 1
            else:
                self.done[name] += 1

    async def _run(self, command: Any, item: Any, party: str, **facts: Any) -> Any:
        caller = Caller(facts.pop("subject", f"user-{party}"), party, frozenset())
        (result,) = await self._desk.run(command, item, caller=caller, **facts)
        return accepted(result)

    async def _one(self, query: str, **params: Any) -> dict[str, Any]:
        rows = await self._desk.rows(query, **params)
        if not rows:
            raise NothingThere
        return self._chance.choice(rows)

    async def _person(self, state: str = "ACTIVE") -> dict[str, Any]:
        return await self._one(
            "SELECT person.*, array_agg(party ORDER BY party) AS parties FROM person"
            " JOIN person_party ON person_id = person.id"
            " WHERE state = :state GROUP BY person.id ORDER BY person.id",
            state=state,
        )

    async def _enrol(self) -> None:
        cohort = self._chance.choice(self._cohorts)
        # Sometimes somebody who is known: a graduate who begins another pathway.
        serial = next(self._serials)
        if serial > 4 and self._chance.random() < 0.4:
            serial = self._chance.randrange(1, serial)
        known = details(serial, admission_number=f"{cohort.intake_date.year}{serial:08d}")
        (applicant,) = await self._desk.sealer.seal([known])
        item = EnrollCohortMember(
            cohort_id=cohort.id, class_name=cohort.class_names[0], applicant=applicant
        )
        await self._run(enroll_cohort_members, item, cohort.front)

    async def _member(self) -> dict[str, Any]:
        return await self._one("SELECT * FROM cohort_member WHERE state = 'ACTIVE' ORDER BY id")

    async def _graduate(self) -> None:
        member = await self._member()
        item = await self._desk.graduation(member["id"])
        (record,) = await self._desk.rows(
            "SELECT version FROM status_record WHERE id = :id", id=item.id
        )
        year = self._chance.choice([2023, 2024, 2026])
        item = replace(item, etag=_etag(record), graduate_date=date(year, 6, 30))
        await self._run(graduate_status_records, item, member["front"])

    async def _remove(self) -> None:
        member = await self._member()
        item = RemoveCohortMember(id=member["id"], etag=_etag(member), sealed_left_reason=b"")
        await self._run(remove_cohort_members, item, member["front"], now=NOW)

    async def _merge(self) -> None:
        one, other = await self._person(), await self._person()
        shared = sorted(set(one["parties"]) & set(other["parties"]))
        if one["id"] == other["id"] or not shared:
            raise NothingThere
        item = MergePersons(
            id=one["id"],
            etag=_etag(one),
            survivor_id=other["id"],
            survivor_etag=_etag(other),
            reason="同一人",
            evidence_sha256="00" * 32,
        )
        await self._run(
            merge_persons, item, self._chance.choice(shared), keys=self._desk.keys, now=NOW
        )

    async def _split(self) -> None:
        person = await self._person("MERGED")
        item = SplitPersons(id=person["id"], etag=_etag(person), reason="并非同一人")
        party = self._chance.choice(person["parties"])
        await self._run(split_persons, item, party, keys=self._desk.keys, now=NOW)

    async def _correct(self) -> None:
        person, keys = await self._person(), self._desk.keys
        party = self._chance.choice(person["parties"])
        item = ProposePersonCorrection(
            person_id=person["id"],
            display_name=f"更正{self._chance.randrange(1000)}",
            sex_code="",
            birth_date=None,
            evidence_sha256="00" * 32,
        )
        made_of = await self._run(
            propose_person_corrections, item, party, keys=keys, today=NOW.date(), subject="one"
        )
        target = Target(id=made_of.id, etag=f'"{made_of.version}"')
        identities = Identities(keys, b"i" * 32)
        await self._run(
            approve_person_corrections,
            target,
            party,
            keys=keys,
            identities=identities,
            subject="other",
        )

    async def _erase(self) -> None:
        person = await self._person()
        party = self._chance.choice(person["parties"])
        item = ProposePersonErasure(person_id=person["id"], reason="本人要求")
        erasure = await self._run(propose_person_erasures, item, party, subject="one")
        target = Target(id=erasure.id, etag=f'"{erasure.version}"')
        await self._run(
            erase_persons, target, party, keys=self._desk.keys, now=NOW, subject="other"
        )

    async def _declare(self) -> None:
        person = await self._person()
        item = replace(
            COURSE,
            person_id=person["id"],
            achieve_date=date(2020, 9, 2),
            evidence_sha256=f"{self._chance.randrange(30):064x}",
        )
        await self._run(
            declare_learning_outcomes, item, self._chance.choice(person["parties"]), now=NOW
        )

    async def _suspend(self) -> None:
        """Register a record and send its student away, through the chain."""
        record = await self._one(
            "SELECT id FROM status_record WHERE state = 'IN_SCHOOL' AND stage = 'FRONT'"
            " AND project_id = :project_id ORDER BY id",
            project_id=self._cohorts[0].project_id,
        )
        record_id = UUID(str(record["id"]))
        await statuses.register(self._desk, record_id)
        change = accepted(await statuses.propose(self._desk, record_id))
        change = await statuses.approve(self._desk, change, made.FRONT, statuses.BUREAU)
        accepted(await statuses.effect(self._desk, change))


def _etag(row: dict[str, Any]) -> str:
    return f'"{row["version"]}"'


async def _open(desk: Desk, front: str, back: str, year: int) -> Cohort:
    facts = {**DECLARATION, "front": front, "back": back, "approval_year": year, "front_plan": 200}
    (declared,) = await desk.run(
        declare_pathway_projects, DeclarePathwayProject(**facts), party=back
    )
    project = accepted(declared)
    approval = ApprovePathwayProject(
        id=project.id, etag='"1"', approval_document_number=f"苏教职函〔{year}〕1号"
    )
    (approved,) = await desk.run(approve_pathway_projects, approval)
    accepted(approved)
    item = OpenCohort(
        project_id=project.id, intake_date=date(year, 9, 1), class_names=[f"{year}班"]
    )
    (cohort,) = await desk.run(open_cohorts, item, party=front)
    return accepted(cohort)
