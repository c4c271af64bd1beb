"""What a person has learned follows merges and splits

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let conversions have versions, revoked outcomes move, and merges say what moved."""
    for name in ("outcome_ids", "conversion_ids"):
        column: sa.Column[list[str]] = sa.Column(
            name, postgresql.ARRAY(sa.Uuid()), nullable=False, server_default="{}"
        )
        op.add_column("person_merge", column)
        op.alter_column("person_merge", name, server_default=None)
    op.drop_constraint("credit_conversion_pkey", "credit_conversion")
    op.create_primary_key("credit_conversion_pkey", "credit_conversion", ["id", "version"])
    op.drop_constraint("learning_outcome_points_back", "learning_outcome")
    op.create_check_constraint(
        "learning_outcome_points_back", "learning_outcome", "revoked_version < version"
    )
