"""Enrols students: the person, the membership and the front-stage status record."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis import db
from chassis.errors import DomainError, ServiceBusy
from chassis.identity import Caller
from chassis.ids import new_id
from services.enrollment.commands.changing import done, each, visible_by_id
from services.enrollment.domain.cohort import Cohort
from services.enrollment.domain.cohort_member import CohortMember
from services.enrollment.domain.pathway_project import PathwayProject
from services.enrollment.domain.person import Applicant, Person, State
from services.enrollment.domain.refusals import AdmissionNumberTaken, PersonAlreadyEnrolled
from services.enrollment.domain.status_record import StatusRecord
from services.enrollment.domain.status_spans import Spans
from services.enrollment.store import (
    admissions,
    cohort_members,
    cohorts,
    pathway_projects,
    person_merges,
    persons,
    status_records,
)


@dataclass(frozen=True, kw_only=True)
class EnrollCohortMember:
    """A student to enrol in a cohort; sealed before the transaction (see seal_applicants)."""

    cohort_id: UUID
    class_name: str
    applicant: Applicant


async def enroll_cohort_members(
    tx: db.Transaction, items: Sequence[EnrollCohortMember], *, caller: Caller
) -> list[CohortMember | DomainError]:
    """Enrol those whom no rule refuses; the locks of the cohorts keep their plans."""
    rosters = await load_rosters(tx, items)
    results = each(items, lambda item: rosters.enroll(item, caller))
    await rosters.save(tx, done(results))
    return results


async def load_rosters(
    tx: db.Transaction,
    items: Sequence[EnrollCohortMember],
    *,
    unregistered: Collection[UUID] = (),
) -> "Rosters":
    """Load what enrolling needs, locked.

    `unregistered` are persons whose ids nobody knew before: nothing is looked for of them. Should
    one be registered meanwhile, its insert is a VersionConflict.
    """
    cohort_ids = [item.cohort_id for item in items]
    person_ids = [
        item.applicant.person_id for item in items if item.applicant.person_id not in unregistered
    ]
    loaded = await cohorts.get_many(tx, cohort_ids)
    projects = await pathway_projects.get_many(tx, [each.project_id for each in loaded.values()])
    # Counted after the locks are held: a statement of its own sees what was committed before.
    counts = await cohort_members.count_enrolled(tx, cohort_ids)
    # Before the memberships: who sees a record of another call sees its membership too.
    spans = await status_records.get_spans(tx, person_ids)
    known = await persons.get_many(tx, person_ids)
    return Rosters(
        cohorts=loaded,
        projects=projects,
        counts=counts,
        persons=known,
        survivors=await _survivors(tx, items),
        members=await cohort_members.list_of_persons(tx, person_ids),
        taken_admissions=await admissions.find_taken(
            tx,
            [
                (loaded[item.cohort_id].intake_date.year, item.applicant.admission_digest)
                for item in items
                if item.cohort_id in loaded
            ],
        ),
        spans=spans,
        unregistered=unregistered,
    )


async def _survivors(tx: db.Transaction, items: Sequence[EnrollCohortMember]) -> dict[UUID, UUID]:
    """Return whom the holders of ID numbers answer with who are not the person sealed for."""
    holders = {item.applicant.holder_id: item.applicant.person_id for item in items}
    moved = [each for each, person_id in holders.items() if each not in (None, person_id)]
    return await person_merges.resolve(tx, [each for each in moved if each]) if moved else {}


class Rosters:
    """The rosters of a call, to which each item is added or not."""

    def __init__(
        self,
        *,
        cohorts: dict[UUID, Cohort],
        projects: dict[UUID, PathwayProject],
        counts: dict[UUID, int],
        persons: dict[UUID, Person],
        survivors: dict[UUID, UUID],
        members: Sequence[CohortMember],
        taken_admissions: set[admissions.Admission],
        spans: Spans,
        unregistered: Collection[UUID],
    ) -> None:
        self.cohorts = cohorts
        self._projects = projects
        self._counts = counts
        self.persons = persons
        self._survivors = survivors
        self._spans = spans
        self._admissions = taken_admissions
        self._unregistered = unregistered
        self._memberships: dict[UUID, list[CohortMember]] = defaultdict(list)
        for member in members:
            self._memberships[member.person_id].append(member)
        self.new_persons: list[Person] = []
        self.joined_persons: list[Person] = []
        self.records: list[StatusRecord] = []

    def enroll(self, item: EnrollCohortMember, caller: Caller) -> CohortMember:
        """Add one student to a roster, or refuse."""
        cohort = visible_by_id(self.cohorts, item.cohort_id, caller, collection="cohorts")
        enrolled_count = self._counts.get(cohort.id, 0)
        cohort.check_may_join(
            party=caller.organisation, class_name=item.class_name, enrolled_count=enrolled_count
        )
        self._check_person(item.applicant)
        memberships = self._memberships[item.applicant.person_id]
        if any(each.bars_enrolment_in(cohort.id) for each in memberships):
            raise PersonAlreadyEnrolled
        self._take_admission(item.applicant, cohort)
        member = CohortMember.enrol(
            item.applicant, new_id=new_id(), cohort=cohort, class_name=item.class_name
        )
        record = StatusRecord.open_front(
            new_id=new_id(),
            member=member,
            cohort=cohort,
            project=self._projects[cohort.project_id],
        )
        self._spans.add(record)
        self._register(item.applicant, cohort)
        self._counts[cohort.id] = enrolled_count + 1
        memberships.append(member)
        self.records.append(record)
        return member

    async def save(self, tx: db.Transaction, members: Sequence[CohortMember]) -> None:
        """Write whom was enrolled."""
        await persons.add_many(tx, self.new_persons)
        await persons.save_many(tx, self.joined_persons)
        await cohort_members.add_many(tx, members)
        await status_records.add_many(tx, self.records)

    def find_member(self, cohort_id: UUID, person_id: UUID) -> CohortMember | None:
        """Return the membership of a person in a cohort, if there is one."""
        for member in self._memberships[person_id]:
            if member.cohort_id == cohort_id:
                return member
        return None

    def _take_admission(self, applicant: Applicant, cohort: Cohort) -> None:
        """Give an admission to one student; who left the roster has given it back."""
        admission = cohort.intake_date.year, applicant.admission_digest
        if admission in self._admissions:
            if applicant.person_id in self._unregistered:
                # Perhaps their own: another call may have enrolled them meanwhile.
                raise db.VersionConflict
            raise AdmissionNumberTaken(year=str(cohort.intake_date.year))
        if applicant.admission_digest:
            self._admissions.add(admission)

    def _check_person(self, applicant: Applicant) -> None:
        """Refuse who was merged, split or erased since the applicant was sealed: try again."""
        person = self.persons.get(applicant.person_id)
        if person is not None and person.state is not State.ACTIVE:
            raise ServiceBusy
        holder_id = applicant.holder_id
        if holder_id not in (None, applicant.person_id) and (
            self._survivors.get(holder_id) != applicant.person_id
        ):
            raise ServiceBusy

    def _register(self, applicant: Applicant, cohort: Cohort) -> None:
        person = self.persons.get(applicant.person_id)
        if person is None:
            person = Person.register(applicant, front=cohort.front, back=cohort.back)
            self.persons[person.id] = person
            self.new_persons.append(person)
        else:
            person.join(front=cohort.front, back=cohort.back)
            self.joined_persons.append(person)
