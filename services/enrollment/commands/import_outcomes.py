"""Imports rows of learning outcomes: each is new, changed, the same, or refused by itself.

The same rows again change nothing, and absence takes nothing away. What a row says otherwise than
it is known is revoked and declared anew, in one transaction, while it is nothing but declared by
the same school; later than that the row is refused, and says what to do (see outcome_rows). The
present content is compared itself, whoever declared it and by whichever way, so that no second
book of hashes has to agree with it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis import db
from chassis.errors import DomainError
from chassis.identity import Caller
from chassis.keys import KeyStore
from chassis.names import name_of
from chassis.sealed import Sealer
from services.enrollment.commands.changing import each
from services.enrollment.commands.declare_learning_outcomes import Desk, load_desk
from services.enrollment.commands.finding import PersonFinder, PersonReference
from services.enrollment.commands.opening import open_value
from services.enrollment.domain.import_row_refusals import ImportedPersonUnknown
from services.enrollment.domain.learning_outcome import Declaration, LearningOutcome
from services.enrollment.domain.outcome_rows import Known, find_replaced, natural_key
from services.enrollment.domain.row_verdicts import RowsSeen, Taken, Verdict
from services.enrollment.store import learning_outcomes, person_merges

_NUMBER = "certificate_number"


@dataclass(frozen=True, kw_only=True)
class OutcomeRow:
    """A row as it was sent; `said` has the fields of a declaration that are not personal."""

    # Of the row in the file, from 1.
    number: int
    person: PersonReference
    certificate_number: str = field(repr=False)
    said: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ImportOutcome:
    """A row whose student was found; the number is sealed, and in clear to compare it."""

    number: int
    declaration: Declaration
    certificate_number: str = field(repr=False)


async def prepare(
    rows: Sequence[OutcomeRow], *, finder: PersonFinder, keys: KeyStore
) -> list[ImportOutcome | DomainError]:
    """Find the students and seal the numbers, before the transaction begins."""
    found = await finder.find([row.person for row in rows])
    known = await keys.get_many([person_id for person_id in found if person_id])

    def prepare_row(pair: tuple[OutcomeRow, UUID | None]) -> ImportOutcome:
        row, person_id = pair
        if person_id is None or person_id not in known:
            raise ImportedPersonUnknown
        number = row.certificate_number
        sealed = Sealer.seal(known[person_id], person_id, _NUMBER, number) if number else b""
        declaration = Declaration(person_id=person_id, sealed_certificate_number=sealed, **row.said)
        return ImportOutcome(number=row.number, declaration=declaration, certificate_number=number)

    return each(list(zip(rows, found, strict=True)), prepare_row)


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
    """Return what is known of persons, and of the duplicates that answer with them."""
    answering = await person_merges.aliases_of(tx, person_ids)
    outcomes = await learning_outcomes.list_of_persons(tx, list(answering))
    opened = await keys.get_many(
        list({each.person_id for each in outcomes if each.sealed_certificate_number})
    )
    known: dict[UUID, list[Known]] = defaultdict(list)
    for outcome in outcomes:
        sealed = outcome.sealed_certificate_number
        key = opened.get(outcome.person_id)
        number = open_value(key, _NUMBER, sealed) if key else ""
        known[answering[outcome.person_id]].append(Known(outcome, number))
    return known


@dataclass(kw_only=True)
class _Intake:
    """The rows of a call, taken one after another."""

    desk: Desk
    known: Mapping[UUID, Sequence[Known]]
    seen: RowsSeen = field(default_factory=RowsSeen)
    declared: list[LearningOutcome] = field(default_factory=list)
    revoked: list[LearningOutcome] = field(default_factory=list)

    def take(self, item: ImportOutcome) -> Taken:
        """Return what becomes of a row, or refuse it."""
        said, number, party = item.declaration, item.certificate_number, self.desk.caller
        person = self.desk.persons.get(said.person_id)
        if person is None or party.organisation not in person.parties:
            raise ImportedPersonUnknown
        key = natural_key(said, number)
        self.seen.note((person.id, key), item.number)
        met = [
            each
            for each in self.known.get(person.id, ())
            if natural_key(each.outcome, each.number) == key
        ]
        former, is_same = find_replaced(said, number, met, party=party.organisation)
        if former and is_same:
            return Taken(verdict=Verdict.SAME, name=_name(former))
        outcome = self._replace(former, said) if former else self.desk.declare(said)
        self.declared.append(outcome)
        verdict = Verdict.CHANGED if former else Verdict.NEW
        return Taken(verdict=verdict, name=_name(outcome))

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
