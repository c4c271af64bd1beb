"""Create the data keys, the blind index and the list of erasures

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_key",
        sa.Column("subject_id", sa.Uuid(), primary_key=True),
        sa.Column("generation", sa.SmallInteger(), nullable=False),
        sa.Column("master_key_id", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column(
            "create_time",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.func.now(),
        ),
        sa.CheckConstraint("octet_length(wrapped) = 60", name="data_key_wrapped_size"),
        sa.CheckConstraint("generation >= 1", name="data_key_generation_positive"),
    )
    op.create_table(
        "blind_index",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "digest", name="blind_index_pkey"),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["data_key.subject_id"],
            name="blind_index_subject",
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("octet_length(digest) = 32", name="blind_index_digest_size"),
    )
    op.create_index("ix_blind_index_subject_id", "blind_index", ["subject_id"])
    op.create_table(
        "erasure",
        sa.Column("subject_id", sa.Uuid(), primary_key=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("erase_time", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("char_length(reason) <= 500", name="erasure_reason_size"),
    )


def downgrade() -> None:
    op.drop_table("erasure")
    op.drop_table("blind_index")
    op.drop_table("data_key")
