"""A database with very many made-up persons, filled by plain SQL, to see how reads scale.

Only what reads count and list is there, in the shares that the case has; nothing is sealed. Rules
of the commands are not asked, so no command may work on it.
"""

from typing import Any, Final

import asyncpg
from sqlalchemy import ARRAY, BigInteger, Boolean, Date, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from services.enrollment.store.cooperation_tables import (
    cooperation,
    cooperation_party,
    cooperation_pupil,
)
from services.enrollment.store.internship_tables import internship, internship_point
from services.enrollment.store.placement_tables import placement
from services.enrollment.store.roster_tables import forfeited_place, member_span
from services.enrollment.store.status_tables import status_period
from services.enrollment.store.tables import (
    cohort,
    cohort_member,
    organisation,
    pathway_project,
    person,
    person_party,
    status_record,
)

SCHOOLS: Final = 200
ENTERPRISES: Final = 100
COHORT_SIZE: Final = 40
# The region of the first schools; the next are in others.
REGION: Final = "320500"
_YEARS: Final = 10
_DEFAULTS: Final = {
    JSONB: "'[]'",
    Text: "''",
    LargeBinary: "''",
    Boolean: "false",
    Date: "date '2020-09-01'",
    BigInteger: "1",
    Integer: "1",
    ARRAY: "'{}'",
}


async def populate(dsn: str, count: int) -> None:
    """Fill an empty, migrated database with so many persons, and what is held of them."""
    connection = await asyncpg.connect(dsn)
    try:
        # Without the checks of keys, which are right by the way in which they are made.
        await connection.execute("SET session_replication_role = replica")
        await _parties(connection)
        await _rosters(connection, count)
        await _records(connection, count)
        await _practice(connection, count)
        await connection.execute("VACUUM ANALYZE", timeout=600)
    finally:
        await connection.close()


def school(number: str) -> str:
    """Return the SQL of the school of a project, or of a person's project."""
    return f"'school-' || ({number}) % {SCHOOLS}"


def _firm(number: str) -> str:
    return f"'firm-' || ({number}) % {ENTERPRISES}"


def _college(number: str) -> str:
    return f"'college-' || ({number}) % {SCHOOLS}"


def _id(kind: str, number: str) -> str:
    return f"md5('{kind}' || ({number}))::uuid"


def _year(number: str) -> str:
    """Return the SQL of the intake year of a project."""
    return f"(2013 + (({number}) + ({number}) / {SCHOOLS}) % {_YEARS})"


_PROJECT: Final = f"(n / {COHORT_SIZE})"
_INTAKE: Final = f"make_date({_year(_PROJECT)}, 9, 1)"
_GRADUATION: Final = f"make_date({_year(_PROJECT)} + 3, 6, 30)"
# Who came at least three years before 2021 has graduated.
_HAS_GRADUATED: Final = f"{_year(_PROJECT)} <= 2018"


async def _fill(connection: asyncpg.Connection, table: Table, count: int, **columns: str) -> None:
    """Insert rows numbered n; what is not said of a column that must have a value is empty."""
    values = {
        each.name: f"({columns.get(each.name) or _default(each.type)})"
        for each in table.columns
        if each.identity is None and (each.name in columns or not each.nullable)
    }
    await connection.execute(
        f"INSERT INTO {table.name} ({', '.join(values)})"  # noqa: S608
        f" SELECT {', '.join(values.values())} FROM generate_series(0, {count - 1}) n",
        timeout=600,
    )


def _default(of: Any) -> str:
    return next(value for kind, value in _DEFAULTS.items() if isinstance(of, kind))


async def _parties(connection: asyncpg.Connection) -> None:
    region = f"CASE WHEN n < 20 THEN '{REGION}' ELSE (320100 + n % 13 * 100)::text END"
    for prefix, kind, count in (
        ("school", "SECONDARY_VOCATIONAL", SCHOOLS),
        ("college", "HIGHER_VOCATIONAL", SCHOOLS),
        ("firm", "ENTERPRISE", ENTERPRISES),
    ):
        await _fill(
            connection,
            organisation,
            count,
            id=f"'{prefix}-' || n",
            kind=f"'{kind}'",
            state="'ACTIVE'",
            region_code=region,
            regions=f"jsonb_build_array(jsonb_build_object('region_code', {region},"
            " 'valid_from_date', '2000-01-01', 'valid_to_date', null))",
        )


