"""Learning outcomes and their conversions, which nobody changes

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_outcomes()
    _make_conversions()
    _keep_from_change()


def _make_outcomes() -> None:
    op.create_table(
        "learning_outcome",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("record_date", sa.Date(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("parties", postgresql.JSONB(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("declared_by", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("issuer_name", sa.Text(), nullable=False),
        sa.Column("issuer_uscc", sa.Text(), nullable=False),
        sa.Column("sealed_certificate_number", sa.LargeBinary(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("credit_tenths", sa.Integer(), nullable=False),
        sa.Column("is_online", sa.Boolean(), nullable=False),
        sa.Column("is_apprenticeship", sa.Boolean(), nullable=False),
        sa.Column("achieve_date", sa.Date(), nullable=False),
        sa.Column("evidence_sha256", sa.Text(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("verified_by", sa.Text(), nullable=False),
        sa.Column("verify_date", sa.Date(), nullable=True),
        sa.Column("recogniser", sa.Text(), nullable=False),
        sa.Column("achievement", sa.Text(), nullable=False),
        sa.Column("target_course", sa.Text(), nullable=False),
        sa.Column("relevance_percent", sa.Integer(), nullable=False),
        sa.Column("recognised_credit_tenths", sa.Integer(), nullable=False),
        sa.Column("status_record_id", sa.Uuid(), nullable=True),
        sa.Column("conversion_id", sa.Uuid(), nullable=True),
        sa.Column("converted_credit_tenths", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("revoked_version", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("revoked_version = version - 1", name="learning_outcome_points_back"),
        sa.CheckConstraint(
            "(state = 'REVOKED') = (revoked_version is not null)", name="learning_outcome_revoked"
        ),
        sa.CheckConstraint(
            "state <> 'CONVERTED' or (conversion_id is not null and converted_credit_tenths > 0)",
            name="learning_outcome_converted",
        ),
        sa.CheckConstraint(
            "converted_credit_tenths <= recognised_credit_tenths", name="learning_outcome_credits"
        ),
        sa.CheckConstraint(
            "(organisation, declared_by) <> (verifier, verified_by)",
            name="learning_outcome_verified_by_another",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id", "version"),
    )
    op.create_index("learning_outcome_issuer", "learning_outcome", ["issuer", "id"])
    op.create_index("learning_outcome_person", "learning_outcome", ["person_id", "id"])


def _make_conversions() -> None:
    op.create_table(
        "credit_conversion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("parties", postgresql.JSONB(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("status_record_id", sa.Uuid(), nullable=False),
        sa.Column("convert_date", sa.Date(), nullable=False),
        sa.Column("graduation_credit_tenths", sa.Integer(), nullable=False),
        sa.Column("rules", postgresql.JSONB(), nullable=False),
        sa.Column("earlier_credit_tenths", sa.Integer(), nullable=False),
        sa.Column("earlier_online_credit_tenths", sa.Integer(), nullable=False),
        sa.Column("counted_credit_tenths", sa.Integer(), nullable=False),
        sa.Column("lines", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["status_record_id"], ["status_record.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("credit_conversion_person", "credit_conversion", ["person_id", "id"])
    op.create_index("credit_conversion_record", "credit_conversion", ["status_record_id", "id"])


def _keep_from_change() -> None:
    """Let rows be added and nothing else, whoever asks: a superuser is refused too."""
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END
        $$
        """
    )
    for table in ("learning_outcome", "credit_conversion"):
        op.execute(
            f"""
            CREATE TRIGGER {table}_append_only
            BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
            """
        )
