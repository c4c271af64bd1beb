"""Make room for persons

Revision ID: 0005
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _person()
    _cohort_member()
    _student_number()
    _person_correction()
    _guardian_and_consent()
    _person_erasure()
    _person_merge()
    _access_log()


def _person() -> None:
    for name in ("sealed_birth_date", "sealed_masked_student_number"):
        op.add_column(
            "person", sa.Column(name, sa.LargeBinary(), nullable=False, server_default="")
        )
        op.alter_column("person", name, server_default=None)
    op.add_column("person", sa.Column("state", sa.Text(), nullable=False, server_default="ACTIVE"))
    op.alter_column("person", "state", server_default=None)
    op.add_column("person", sa.Column("merged_into_id", sa.Uuid(), sa.ForeignKey("person.id")))
    op.create_check_constraint(
        "person_merged", "person", "state <> 'MERGED' or merged_into_id is not null"
    )
    op.create_check_constraint(
        "person_active", "person", "state <> 'ACTIVE' or merged_into_id is null"
    )
    op.create_index(
        "person_duplicates",
        "person",
        ["merged_into_id"],
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )


def _cohort_member() -> None:
    op.drop_constraint("cohort_member_once_a_cohort", "cohort_member")
    op.drop_index("cohort_member_one_pathway", "cohort_member")
    op.create_index(
        "cohort_member_one_pathway",
        "cohort_member",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('ACTIVE', 'SUSPENDED')"),
    )
    op.create_index(
        "cohort_member_once_a_cohort",
        "cohort_member",
        ["cohort_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'LEFT'"),
    )
    op.create_index("cohort_member_cohort", "cohort_member", ["cohort_id"])
    op.create_index("cohort_member_person", "cohort_member", ["person_id", "id"])


def _of_person() -> sa.Column[object]:
    return sa.Column("person_id", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False)


def _sealed(name: str) -> sa.Column[object]:
    return sa.Column(f"sealed_{name}", sa.LargeBinary(), nullable=False)


def _text(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=False)


def _record() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        _text("state"),
        _of_person(),
    ]


def _student_number() -> None:
    op.create_table(
        "student_number",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _of_person(),
        _text("kind"),
        _text("organisation"),
        _sealed("number"),
        _sealed("masked_number"),
        sa.Column("valid_from_date", sa.Date(), nullable=False),
        sa.Column("valid_to_date", sa.Date()),
        sa.CheckConstraint("valid_to_date >= valid_from_date", name="student_number_validity"),
    )
    op.create_index(
        "student_number_current",
        "student_number",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("valid_to_date IS NULL"),
    )
    op.create_index("student_number_person", "student_number", ["person_id", "id"])


def _person_correction() -> None:
    op.create_table(
        "person_correction",
        *_record(),
        *(_sealed(name) for name in ("display_name", "sex_code", "birth_date")),
        *(_sealed(f"former_{name}") for name in ("display_name", "sex_code", "birth_date")),
        _text("evidence_sha256"),
        _text("proposer"),
        _text("decider"),
        _text("decide_reason"),
        sa.CheckConstraint("decider <> proposer", name="person_correction_two_persons"),
        sa.CheckConstraint(
            "(state = 'PROPOSED') = (decider = '')", name="person_correction_decided_by_somebody"
        ),
    )
    op.create_index("person_correction_person", "person_correction", ["person_id", "id"])


def _guardian_and_consent() -> None:
    op.create_table(
        "guardian",
        *_record(),
        *(_sealed(name) for name in ("display_name", "relation", "phone")),
    )
    op.create_index("guardian_person", "guardian", ["person_id", "id"])
    op.create_table(
        "consent",
        *_record(),
        sa.Column("guardian_id", sa.Uuid(), sa.ForeignKey("guardian.id")),
        _text("purpose"),
        sa.Column("give_date", sa.Date(), nullable=False),
        sa.Column("withdraw_date", sa.Date()),
        _text("evidence_sha256"),
        sa.CheckConstraint(
            "(state = 'WITHDRAWN') = (withdraw_date is not null)", name="consent_withdrawn"
        ),
    )
    op.create_index("consent_person", "consent", ["person_id", "id"])
    op.create_index(
        "consent_given",
        "consent",
        ["person_id", "purpose"],
        unique=True,
        postgresql_where=sa.text("state = 'GIVEN'"),
    )


def _person_erasure() -> None:
    op.create_table(
        "person_erasure",
        *_record(),
        _text("reason"),
        _text("proposer"),
        _text("decider"),
        sa.CheckConstraint("decider <> proposer", name="person_erasure_two_persons"),
        sa.CheckConstraint(
            "(state = 'PROPOSED') = (decider = '')", name="person_erasure_decided_by_somebody"
        ),
    )
    op.create_index(
        "person_erasure_open",
        "person_erasure",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("state = 'PROPOSED'"),
    )
    op.create_index("person_erasure_person", "person_erasure", ["person_id", "id"])


def _person_merge() -> None:
    op.create_table(
        "person_merge",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("merged_id", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("survivor_id", sa.Uuid(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("member_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("record_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("gained_parties", sa.ARRAY(sa.Text()), nullable=False),
        _text("reason"),
        _text("evidence_sha256"),
        _text("actor"),
        sa.Column("is_split", sa.Boolean(), nullable=False),
        _text("split_reason"),
        _text("split_actor"),
    )
    op.create_index(
        "person_merge_open",
        "person_merge",
        ["merged_id"],
        unique=True,
        postgresql_where=sa.text("NOT is_split"),
    )
    op.create_index("person_merge_merged", "person_merge", ["merged_id"])


def _access_log() -> None:
    op.create_table(
        "access_log",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _of_person(),
        _text("action"),
        _text("actor"),
        _text("organisation"),
        _text("reason"),
        sa.Column("access_time", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "action in ('REVEAL_ID_NUMBER', 'REVEAL_STUDENT_NUMBER', 'EXPORT')",
            name="access_log_action",
        ),
    )
    op.create_index("access_log_person", "access_log", ["person_id", "id"])
