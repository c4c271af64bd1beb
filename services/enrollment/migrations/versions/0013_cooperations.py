"""Cooperations, who takes part in them, who heads them, and their rosters

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_cooperations()
    _make_parties()
    _make_heads()
    _make_pupils()


def _make_cooperations() -> None:
    op.create_table(
        "cooperation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("parties", postgresql.JSONB(), nullable=False),
        sa.Column("agreement_number", sa.Text(), nullable=False),
        sa.Column("agreement_sha256", sa.Text(), nullable=False),
        sa.Column("valid_from_date", sa.Date(), nullable=True),
        sa.Column("valid_to_date", sa.Date(), nullable=True),
        sa.Column("documents", postgresql.JSONB(), nullable=False),
        sa.Column("class_name", sa.Text(), nullable=False),
        sa.Column("student_count", sa.Integer(), nullable=False),
        sa.Column("grades", postgresql.JSONB(), nullable=False),
        sa.Column("bodies", postgresql.JSONB(), nullable=False),
        sa.Column("contributions", postgresql.JSONB(), nullable=False),
        sa.Column("in_force_periods", postgresql.JSONB(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(agreement_sha256 = '') = (valid_from_date is null)"
            " and (valid_from_date is null) = (valid_to_date is null)",
            name="cooperation_agreement_whole",
        ),
        sa.CheckConstraint(
            "(kind in ('ORDER_CLASS', 'NAMED_CLASS')) = (class_name <> '')",
            name="cooperation_class",
        ),
        sa.CheckConstraint(
            "kind <> 'ARTICULATION' or student_count = 0", name="cooperation_no_quota"
        ),
        sa.CheckConstraint("valid_to_date >= valid_from_date", name="cooperation_validity"),
        sa.PrimaryKeyConstraint("id"),
    )


def _make_parties() -> None:
    op.create_table(
        "cooperation_party",
        sa.Column("cooperation_id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("join_date", sa.Date(), nullable=False),
        sa.Column("leave_date", sa.Date(), nullable=True),
        sa.CheckConstraint("leave_date >= join_date", name="cooperation_party_days"),
        sa.ForeignKeyConstraint(["cooperation_id"], ["cooperation.id"]),
        sa.ForeignKeyConstraint(["organisation"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("organisation", "cooperation_id"),
    )
    op.create_index("cooperation_party_cooperation", "cooperation_party", ["cooperation_id"])


def _make_heads() -> None:
    op.create_table(
        "cooperation_head",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("cooperation_id", sa.Uuid(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_display_name", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_phone", sa.LargeBinary(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["cooperation_id"], ["cooperation.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("cooperation_id", "party", "body", name="cooperation_head_one_a_part"),
    )


def _make_pupils() -> None:
    op.create_table(
        "cooperation_pupil",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cooperation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("status_record_id", sa.Uuid(), nullable=False),
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("join_date", sa.Date(), nullable=False),
        sa.Column("leave_date", sa.Date(), nullable=True),
        sa.Column("leave_reason", sa.Text(), nullable=False),
        sa.Column("agreement_sha256", sa.Text(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state = 'LEFT') = (leave_date is not null)", name="cooperation_pupil_left"
        ),
        sa.CheckConstraint(
            "kind <> 'APPRENTICESHIP' or (agreement_sha256 <> '' and enterprise <> '')",
            name="cooperation_pupil_apprentice",
        ),
        sa.CheckConstraint("leave_date >= join_date", name="cooperation_pupil_days"),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"]),
        sa.ForeignKeyConstraint(["cooperation_id"], ["cooperation.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["status_record_id"], ["status_record.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "cooperation_pupil_once",
        "cooperation_pupil",
        ["cooperation_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state = 'ACTIVE'"),
    )
    op.create_index(
        "cooperation_pupil_one_apprenticeship",
        "cooperation_pupil",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("state = 'ACTIVE' AND kind = 'APPRENTICESHIP'"),
    )
    op.create_index("cooperation_pupil_person", "cooperation_pupil", ["person_id", "id"])
    op.create_index("cooperation_pupil_roster", "cooperation_pupil", ["cooperation_id", "id"])
    op.create_index("cooperation_pupil_school", "cooperation_pupil", ["school", "id"])
