"""Create the tables of the chassis and of the assistance service

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

from chassis.first_migration import create_chassis_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_chassis_tables()
    op.create_table(
        "copy_application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("front", sa.Text(), nullable=False),
        sa.Column("back", sa.Text(), nullable=False),
        sa.Column("is_registered", sa.Boolean(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("business_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "copy_application_registered",
        "copy_application",
        ["back", "front"],
        unique=False,
        postgresql_where=sa.text("is_registered"),
    )
    op.create_table(
        "copy_organisation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "pairing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("helper", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("agreement_number", sa.Text(), nullable=False),
        sa.Column("begin_date", sa.Date(), nullable=False),
        sa.Column("made_up", sa.Boolean(), nullable=False),
        sa.CheckConstraint("helper <> receiver", name="pairing_of_two"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("programme", "level", "helper", "receiver", name="pairing_once"),
    )
    op.create_index("pairing_helper", "pairing", ["helper", "id"], unique=False)
    op.create_index("pairing_office", "pairing", ["office", "id"], unique=False)
    op.create_index("pairing_receiver", "pairing", ["receiver", "id"], unique=False)
    op.create_table(
        "indicator",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("pairing_id", sa.Uuid(), nullable=False),
        sa.Column("helper", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.BigInteger(), nullable=False),
        sa.Column("actual", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("actual >= 0", name="indicator_actual_counted"),
        sa.CheckConstraint("target > 0", name="indicator_target_positive"),
        sa.ForeignKeyConstraint(
            ["pairing_id"],
            ["pairing.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("pairing_id", "kind", name="indicator_kind"),
    )
    op.create_index("indicator_office", "indicator", ["office", "id"], unique=False)
    op.create_index("indicator_receiver", "indicator", ["receiver", "id"], unique=False)
    op.create_index("indicator_schools", "indicator", ["helper", "receiver", "kind"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("indicator_id", sa.Uuid(), nullable=False),
        sa.Column("resource_name", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("business_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["indicator_id"],
            ["indicator.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("indicator_id", "resource_name", name="evidence_once"),
    )
    op.create_index("evidence_indicator", "evidence", ["indicator_id", "id"], unique=False)
    op.create_index("evidence_resource", "evidence", ["resource_name"], unique=False)
