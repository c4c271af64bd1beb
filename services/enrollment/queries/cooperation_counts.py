"""Counts what was in force on a day by kind and grade, as S0 and S4 report it.

S0: enterprise colleges, 2 校级 + 9 系院 + 24 专业. S4: 27 schools with 6526 order pupils.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Text,
    and_,
    bindparam,
    cast,
    column,
    func,
    or_,
    select,
)

from chassis import db
from services.enrollment.domain.cooperation_parts import Role
from services.enrollment.queries.cooperation_pupils import was_on_roster
from services.enrollment.queries.cooperations import takes_part, was_in_force
from services.enrollment.queries.regions import was_in_region
from services.enrollment.store.cooperation_tables import (
    cooperation,
    cooperation_party,
    cooperation_pupil,
)

_ON = bindparam("on", type_=Date)
_KIND = bindparam("kind", type_=Text)
_REGION = bindparam("region", type_=Text)
_PARTY = cooperation_party.c
_IS_SCHOOL = or_(_PARTY.role == Role.SCHOOL.value, _PARTY.role == Role.COLLEGE.value)


def _found() -> CTE:
    """Return what was in force on the day, with its grade of the day."""
    grades = (
        func.jsonb_to_recordset(cooperation.c.grades)
        .table_valued(column("grade", Text), column("valid_from_date", Date))
        .render_derived(name="dated", with_types=True)
    )
    grade = (
        select(grades.c.grade)
        .where(grades.c.valid_from_date <= _ON)
        .order_by(grades.c.valid_from_date.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            cooperation.c.id,
            cooperation.c.kind,
            func.coalesce(grade, "").label("grade"),
            cooperation.c.student_count,
        )
        .where(
            was_in_force(_ON),
            or_(_KIND == "", cooperation.c.kind == _KIND),
            or_(_REGION == "", _has_school_in_region()),
            or_(bindparam("party", type_=Text) == "", takes_part(cooperation.c.id, "party")),
            or_(bindparam("seen_by", type_=Text) == "", takes_part(cooperation.c.id, "seen_by")),
        )
        .cte("found")
    )


def _has_school_in_region() -> ColumnElement[bool]:
    return (
        select(_PARTY.organisation)
        .where(
            _PARTY.cooperation_id == cooperation.c.id,
            _IS_SCHOOL,
            was_in_region(_PARTY.organisation, _REGION, _ON),
        )
        .exists()
    )


def _parties(found: CTE) -> CTE:
    """Count the organisations that took part on the day, each once a kind and grade."""
    stayed = or_(_PARTY.leave_date.is_(None), _PARTY.leave_date > _ON)
    organisations = func.count(_PARTY.organisation.distinct())
    is_enterprise = _PARTY.role == Role.ENTERPRISE.value
    return (
        select(
            found.c.kind,
            found.c.grade,
            organisations.filter(_IS_SCHOOL).label("schools_count"),
            organisations.filter(is_enterprise).label("enterprises_count"),
        )
        .join(cooperation_party, _PARTY.cooperation_id == found.c.id)
        .where(_PARTY.join_date <= _ON, stayed)
        .group_by(found.c.kind, found.c.grade)
        .cte("parties")
    )


def _pupils(found: CTE) -> CTE:
    """Count who was on the rosters on the day."""
    return (
        select(found.c.kind, found.c.grade, func.count().label("pupils_count"))
        .join(cooperation_pupil, cooperation_pupil.c.cooperation_id == found.c.id)
        .where(was_on_roster(_ON))
        .group_by(found.c.kind, found.c.grade)
        .cte("pupils")
    )


def _count() -> db.Statement:
    found = _found()
    parties, pupils = _parties(found), _pupils(found)
    key = (found.c.kind, found.c.grade)
    return db.compile(
        select(
            *key,
            cast(func.count(), Integer).label("cooperations_count"),
            cast(func.sum(found.c.student_count), BigInteger).label("agreed_students_count"),
            func.max(parties.c.schools_count).label("schools_count"),
            func.max(parties.c.enterprises_count).label("enterprises_count"),
            func.coalesce(func.max(pupils.c.pupils_count), 0).label("pupils_count"),
        )
        .join(parties, and_(parties.c.kind == key[0], parties.c.grade == key[1]))
        .join(pupils, and_(pupils.c.kind == key[0], pupils.c.grade == key[1]), isouter=True)
        .group_by(*key)
        .order_by(*key)
    )


_COUNT = _count()


async def count_cooperations(
    reader: db.Reader,
    *,
    on: date,
    scope: str | None,
    kind: str = "",
    party: str = "",
    region: str = "",
) -> Sequence[db.Row]:
    """Return a row for each kind and grade that was in force on a day; empty filters are off."""
    return await reader.fetch(
        _COUNT, on=on, kind=kind, party=party, region=region, seen_by=scope or ""
    )
