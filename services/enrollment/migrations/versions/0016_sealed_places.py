"""Seal why pupils leave rosters of cooperations; what is from before is sealed later

A process that has the keys seals it when it starts.

Revision ID: 0016
Revises: 0015
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the clear values aside, and make room for the sealed ones."""
    field = "leave_reason"
    columns = ["table_name", "row_id", "field", "subject_id", "clear"]
    reason: sa.ColumnClause[str] = sa.column(field)
    values = [sa.literal("cooperation_pupil"), sa.column("id"), sa.literal(field)]
    rows: Any = (
        sa.select(*values, sa.column("person_id"), reason)
        .select_from(sa.table("cooperation_pupil"))
        .where(reason != "")
    )
    op.execute(sa.insert(sa.table("unsealed", *map(sa.column, columns))).from_select(columns, rows))
    op.drop_column("cooperation_pupil", field)
    sealed = sa.Column(f"sealed_{field}", sa.LargeBinary(), server_default="", nullable=False)
    op.add_column("cooperation_pupil", sealed)
    op.alter_column("cooperation_pupil", sealed.name, server_default=None)
