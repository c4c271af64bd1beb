"""Counts where graduates went: distinct persons, each by the newest placement that counts.

A placement counts from its confirmation on, until a correction of it is confirmed. It names
nobody: what leaves here are counts.
"""

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import distinct_on

from chassis import db
from services.enrollment.domain.placement import Destination, Match
from services.enrollment.domain.practice_statistics import Counts
from services.enrollment.queries.schools_asked import Question, is_asked_for
from services.enrollment.store.placement_tables import placement
from services.enrollment.store.tables import status_record

_AT = bindparam("at_date", type_=Date)
_CORRECTION = placement.alias("correction")
_GRADUATES = (
    # Who graduated twice in the period is counted once, by the last graduation.
    select(status_record.c.id)
    .where(
        # Written out, so that the partial index serves it.
        status_record.c.state == literal_column("'GRADUATED'"),
        status_record.c.graduate_date.between(
            bindparam("from_date", type_=Date), bindparam("to_date", type_=Date)
        ),
        is_asked_for(status_record.c.organisation),
    )
    .ext(distinct_on(status_record.c.person_id))
    .order_by(
        status_record.c.person_id, status_record.c.graduate_date.desc(), status_record.c.id.desc()
    )
    .subquery("graduate")
)


def _counts(versions: FromClause) -> ColumnElement[bool]:
    return and_(versions.c.state == literal_column("'CONFIRMED'"), versions.c.record_date <= _AT)


_IS_CORRECTED = (
    select(_CORRECTION.c.id)
    .where(_CORRECTION.c.corrected_id == placement.c.id, _counts(_CORRECTION))
    .exists()
)
_NEWEST = (
    select(placement.c.destination, placement.c.match)
    .where(placement.c.status_record_id == _GRADUATES.c.id, _counts(placement), ~_IS_CORRECTED)
    .order_by(placement.c.survey_date.desc(), placement.c.id.desc())
    .limit(1)
    .lateral("newest")
)
# In a query of its own: a name in GROUP BY means the column, in which what is missing is another.
_FOUND = (
    select(
        func.coalesce(_NEWEST.c.destination, Destination.UNKNOWN.value).label("destination"),
        _NEWEST.c.match,
    )
    .select_from(_GRADUATES.outerjoin(_NEWEST, true()))
    .subquery("found")
)
_COUNT = db.compile(
    select(_FOUND.c.destination, _FOUND.c.match, func.count().label("count")).group_by(
        _FOUND.c.destination, _FOUND.c.match
    )
)


async def count_placements(reader: db.Reader, question: Question) -> Counts:
    """Return how many graduates went where, and of who works whether it fits."""
    rows = await reader.fetch(_COUNT, **question.parameters(), at_date=question.at_date)
    return {
        (Destination(row["destination"]), Match(row["match"]) if row["match"] else None): row[
            "count"
        ]
        for row in rows
    }
