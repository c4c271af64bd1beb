"""Statistics find graduates and corrections by indexes

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indexes."""
    op.create_index(
        "placement_correction",
        "placement",
        ["corrected_id"],
        postgresql_where=sa.text("state = 'CONFIRMED' AND corrected_id IS NOT NULL"),
    )
    op.create_index(
        "status_record_graduates",
        "status_record",
        ["organisation", "graduate_date"],
        postgresql_where=sa.text("state = 'GRADUATED'"),
    )
