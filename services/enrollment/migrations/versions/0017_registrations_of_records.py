"""All registrations of a record are found: they follow it to another person

Revision ID: 0017
Revises: 0016
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "electronic_registration_record", "electronic_registration", ["status_record_id"]
    )
