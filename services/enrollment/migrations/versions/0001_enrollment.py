"""Create the tables of the chassis and of the enrollment service

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
        "organisation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("english_name", sa.Text(), nullable=False),
        sa.Column("raw_names", postgresql.JSONB(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("school_code", sa.Text(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("made_up", sa.Boolean(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(
        "organisation_school_code",
        "organisation",
        ["school_code"],
        unique=True,
        postgresql_where=sa.text("school_code != ''"),
    )
    op.create_index(
        "organisation_uscc",
        "organisation",
        ["uscc"],
        unique=True,
        postgresql_where=sa.text("uscc != ''"),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("sealed_display_name", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_id_number", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_masked_id_number", sa.LargeBinary(), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=False),
        sa.Column("sex_code", sa.Text(), nullable=False),
        sa.Column("ethnicity_code", sa.Text(), nullable=False),
        sa.Column("made_up", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "pathway_project",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("project_number", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("approval_year", sa.Integer(), nullable=False),
        sa.Column("front", sa.Text(), nullable=False),
        sa.Column("front_major", sa.Text(), nullable=False),
        sa.Column("front_major_code", sa.Text(), nullable=False),
        sa.Column("back", sa.Text(), nullable=False),
        sa.Column("back_major", sa.Text(), nullable=False),
        sa.Column("back_major_code", sa.Text(), nullable=False),
        sa.Column("front_plan", sa.Integer(), nullable=False),
        sa.Column("back_plan", sa.Integer(), nullable=False),
        sa.Column("front_level", sa.Text(), nullable=False),
        sa.Column("back_level", sa.Text(), nullable=False),
        sa.Column("front_years", sa.Integer(), nullable=False),
        sa.Column("back_years", sa.Integer(), nullable=False),
        sa.Column("transfer_year", sa.Integer(), nullable=False),
        sa.Column("approval_document_number", sa.Text(), nullable=False),
        sa.Column("made_up", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "front_plan > 0 and back_plan > 0", name="pathway_project_plans_positive"
        ),
        sa.ForeignKeyConstraint(
            ["back"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["front"],
            ["organisation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "approval_year",
            "front",
            "front_major_code",
            "back",
            "back_major_code",
            name="pathway_project_pair",
        ),
    )
    op.create_table(
        "person_party",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("party", "person_id"),
    )
    op.create_index("person_party_person", "person_party", ["person_id"], unique=False)
    op.create_table(
        "cohort",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("front", sa.Text(), nullable=False),
        sa.Column("back", sa.Text(), nullable=False),
        sa.Column("intake_date", sa.Date(), nullable=False),
        sa.Column("class_names", postgresql.JSONB(), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("freeze_time", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["pathway_project.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("project_id"),
    )
    op.create_index("cohort_back", "cohort", ["back", "id"], unique=False)
    op.create_index("cohort_front", "cohort", ["front", "id"], unique=False)
    op.create_table(
        "cohort_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("front", sa.Text(), nullable=False),
        sa.Column("back", sa.Text(), nullable=False),
        sa.Column("sealed_display_name", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_admission_number", sa.LargeBinary(), nullable=False),
        sa.Column("class_name", sa.Text(), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=False),
        sa.Column("left_reason", sa.Text(), nullable=False),
        sa.Column("left_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_up", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"],
            ["cohort.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("cohort_id", "person_id", name="cohort_member_once_a_cohort"),
    )
    op.create_index("cohort_member_back", "cohort_member", ["back", "id"], unique=False)
    op.create_index("cohort_member_front", "cohort_member", ["front", "id"], unique=False)
    op.create_index(
        "cohort_member_one_pathway",
        "cohort_member",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("state != 'GRADUATED'"),
    )
    op.create_table(
        "status_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("front", sa.Text(), nullable=False),
        sa.Column("back", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("major_code", sa.Text(), nullable=False),
        sa.Column("valid_from_date", sa.Date(), nullable=False),
        sa.Column("valid_to_date", sa.Date(), nullable=True),
        sa.Column("diploma_number", sa.Text(), nullable=False),
        sa.Column("graduate_date", sa.Date(), nullable=True),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state = 'GRADUATED') = (diploma_number <> '')", name="status_record_diploma"
        ),
        sa.CheckConstraint("valid_to_date >= valid_from_date", name="status_record_validity"),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["cohort_member.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("application_id"),
    )
    op.create_index("status_record_back", "status_record", ["back", "id"], unique=False)
    op.create_index("status_record_front", "status_record", ["front", "id"], unique=False)
    op.create_index(
        "status_record_front_stage",
        "status_record",
        ["member_id"],
        unique=True,
        postgresql_where=sa.text("stage = 'FRONT'"),
    )
    op.create_index("status_record_person", "status_record", ["person_id"], unique=False)
    op.create_table(
        "back_stage_registration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("front", sa.Text(), nullable=False),
        sa.Column("back", sa.Text(), nullable=False),
        sa.Column("blocking_reason", sa.Text(), nullable=True),
        sa.Column("status_record_id", sa.Uuid(), nullable=True),
        sa.Column("arrive_date", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "(state = 'REFUSED') = (blocking_reason is not null)",
            name="back_stage_registration_blocked",
        ),
        sa.ForeignKeyConstraint(
            ["status_record_id"],
            ["status_record.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "back_stage_registration_back", "back_stage_registration", ["back", "id"], unique=False
    )
    op.create_index(
        "back_stage_registration_front", "back_stage_registration", ["front", "id"], unique=False
    )
    op.create_index(
        "back_stage_registration_waiting",
        "back_stage_registration",
        ["member_id"],
        unique=False,
        postgresql_where=sa.text("state = 'REFUSED'"),
    )
