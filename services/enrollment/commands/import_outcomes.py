"""Imports rows of learning outcomes: each is new, changed, the same, or refused by itself.

The same rows again change nothing, and absence takes nothing away. What a row says otherwise than
it is known is revoked and declared anew, in one transaction, while it is nothing but declared by
the same school; later than that the row is refused, and says what to do (see outcome_rows). The
present content is compared itself, whoever declared it and by whichever way, so that no second
book of hashes has to agree with it.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis import db
from chassis.errors import DomainError, ServiceBusy
from chassis.identity import Caller
from chassis.import_steps import Recognised, Taken, Verdict
from chassis.keys import KeyStore
from chassis.names import name_of
from chassis.sealed import DataKey
from services.enrollment.commands.changing import done, each
from services.enrollment.commands.declare_learning_outcomes import Desk, load_desk
from services.enrollment.commands.finding import PersonFinder, PersonReference, digest_of_row
from services.enrollment.commands.opening import open_value, seal
from services.enrollment.domain.import_row_refusals import ImportedPersonUnknown
from services.enrollment.domain.learning_outcome import Declaration, LearningOutcome
from services.enrollment.domain.outcome_rows import Known, content, find_replaced, natural_key
from services.enrollment.store import learning_outcomes

_NUMBER = "certificate_number"


@dataclass(frozen=True, kw_only=True)
class OutcomeRow:
    """A row as it was sent; `said` has the fields of a declaration that are not personal."""

    person: PersonReference
    certificate_number: str = field(repr=False)
    said: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ImportOutcome:
    """A row whose student was found; the number is sealed, and in clear to compare it."""

    declaration: Declaration
    certificate_number: str = field(repr=False)


class OutcomeImporter:
    """Takes the rows of a stream for one caller."""

    kind = "OUTCOMES"

    def __init__(
        self,
        read: Callable[[Any], OutcomeRow],
        *,
        finder: PersonFinder,
        keys: KeyStore,
        caller: Caller,
        now: datetime,
    ) -> None:
        """Take what reads a row as it came, or refuses it."""
        self._read = read
        self._finder = finder
        self._keys = keys
        self._caller = caller
        self._now = now

    async def recognise(
        self,
        rows: Sequence[Any],
        *,
        is_rehearsal: bool,  # noqa: ARG002 - nothing is written here
    ) -> list[Recognised[ImportOutcome] | DomainError]:
        """Find the students; only their keys tell what a digest of a row was made of."""
        read = each(rows, self._read)
        students = iter(await self._finder.find_keys([row.person for row in done(read)]))

        def recognise(row: OutcomeRow | DomainError) -> Recognised[ImportOutcome]:
            if isinstance(row, DomainError):
                raise row
            key = next(students)
            if key is None:
                raise ImportedPersonUnknown
            declaration = Declaration(
                person_id=key.subject_id, sealed_certificate_number=b"", **row.said
            )
            number, school = row.certificate_number, self._caller.organisation
            return Recognised(
                # The school is a part of it: what another has taken is no news of this one.
                key=digest_of_row(key, "key", school, natural_key(declaration, number)),
                content=digest_of_row(key, "content", content(declaration, number)),
                item=ImportOutcome(declaration=declaration, certificate_number=number),
            )

        return each(read, recognise)

    async def prepare(self, items: Sequence[ImportOutcome]) -> list[ImportOutcome]:
        """Seal the certificates' numbers."""
        keys = await self._keys.get_many([item.declaration.person_id for item in items])
        return [_sealed(item, keys.get(item.declaration.person_id)) for item in items]

    async def write(
        self,
        tx: db.Transaction,
        ready: Sequence[ImportOutcome],
        *,
        is_again: bool,  # noqa: ARG002 - all is loaded anew
    ) -> list[Taken | DomainError]:
        """Import the rows that are not the same as before."""
        return await import_outcomes(tx, ready, caller=self._caller, now=self._now, keys=self._keys)


def _sealed(item: ImportOutcome, key: DataKey | None) -> ImportOutcome:
    if not item.certificate_number:
        return item
    if key is None:
        # Erased at this very moment: the next attempt finds nobody.
        raise ServiceBusy
    sealed = seal(key, _NUMBER, item.certificate_number)
    return replace(item, declaration=replace(item.declaration, sealed_certificate_number=sealed))


async def import_outcomes(
    tx: db.Transaction,
    items: Sequence[ImportOutcome],
    *,
    caller: Caller,
    now: datetime,
    keys: KeyStore,
) -> list[Taken | DomainError]:
    """Declare, replace or leave each row's outcome; a refusal takes the place of its verdict."""
    declarations = [item.declaration for item in items]
    desk = await load_desk(tx, declarations, caller=caller, now=now)
    intake = _Intake(desk=desk, known=await _load_known(tx, list(desk.persons), keys))
    results = each(items, intake.take)
    await learning_outcomes.add_versions(tx, [*intake.revoked, *intake.declared])
    return results


async def _load_known(
    tx: db.Transaction, person_ids: Sequence[UUID], keys: KeyStore
) -> dict[UUID, list[Known]]:
    """Return what is known of persons, with the certificates' numbers opened."""
    opened = await keys.get_many(person_ids)
    known: dict[UUID, list[Known]] = defaultdict(list)
    for outcome in await learning_outcomes.list_of_persons(tx, person_ids):
        key = opened.get(outcome.person_id)
        number = open_value(key, _NUMBER, outcome.sealed_certificate_number) if key else ""
        known[outcome.person_id].append(Known(outcome, number))
    return known


@dataclass(kw_only=True)
class _Intake:
    """The rows of a call, taken one after another."""

    desk: Desk
    known: Mapping[UUID, Sequence[Known]]
    declared: list[LearningOutcome] = field(default_factory=list)
    revoked: list[LearningOutcome] = field(default_factory=list)

    def take(self, item: ImportOutcome) -> Taken:
        """Return what becomes of a row, or refuse it."""
        said, number, party = item.declaration, item.certificate_number, self.desk.caller
        person = self.desk.persons.get(said.person_id)
        if person is None or party.organisation not in person.parties:
            raise ImportedPersonUnknown
        key = natural_key(said, number)
        met = [
            each
            for each in self.known.get(person.id, ())
            if natural_key(each.outcome, each.number) == key
        ]
        former, is_same = find_replaced(said, number, met, party=party.organisation)
        if former and is_same:
            return Taken(Verdict.SAME, _name(former))
        outcome = self._replace(former, said) if former else self.desk.declare(said)
        self.declared.append(outcome)
        verdict = Verdict.CHANGED if former else Verdict.NEW
        return Taken(verdict, _name(outcome))

    def _replace(self, former: LearningOutcome, said: Declaration) -> LearningOutcome:
        """Declare anew what a row corrects; the former one stays if that is refused."""
        evidence = (said.person_id, former.evidence_sha256)
        held = self.desk.evidence.pop(evidence, None)
        try:
            outcome = self.desk.declare(said)
        except DomainError:
            if held:
                self.desk.evidence[evidence] = held
            raise
        former.revoke(
            party=self.desk.caller.organisation,
            reason=f"由导入更正，见 {_name(outcome)}",
            today=self.desk.today,
        )
        self.revoked.append(former)
        return outcome


def _name(outcome: LearningOutcome) -> str:
    return name_of("learningOutcomes", outcome.id)
