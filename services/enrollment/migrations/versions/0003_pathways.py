"""Stop and close pathway projects, arrange stages, warn of intakes

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pathway_project", sa.Column("front_internship_arrangement", sa.Text()))
    op.add_column("pathway_project", sa.Column("back_internship_arrangement", sa.Text()))
    op.add_column(
        "pathway_project", sa.Column("stop_reason", sa.Text(), nullable=False, server_default="")
    )
    op.add_column(
        "pathway_project",
        sa.Column("warnings", postgresql.JSONB(), nullable=False, server_default="[]"),
    )
    # The defaults are for the rows that there are.
    for name in ("stop_reason", "warnings"):
        op.alter_column("pathway_project", name, server_default=None)
    op.create_index("status_record_project", "status_record", ["project_id"])
    _create_agreements()
    _create_revisions()
    _create_contacts()
    _create_lists()


def _create_lists() -> None:
    op.create_table(
        "provincial_list",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("province_code", sa.Text(), nullable=False),
        sa.Column("approval_year", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("document_number", sa.Text(), nullable=False),
        sa.Column("publish_date", sa.Date(), nullable=False),
        sa.Column("stated_total", sa.Integer(), nullable=False),
        sa.Column("parts", postgresql.JSONB(), nullable=False),
        sa.Column("made_up", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "approval_year", "province_code", "document_number", name="provincial_list_document"
        ),
    )
    op.create_table(
        "provincial_list_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("import_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["provincial_list.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for name, column in (("list", "list_id"), ("organisation", "organisation")):
        op.create_index(f"provincial_list_import_{name}", "provincial_list_import", [column, "id"])
    op.add_column("pathway_project", sa.Column("provincial_list_id", sa.Uuid()))
    op.create_foreign_key(
        None, "pathway_project", "provincial_list", ["provincial_list_id"], ["id"]
    )
    op.create_index("pathway_project_list", "pathway_project", ["provincial_list_id"])


def _create_agreements() -> None:
    op.create_table(
        "cooperation_agreement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("front", sa.Text(), nullable=False),
        sa.Column("back", sa.Text(), nullable=False),
        sa.Column("revision_count", sa.Integer(), nullable=False),
        sa.Column("holder", sa.Text()),
        sa.Column("deadline_date", sa.Date()),
        sa.Column("exit_party", sa.Text()),
        sa.Column("exit_reason", sa.Text(), nullable=False),
        sa.Column("exit_notice_date", sa.Date()),
        sa.Column("exit_date", sa.Date()),
        sa.CheckConstraint(
            "(holder is null) = (deadline_date is null)", name="cooperation_agreement_turn"
        ),
        sa.ForeignKeyConstraint(["project_id"], ["pathway_project.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "cooperation_agreement_one_a_project",
        "cooperation_agreement",
        ["project_id"],
        unique=True,
        postgresql_where=sa.text("state != 'ENDED'"),
    )
    op.create_index("cooperation_agreement_project", "cooperation_agreement", ["project_id"])
    for party in ("front", "back"):
        op.create_index(f"cooperation_agreement_{party}", "cooperation_agreement", [party, "id"])


def _create_revisions() -> None:
    op.create_table(
        "agreement_revision",
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("terms_hash", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("propose_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("front_approve_time", sa.DateTime(timezone=True)),
        sa.Column("back_approve_time", sa.DateTime(timezone=True)),
        sa.Column("in_force_time", sa.DateTime(timezone=True)),
        sa.Column("end_time", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "in_force_time is null or"
            " (front_approve_time is not null and back_approve_time is not null)",
            name="agreement_revision_approved",
        ),
        sa.CheckConstraint(
            "(state in ('IN_FORCE', 'SUPERSEDED', 'ENDED')) = (in_force_time is not null)",
            name="agreement_revision_state",
        ),
        sa.ForeignKeyConstraint(["agreement_id"], ["cooperation_agreement.id"]),
        sa.PrimaryKeyConstraint("agreement_id", "number"),
    )
    for state in ("IN_FORCE", "PENDING"):
        op.create_index(
            f"agreement_revision_{state.lower()}",
            "agreement_revision",
            ["agreement_id"],
            unique=True,
            postgresql_where=sa.text(f"state = '{state}'"),
        )


def _create_contacts() -> None:
    op.create_table(
        "agreement_contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("front", sa.Text(), nullable=False),
        sa.Column("back", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_display_name", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_phone", sa.LargeBinary(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["cooperation_agreement.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("agreement_id", "party", name="agreement_contact_one_a_side"),
    )
    for party in ("front", "back"):
        op.create_index(f"agreement_contact_{party}", "agreement_contact", [party, "id"])
