"""Who may act for organisations that are blocked or have ended

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
    """Make the table, and hear all of enrollment again: copies pass over what they know."""
    op.create_table(
        "party_standing",
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("is_blocked", sa.Boolean(), nullable=False),
        sa.Column("end_date", sa.Date()),
        sa.Column("links", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("party"),
    )
    op.execute("UPDATE subscription_cursor SET position = 0 WHERE source = 'enrollment'")
