"""Create the tables of the chassis and of the transfer service

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.first_migration import create_chassis_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_chassis_tables()
    op.create_table(
        "copy_cohort_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=False),
        sa.Column("sealed_display_name", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
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
        "copy_pathway_project",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("front", sa.Text(), nullable=False),
        sa.Column("back", sa.Text(), nullable=False),
        sa.Column("back_plan", sa.Integer(), nullable=False),
        sa.Column("transfer_year", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "transfer_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("front", sa.Text(), nullable=False),
        sa.Column("back", sa.Text(), nullable=False),
        sa.Column("transfer_year", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("quota", sa.Integer(), nullable=False),
        sa.Column("components", postgresql.JSONB(), nullable=False),
        sa.Column("minimum_total_hundredths", sa.Integer(), nullable=False),
        sa.Column("front_signed", sa.Boolean(), nullable=False),
        sa.Column("back_signed", sa.Boolean(), nullable=False),
        sa.Column("notice_begin_date", sa.Date(), nullable=True),
        sa.Column("notice_end_date", sa.Date(), nullable=True),
        sa.Column("approval_number", sa.Text(), nullable=False),
        sa.Column("arrival_begin_date", sa.Date(), nullable=True),
        sa.Column("arrival_deadline_date", sa.Date(), nullable=True),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("admitted", sa.Integer(), nullable=False),
        sa.Column("lapsed", sa.Integer(), nullable=False),
        sa.CheckConstraint("quota <= plan", name="transfer_batch_quota_within_plan"),
        sa.CheckConstraint(
            "reserved >= 0 and admitted >= 0 and lapsed >= 0"
            " and reserved + admitted + lapsed <= quota",
            name="transfer_batch_places_conserved",
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("project_id", name="transfer_batch_project"),
    )
    op.create_index("transfer_batch_back", "transfer_batch", ["back", "id"], unique=False)
    op.create_index("transfer_batch_front", "transfer_batch", ["front", "id"], unique=False)
    op.create_table(
        "application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("front", sa.Text(), nullable=False),
        sa.Column("back", sa.Text(), nullable=False),
        sa.Column("transfer_year", sa.Integer(), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=False),
        sa.Column("sealed_display_name", sa.LargeBinary(), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=False),
        sa.Column("marks", postgresql.JSONB(), nullable=False),
        sa.Column("total_hundredths", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("exemption_ground", sa.Text(), nullable=False),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("approval_number", sa.Text(), nullable=False),
        sa.Column("leave_until_date", sa.Date(), nullable=True),
        sa.Column("retention_kind", sa.Text(), nullable=True),
        sa.Column("retained_until_date", sa.Date(), nullable=True),
        sa.Column("arrive_date", sa.Date(), nullable=True),
        sa.Column("blocking_reason", sa.Text(), nullable=False),
        sa.Column("status_record_id", sa.Uuid(), nullable=True),
        sa.Column("diversion", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["transfer_batch.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("batch_id", "member_id", name="application_member"),
    )
    op.create_index("application_back", "application", ["back", "id"], unique=False)
    op.create_index("application_batch_state", "application", ["batch_id", "state"], unique=False)
    op.create_index("application_front", "application", ["front", "id"], unique=False)
    op.create_index(
        "application_live_admission",
        "application",
        ["person_id", "transfer_year"],
        unique=True,
        postgresql_where=sa.text("state IN ('ADMITTED', 'ARRIVED', 'REGISTERED', 'RETAINED')"),
    )
    op.create_table(
        "objection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("front", sa.Text(), nullable=False),
        sa.Column("back", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("raised_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["transfer_batch.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("objection_application", "objection", ["application_id"], unique=False)
    op.create_index("objection_batch_state", "objection", ["batch_id", "state"], unique=False)
