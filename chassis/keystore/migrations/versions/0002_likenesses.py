"""Find subjects that are alike, not only who holds a value alone

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "likeness",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "kind", "digest", name="likeness_pkey"),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["data_key.subject_id"],
            name="likeness_subject",
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("octet_length(digest) = 32", name="likeness_digest_size"),
    )
    op.create_index("likeness_digest", "likeness", ["kind", "digest"])


def downgrade() -> None:
    op.drop_table("likeness")
