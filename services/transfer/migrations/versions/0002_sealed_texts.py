"""Seal what people write about applicants; texts from before are sealed when the service starts.

Revision ID: 0002
Revises: 0001
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# By table: the fields that were in clear.
_FIELDS = {
    "application": ("exemption_ground", "decision_reason"),
    "objection": ("ground", "decision"),
}


def upgrade() -> None:
    """Move the clear texts aside, and make room for the sealed ones."""
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
    op.add_column("objection", sa.Column("person_id", sa.Uuid(), nullable=True))
    op.execute(
        "UPDATE objection o SET person_id = a.person_id"
        " FROM application a WHERE a.id = o.application_id"
    )
    op.alter_column("objection", "person_id", nullable=False)
    for table, fields in _FIELDS.items():
        for field in fields:
            _make_room(table, field)


def _make_room(table: str, field: str) -> None:
    clear: sa.ColumnClause[str] = sa.column(field)
    found = [sa.literal(table), sa.column("id"), sa.literal(field), sa.column("person_id"), clear]
    rows: Any = sa.select(*found).select_from(sa.table(table)).where(clear != "")
    columns = ["table_name", "row_id", "field", "subject_id", "clear"]
    unsealed = sa.table("unsealed", *map(sa.column, columns))
    op.execute(sa.insert(unsealed).from_select(columns, rows))
    column = sa.Column(f"sealed_{field}", sa.LargeBinary(), server_default="", nullable=False)
    op.add_column(table, column)
    op.alter_column(table, column.name, server_default=None)
    op.drop_column(table, field)
