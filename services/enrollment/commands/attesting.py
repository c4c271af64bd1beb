"""How commands take steps on learning outcomes: lock the persons, load, apply, add versions.

Who may not see an outcome is told that there is none: only the organisations that may see its
person, and who issued it, are told more.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from chassis import db
from chassis.errors import DomainError, ResourceNotFound
from chassis.etags import check_etag
from chassis.identity import Caller
from chassis.names import name_of
from services.enrollment.commands.changing import Target, done, each
from services.enrollment.domain.learning_outcome import LearningOutcome
from services.enrollment.store import learning_outcomes, persons

Step = TypeVar("Step", bound=Target)


async def attest(
    tx: db.Transaction,
    items: Sequence[Step],
    rule: Callable[[LearningOutcome, Step], None],
    *,
    caller: Caller,
) -> list[LearningOutcome | DomainError]:
    """Take the step on each outcome that the caller may see, unless the rule refuses it."""
    ids = [item.id for item in items]
    of = await persons.get_many(tx, await learning_outcomes.find_person_ids(tx, ids))
    # Loaded after the locks are held: a statement of its own sees what was committed before.
    loaded = await learning_outcomes.get_many(tx, ids)
    if any(each.person_id not in of for each in loaded.values()):
        # It followed a merge or a split meanwhile.
        raise db.VersionConflict

    def take(item: Step) -> LearningOutcome:
        outcome = loaded.get(item.id)
        if outcome is not None:
            outcome.parties = of[outcome.person_id].parties
        if outcome is None or caller.organisation not in {outcome.issuer, *outcome.parties}:
            raise ResourceNotFound(name=name_of("learningOutcomes", item.id))
        check_etag(item.etag, outcome.version)
        of[outcome.person_id].check_not_erased()
        rule(outcome, item)
        return outcome

    results = each(items, take)
    await learning_outcomes.add_versions(tx, done(results))
    return results
