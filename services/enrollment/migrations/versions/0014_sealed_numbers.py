"""Seal diploma and certificate numbers and reasons of leaving; those from before are sealed later.

A process that has the keys seals them when it starts.

Revision ID: 0014
Revises: 0013
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# Made from a status change, and not typed by anybody: its code and name.
_CODED = "^[0-9]{2} [A-Z_]+$"


def upgrade() -> None:
    """Move the clear values aside, and make room for the sealed ones."""
    op.create_table(
        "unsealed",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("clear", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.drop_constraint("status_record_diploma", "status_record", type_="check")
    for field in ("diploma_number", "certificate_number"):
        _move("status_record", field, sa.column(field) != "")
        op.drop_column("status_record", field)
    op.create_check_constraint(
        "status_record_diploma",
        "status_record",
        "state = 'GRADUATED' or octet_length(sealed_diploma_number) = 0",
    )
    reason: sa.ColumnClause[str] = sa.column("left_reason")
    typed = sa.and_(reason != "", reason.regexp_match(_CODED).is_(sa.false()))
    _move("cohort_member", "left_reason", typed)
    member = sa.table("cohort_member", sa.column("left_reason"))
    op.execute(sa.update(member).values(left_reason="").where(typed))


def _move(table: str, field: str, condition: Any) -> None:
    found = [sa.column("id"), sa.literal(field), sa.column("person_id"), sa.column(field)]
    rows: Any = sa.select(sa.literal(table), *found).select_from(sa.table(table)).where(condition)
    columns = ["table_name", "row_id", "field", "subject_id", "clear"]
    unsealed = sa.table("unsealed", *map(sa.column, columns))
    op.execute(sa.insert(unsealed).from_select(columns, rows))
    column = sa.Column(f"sealed_{field}", sa.LargeBinary(), server_default="", nullable=False)
    op.add_column(table, column)
    op.alter_column(table, column.name, server_default=None)
