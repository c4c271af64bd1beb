"""Counts of members on the wire."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from guantong.enrollment.v1 import cohort_pb2 as pb

from chassis import db
from chassis.civil import from_date
from chassis.names import parse_slug, parse_uuid

_COLLECTIONS = {"cohorts": "cohort", "pathwayProjects": "project", "organisations": "school"}


def to_whose(name: str) -> tuple[str, UUID | str]:
    """Return whose members a name asks for: cohort, project or school, and which."""
    collection, _, _ = name.partition("/")
    parse = parse_slug if collection == "organisations" else parse_uuid
    return _COLLECTIONS[collection], parse(collection, name)


def to_message(rows: Sequence[db.Row], *, name: str, on: date) -> pb.CohortCounts:
    """Return counts by state and reason as the resource; who is enrolled is in one state."""
    by_state: dict[str, int] = {}
    for row in rows:
        by_state[row["state"]] = by_state.get(row["state"], 0) + row["count"]
    return pb.CohortCounts(
        name=name,
        at_date=from_date(on),
        enrolled_count=sum(by_state.values()),
        active_count=by_state.get("ACTIVE", 0),
        suspended_count=by_state.get("SUSPENDED", 0),
        graduated_count=by_state.get("GRADUATED", 0),
        left_count=by_state.get("LEFT", 0),
        left_counts=[
            pb.CohortCounts.LeftCount(
                why=pb.CohortMember.Why.Value(f"WHY_{row['why']}"), count=row["count"]
            )
            for row in rows
            if row["state"] == "LEFT"
        ],
    )
