"""What the first migration of every service makes: the tables of the chassis, as they were then.

Later changes of these tables are migrations of their own, never changes of this file, so nothing
is imported from code that goes on changing. It is called by migrations only.
"""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

_SINGLE_ROWS: Final = (
    "INSERT INTO head (singleton) VALUES (true) ON CONFLICT DO NOTHING",
    "INSERT INTO published (singleton) VALUES (true) ON CONFLICT DO NOTHING",
)


def create_chassis_tables() -> None:
    """Create the tables and their single rows in the database being migrated."""
    op.create_table(
        "audience",
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("party", "position"),
    )
    op.create_table(
        "change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True, cache=1), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("resource_name", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("message_type", sa.Text(), nullable=False),
        sa.Column("resource", sa.LargeBinary(), nullable=False),
        sa.Column("resource_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("audience", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_organisation", sa.Text(), nullable=False),
        sa.Column("business_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "record_time",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("traceparent", sa.Text(), nullable=False),
        sa.CheckConstraint("octet_length(resource_sha256) = 32", name="change_sha256_length"),
        sa.CheckConstraint("version > 0", name="change_version_positive"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id"),
    )
    op.create_index("change_resource_version", "change", ["resource_name", "version"], unique=True)
    op.create_table(
        "change_position",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("change_id"),
    )
    op.create_table(
        "dead_letter",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("resource_name", sa.Text(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("fail_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("settle_reason", sa.Text(), nullable=True),
        sa.Column("settle_time", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('FAILED', 'PARKED', 'REPLAYED', 'DISMISSED')", name="dead_letter_state"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "dead_letter_event", "dead_letter", ["source", "epoch", "position"], unique=True
    )
    op.create_index(
        "dead_letter_open",
        "dead_letter",
        ["source", "resource_name"],
        unique=False,
        postgresql_where=sa.text("state IN ('FAILED', 'PARKED')"),
    )
    op.create_table(
        "head",
        sa.Column("singleton", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("epoch_counter", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("singleton", name="head_single_row"),
        sa.PrimaryKeyConstraint("singleton"),
    )
    op.create_table(
        "published",
        sa.Column("singleton", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("singleton", name="published_single_row"),
        sa.PrimaryKeyConstraint("singleton"),
    )
    op.create_table(
        "request",
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("body_digest", sa.LargeBinary(), nullable=False),
        sa.Column("change_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column(
            "record_time",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("organisation", "method", "request_id", name="request_key"),
    )
    op.create_table(
        "subscription_cursor",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source"),
    )
    op.create_table(
        "unsequenced",
        sa.Column("change_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("change_id"),
    )
    for statement in _SINGLE_ROWS:
        op.execute(statement)
