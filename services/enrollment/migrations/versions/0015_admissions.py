"""An admission of a year is of one student

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Members of before have no digest: their numbers are sealed, and are not compared."""
    for column in (
        sa.Column("admission_year", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("admission_digest", sa.LargeBinary(), nullable=False, server_default=""),
    ):
        op.add_column("cohort_member", column)
        op.alter_column("cohort_member", column.name, server_default=None)
    op.create_index(
        "cohort_member_admission",
        "cohort_member",
        ["admission_year", "admission_digest"],
        unique=True,
        postgresql_where=sa.text("state <> 'LEFT' AND admission_digest <> ''"),
    )
