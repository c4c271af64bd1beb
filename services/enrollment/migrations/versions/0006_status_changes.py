"""Past statuses, electronic registrations and status changes

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _give_records_a_present_status()
    _make_periods()
    _make_electronic_registrations()
    _make_status_changes()
    op.create_index(
        "organisation_bureau",
        "organisation",
        ["region_code"],
        postgresql_where=sa.text("kind = 'EDUCATION_BUREAU'"),
    )


def _give_records_a_present_status() -> None:
    for column in (
        sa.Column("class_name", sa.Text(), nullable=True),
        sa.Column("grade_year", sa.Integer(), nullable=True),
        sa.Column("years", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("status_from_date", sa.Date(), nullable=True),
        sa.Column("change_id", sa.Uuid(), nullable=True),
        sa.Column("register_date", sa.Date(), nullable=True),
    ):
        op.add_column("status_record", column)
    op.execute(
        """
        UPDATE status_record AS record SET
            class_name = CASE stage WHEN 'FRONT' THEN member.class_name ELSE '' END,
            grade_year = extract(year FROM valid_from_date),
            years = CASE stage WHEN 'FRONT' THEN front_years ELSE back_years END,
            status = CASE record.state
                WHEN 'IN_SCHOOL' THEN 'STUDYING' WHEN 'GRADUATED' THEN 'GRADUATED'
                ELSE 'CANCELLED' END,
            status_from_date = coalesce(valid_to_date + 1, valid_from_date)
        FROM cohort_member AS member, pathway_project AS project
        WHERE member.id = record.member_id AND project.id = record.project_id
        """
    )
    for name in ("class_name", "grade_year", "years", "status", "status_from_date"):
        op.alter_column("status_record", name, nullable=False)
    for name in ("project_id", "member_id"):
        op.alter_column("status_record", name, nullable=True)
    op.create_check_constraint(
        "status_record_open",
        "status_record",
        "(state in ('IN_SCHOOL', 'AWAY')) = (valid_to_date is null)",
    )
    op.create_check_constraint(
        "status_record_status_from", "status_record", "status_from_date >= valid_from_date"
    )
    op.create_check_constraint(
        "status_record_pathway",
        "status_record",
        "(stage = 'OUTSIDE') = (member_id is null) and (member_id is null) = (project_id is null)",
    )
    op.create_index(
        "status_record_on_books",
        "status_record",
        ["organisation", "status_from_date"],
        postgresql_where=sa.text("valid_to_date IS NULL"),
    )


def _make_periods() -> None:
    op.create_table(
        "status_period",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("major_code", sa.Text(), nullable=False),
        sa.Column("class_name", sa.Text(), nullable=False),
        sa.Column("grade_year", sa.Integer(), nullable=False),
        sa.Column("valid_from_date", sa.Date(), nullable=False),
        sa.Column("valid_to_date", sa.Date(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("valid_to_date >= valid_from_date", name="status_period_validity"),
        sa.ForeignKeyConstraint(["record_id"], ["status_record.id"]),
        sa.PrimaryKeyConstraint("record_id", "valid_from_date"),
    )
    op.create_index(
        "status_period_organisation",
        "status_period",
        ["organisation", "valid_from_date", "valid_to_date"],
    )
    op.execute(
        """
        INSERT INTO status_period (record_id, organisation, level, status, major_code, class_name,
            grade_year, valid_from_date, valid_to_date)
        SELECT id, organisation, level, 'STUDYING', major_code, class_name,
            grade_year, valid_from_date, valid_to_date
        FROM status_record WHERE valid_to_date IS NOT NULL
        """
    )


def _make_electronic_registrations() -> None:
    op.create_table(
        "electronic_registration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("status_record_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("front", sa.Text(), nullable=False),
        sa.Column("back", sa.Text(), nullable=False),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("season", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("file_date", sa.Date(), nullable=False),
        sa.Column("decide_date", sa.Date(), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'RETURNED') = (return_reason is not null)",
            name="electronic_registration_returned",
        ),
        sa.ForeignKeyConstraint(["status_record_id"], ["status_record.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "electronic_registration_once",
        "electronic_registration",
        ["status_record_id"],
        unique=True,
        postgresql_where=sa.text("state != 'RETURNED'"),
    )
    op.create_index(
        "electronic_registration_organisation", "electronic_registration", ["organisation", "id"]
    )


def _make_status_changes() -> None:
    op.create_table(
        "status_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("status_record_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("front", sa.Text(), nullable=False),
        sa.Column("back", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("initiator", sa.Text(), nullable=False),
        sa.Column("sealed_ground", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_reason", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_facts", sa.LargeBinary(), nullable=False),
        sa.Column("guardian_opinion", sa.Text(), nullable=False),
        sa.Column("apply_date", sa.Date(), nullable=False),
        sa.Column("effective_date", sa.Date(), nullable=False),
        sa.Column("until_date", sa.Date(), nullable=True),
        sa.Column("approve_date", sa.Date(), nullable=True),
        sa.Column("is_unreachable", sa.Boolean(), nullable=False),
        sa.Column("notice_from_date", sa.Date(), nullable=True),
        sa.Column("notice_to_date", sa.Date(), nullable=True),
        sa.Column("receiving", sa.Text(), nullable=False),
        sa.Column("new_major_code", sa.Text(), nullable=False),
        sa.Column("new_class_name", sa.Text(), nullable=False),
        sa.Column("attachments", postgresql.JSONB(), nullable=False),
        sa.Column("steps", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("until_date >= effective_date", name="status_change_until"),
        sa.CheckConstraint("notice_to_date >= notice_from_date", name="status_change_notice"),
        sa.ForeignKeyConstraint(["status_record_id"], ["status_record.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "status_change_pending",
        "status_change",
        ["status_record_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('PROPOSED', 'IN_CHAIN', 'APPROVED')"),
    )
    op.create_index("status_change_record", "status_change", ["status_record_id"])
    op.create_index("status_change_organisation", "status_change", ["organisation", "id"])
    op.create_table(
        "status_change_party",
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["status_change.id"]),
        sa.PrimaryKeyConstraint("party", "change_id"),
    )
