"""Stop and close pathway projects, arrange stages, warn of intakes

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pathway_project", sa.Column("front_internship_arrangement", sa.Text()))
    op.add_column("pathway_project", sa.Column("back_internship_arrangement", sa.Text()))
    op.add_column(
        "pathway_project", sa.Column("stop_reason", sa.Text(), nullable=False, server_default="")
    )
    op.add_column(
        "pathway_project",
        sa.Column("warnings", postgresql.JSONB(), nullable=False, server_default="[]"),
    )
    # The defaults are for the rows that there are.
    for name in ("stop_reason", "warnings"):
        op.alter_column("pathway_project", name, server_default=None)
    op.create_index(
        "status_record_project_open",
        "status_record",
        ["project_id"],
        postgresql_where=sa.text("valid_to_date IS NULL"),
    )
