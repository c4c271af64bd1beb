"""Internships with their points, and placements, of which no version is changed

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_points()
    _make_internships()
    _make_placements()
    _keep_placements_from_change()


def _make_points() -> None:
    op.create_table(
        "internship_point",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("major_codes", postgresql.JSONB(), nullable=False),
        sa.Column("match_reason", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("valid_from_date", sa.Date(), nullable=False),
        sa.Column("valid_to_date", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(state = 'ENDED') = (valid_to_date is not null)", name="internship_point_state"
        ),
        sa.CheckConstraint("valid_to_date >= valid_from_date", name="internship_point_days"),
        sa.ForeignKeyConstraint(["enterprise"], ["organisation.id"]),
        sa.ForeignKeyConstraint(["organisation"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("internship_point_enterprise", "internship_point", ["enterprise", "id"])
    op.create_index(
        "internship_point_open",
        "internship_point",
        ["organisation", "enterprise", "post"],
        unique=True,
        postgresql_where=sa.text("state = 'OPEN'"),
    )
    op.create_index("internship_point_organisation", "internship_point", ["organisation", "id"])


def _make_internships() -> None:
    op.create_table(
        "internship",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("status_record_id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("point_id", sa.Uuid(), nullable=False),
        sa.Column("major_code", sa.Text(), nullable=False),
        sa.Column("is_front_stage", sa.Boolean(), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("end_date", sa.Date(), nullable=False),
        sa.Column("length_reason", sa.Text(), nullable=False),
        sa.Column("filing_number", sa.Text(), nullable=False),
        sa.Column("cooperation_id", sa.Uuid(), nullable=True),
        sa.Column("sealed_display_name", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_pay_fen", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_school_mentor", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_enterprise_mentor", sa.LargeBinary(), nullable=False),
        sa.Column("agreement_sha256", sa.Text(), nullable=False),
        sa.Column("school_sign_date", sa.Date(), nullable=True),
        sa.Column("enterprise_sign_date", sa.Date(), nullable=True),
        sa.Column("student_sign_date", sa.Date(), nullable=True),
        sa.Column("guardian_consent_id", sa.Uuid(), nullable=True),
        sa.Column("run_date", sa.Date(), nullable=True),
        sa.Column("complete_date", sa.Date(), nullable=True),
        sa.Column("learning_outcome_id", sa.Uuid(), nullable=True),
        sa.Column("break_off_date", sa.Date(), nullable=True),
        sa.Column("break_off_reason", sa.Text(), nullable=False),
        sa.Column("extensions", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(
            "(state = 'BROKEN_OFF') = (break_off_reason <> '')", name="internship_broken_off"
        ),
        sa.CheckConstraint(
            "(state = 'COMPLETED') = (complete_date is not null)", name="internship_end"
        ),
        sa.CheckConstraint(
            "(state in ('COMPLETED', 'BROKEN_OFF')) = (holder = '')", name="internship_holder"
        ),
        sa.CheckConstraint(
            "state not in ('AGREED', 'RUNNING', 'COMPLETED') or (agreement_sha256 <> ''"
            " and num_nulls(school_sign_date, enterprise_sign_date, student_sign_date) = 0)",
            name="internship_signed_by_three",
        ),
        sa.CheckConstraint(
            "break_off_date between start_date and end_date", name="internship_last_day"
        ),
        sa.CheckConstraint("end_date >= start_date", name="internship_days"),
        sa.ForeignKeyConstraint(["enterprise"], ["organisation.id"]),
        sa.ForeignKeyConstraint(["guardian_consent_id"], ["consent.id"]),
        sa.ForeignKeyConstraint(["organisation"], ["organisation.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["point_id"], ["internship_point.id"]),
        sa.ForeignKeyConstraint(["status_record_id"], ["status_record.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("internship_enterprise", "internship", ["enterprise", "id"])
    op.create_index("internship_organisation", "internship", ["organisation", "id"])
    op.create_index("internship_person", "internship", ["person_id", "id"])
    op.create_index("internship_point_interns", "internship", ["point_id", "id"])


def _make_placements() -> None:
    op.create_table(
        "placement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("record_date", sa.Date(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("status_record_id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=False),
        sa.Column("survey_date", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("evidence_sha256", sa.Text(), nullable=False),
        sa.Column("corrected_id", sa.Uuid(), nullable=True),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("match", sa.Text(), nullable=True),
        sa.Column("sealed_destination", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_employer", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_employer_name", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_post", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_region_code", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_match", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_match_reason", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_pay_fen", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "(destination in ('EMPLOYED', 'SELF_EMPLOYED')) = (match is not null)",
            name="placement_match",
        ),
        sa.CheckConstraint(
            "(state = 'CONFIRMED') = (confirmed_by <> '')", name="placement_confirmed"
        ),
        sa.CheckConstraint("confirmed_by <> recorded_by", name="placement_two_persons"),
        sa.ForeignKeyConstraint(["organisation"], ["organisation.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["status_record_id"], ["status_record.id"]),
        sa.PrimaryKeyConstraint("id", "version"),
    )
    op.create_index(
        "placement_corrected",
        "placement",
        ["corrected_id"],
        unique=True,
        postgresql_where=sa.text("version = 1 AND corrected_id IS NOT NULL"),
    )
    op.create_index("placement_organisation", "placement", ["organisation", "id"])
    op.create_index("placement_person", "placement", ["person_id", "id"])
    op.create_index("placement_record", "placement", ["status_record_id", "id"])


def _keep_placements_from_change() -> None:
    """Let rows be added and nothing else, by the function that outcomes have (0007)."""
    op.execute(
        """
        CREATE TRIGGER placement_append_only
        BEFORE UPDATE OR DELETE OR TRUNCATE ON placement
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """
    )