async def _rosters(connection: asyncpg.Connection, count: int) -> None:
    projects = -(-count // COHORT_SIZE)
    of_project = {"front": school("n"), "back": _college("n")}
    await _fill(
        connection,
        pathway_project,
        projects,
        id=_id("project", "n"),
        approval_year=_year("n"),
        front_major_code=f"(690000 + n / {SCHOOLS * _YEARS})::text",
        back_major_code=f"(490000 + n / {SCHOOLS * _YEARS})::text",
        front_plan=str(COHORT_SIZE),
        back_plan=str(COHORT_SIZE),
        **of_project,
    )
    await _fill(
        connection,
        cohort,
        projects,
        id=_id("cohort", "n"),
        project_id=_id("project", "n"),
        intake_date=f"make_date({_year('n')}, 9, 1)",
        **of_project,
    )
    await _fill(connection, person, count, id=_id("person", "n"), state="'ACTIVE'")
    for party in (school(_PROJECT), _college(_PROJECT)):
        await _fill(connection, person_party, count, person_id=_id("person", "n"), party=party)
    state = f"CASE WHEN {_HAS_GRADUATED} THEN 'GRADUATED' ELSE 'ACTIVE' END"
    await _fill(
        connection,
        cohort_member,
        count,
        id=_id("member", "n"),
        person_id=_id("person", "n"),
        cohort_id=_id("cohort", _PROJECT),
        project_id=_id("project", _PROJECT),
        front=school(_PROJECT),
        back=_college(_PROJECT),
        class_name="'一班'",
        state=state,
    )
    await _fill(
        connection,
        member_span,
        count,
        member_id=_id("member", "n"),
        cohort_id=_id("cohort", _PROJECT),
        state=state,
        valid_from_date=_INTAKE,
    )
    await _fill(
        connection,
        forfeited_place,
        projects,
        id=_id("application", "n"),
        project_id=_id("project", "n"),
        member_id=_id("member", f"n * {COHORT_SIZE}"),
    )


async def _records(connection: asyncpg.Connection, count: int) -> None:
    place = {
        "organisation": school(_PROJECT),
        "level": "'SECONDARY'",
        "major_code": f"(690000 + n / {SCHOOLS * _YEARS * COHORT_SIZE})::text",
    }
    await _fill(
        connection,
        status_record,
        count,
        id=_id("record", "n"),
        person_id=_id("person", "n"),
        member_id=_id("member", "n"),
        project_id=_id("project", _PROJECT),
        front=school(_PROJECT),
        back=_college(_PROJECT),
        stage="'FRONT'",
        state=f"CASE WHEN {_HAS_GRADUATED} THEN 'GRADUATED' ELSE 'IN_SCHOOL' END",
        status=f"CASE WHEN {_HAS_GRADUATED} THEN 'GRADUATED' ELSE 'STUDYING' END",
        valid_from_date=_INTAKE,
        valid_to_date=f"CASE WHEN {_HAS_GRADUATED} THEN {_GRADUATION} END",
        graduate_date=f"CASE WHEN {_HAS_GRADUATED} THEN {_GRADUATION} END",
        status_from_date=f"CASE WHEN {_HAS_GRADUATED} THEN {_GRADUATION} ELSE {_INTAKE} END",
        **place,
    )
    await _fill(
        connection,
        status_period,
        count,
        record_id=_id("record", "n"),
        status="'STUDYING'",
        valid_from_date=f"{_INTAKE} - 300",
        valid_to_date=f"CASE WHEN {_HAS_GRADUATED} THEN {_GRADUATION} - 1 ELSE {_INTAKE} - 1 END",
        **place,
    )


async def _practice(connection: asyncpg.Connection, count: int) -> None:
    of_student = {
        "person_id": _id("person", "n"),
        "status_record_id": _id("record", "n"),
    }
    for version, state, actor in (("1", "RECORDED", ""), ("2", "CONFIRMED", "b")):
        await _fill(
            connection,
            placement,
            count,
            id=_id("placement", "n"),
            version=version,
            state=f"'{state}'",
            confirmed_by=f"'{actor}'",
            recorded_by="'a'",
            organisation=school(_PROJECT),
            record_date=f"{_GRADUATION} + 30",
            survey_date=f"{_GRADUATION} + 20",
            # One in ten corrects the one before.
            corrected_id=f"CASE WHEN n % 10 = 1 THEN {_id('placement', 'n - 1')} END",
            destination="CASE WHEN n % 3 = 0 THEN 'EMPLOYED' ELSE 'FURTHER_STUDY' END",
            match="CASE WHEN n % 3 = 0 THEN 'MATCHED' END",
            **of_student,
        )
    points = -(-count // 50)
    await _fill(
        connection,
        internship_point,
        points,
        id=_id("point", "n"),
        state="'OPEN'",
        organisation=school("n"),
        enterprise=_firm("n"),
        post="'post-' || n",
        valid_from_date=f"make_date({_year('n')}, 1, 1)",
        major_codes="CASE WHEN n % 4 = 0 THEN '[]' ELSE '[\"690000\"]' END::jsonb",
    )
    await _fill(
        connection,
        internship,
        count,
        id=_id("internship", "n"),
        state="'RUNNING'",
        holder="'school'",
        agreement_sha256="'00'",
        school_sign_date=_INTAKE,
        enterprise_sign_date=_INTAKE,
        student_sign_date=_INTAKE,
        organisation=school(_PROJECT),
        enterprise=_firm("n"),
        point_id=_id("point", "n / 50"),
        run_date=f"{_GRADUATION} - 180",
        start_date=f"{_GRADUATION} - 180",
        end_date=f"{_GRADUATION} - 10",
        **of_student,
    )
    await _cooperations(connection, count)


async def _cooperations(connection: asyncpg.Connection, count: int) -> None:
    cooperations = -(-count // COHORT_SIZE)
    first = f"make_date({_year('n')}, 9, 1)"
    await _fill(
        connection,
        cooperation,
        cooperations,
        id=_id("cooperation", "n"),
        state="'RUNNING'",
        kind="CASE WHEN n % 2 = 0 THEN 'ORDER_CLASS' ELSE 'NAMED_CLASS' END",
        class_name="'班' || n",
        student_count=str(COHORT_SIZE),
        in_force_periods=f"jsonb_build_array(jsonb_build_object('valid_from_date', {first},"
        " 'until_date', null))",
    )
    for organisation_id, role in ((school("n"), "SCHOOL"), (_firm("n"), "ENTERPRISE")):
        await _fill(
            connection,
            cooperation_party,
            cooperations,
            cooperation_id=_id("cooperation", "n"),
            organisation=organisation_id,
            role=f"'{role}'",
            join_date=first,
        )
    await _fill(
        connection,
        cooperation_pupil,
        count,
        id=_id("pupil", "n"),
        state="'ACTIVE'",
        kind="'ORDER_CLASS'",
        cooperation_id=_id("cooperation", _PROJECT),
        person_id=_id("person", "n"),
        status_record_id=_id("record", "n"),
        school=school(_PROJECT),
        enterprise=_firm(_PROJECT),
        join_date=_INTAKE,
    )
