"""Rosters of any day, places given up, and stages that end without a diploma

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Of members there is known: the day of intake, when and why they left, when they graduated, and in
# which status the front-stage record was from when on. Members of one state for longer have one
# span of it. A state that came back on the same day is the later one.
_SPANS = """
    INSERT INTO member_span
        (member_id, cohort_id, state, class_name, why, valid_from_date, valid_to_date)
    WITH ending AS (
        SELECT member.id AS member_id, member.state, CASE member.state
            WHEN 'LEFT' THEN greatest(
                (left_time AT TIME ZONE 'Asia/Shanghai')::date, cohort.intake_date)
            WHEN 'GRADUATED' THEN greatest(record.graduate_date + 1, cohort.intake_date)
            END AS from_date
        FROM cohort_member AS member
        JOIN cohort ON cohort.id = member.cohort_id
        LEFT JOIN status_record AS record ON record.member_id = member.id AND stage = 'FRONT'
    ), known AS (
        SELECT member.id AS member_id, 0 AS number, 'ACTIVE' AS state, intake_date AS from_date
        FROM cohort_member AS member JOIN cohort ON cohort.id = member.cohort_id
        UNION ALL
        SELECT member_id, 1,
            CASE WHEN period.status IN ('STUDYING', 'RETURNED') THEN 'ACTIVE' ELSE 'SUSPENDED' END,
            period.valid_from_date
        FROM status_period AS period JOIN status_record AS record ON record.id = record_id
        WHERE stage = 'FRONT'
        UNION ALL
        SELECT member_id, 2,
            CASE WHEN state = 'AWAY' THEN 'SUSPENDED' ELSE 'ACTIVE' END, status_from_date
        FROM status_record WHERE stage = 'FRONT' AND valid_to_date IS NULL
        UNION ALL
        SELECT member_id, 3, state, from_date FROM ending WHERE from_date IS NOT NULL
    ), counting AS (
        SELECT DISTINCT ON (known.member_id, known.from_date) known.*
        FROM known JOIN ending USING (member_id)
        WHERE number = 3 OR ending.from_date IS NULL OR known.from_date < ending.from_date
        ORDER BY known.member_id, known.from_date, number DESC
    ), turning AS (
        SELECT *, lag(state) OVER (PARTITION BY member_id ORDER BY from_date) AS before
        FROM counting
    )
    SELECT member_id, cohort_id, turning.state, class_name,
        CASE turning.state
            WHEN 'ACTIVE' THEN CASE WHEN before IS NULL THEN 'ADMITTED' ELSE 'RETURNED' END
            WHEN 'SUSPENDED' THEN 'AWAY'
            WHEN 'GRADUATED' THEN 'GRADUATED'
            ELSE CASE left_reason
                WHEN '21 TRANSFER_OUT' THEN 'CHANGED_SCHOOL'
                WHEN '23 CHANGE_MAJOR' THEN 'CHANGED_MAJOR'
                WHEN '31 WITHDRAW' THEN 'WITHDREW'
                WHEN '42 EXPEL' THEN 'EXPELLED'
                WHEN '51 DIE' THEN 'DIED'
                WHEN '16 CANCEL_ADMISSION' THEN 'CANCELLED'
                WHEN '18 CANCEL_RECORD' THEN 'CANCELLED'
                ELSE 'LEFT_OTHERWISE' END
            END,
        from_date,
        lead(from_date) OVER (PARTITION BY member_id ORDER BY from_date) - 1
    FROM turning JOIN cohort_member AS member ON member.id = member_id
    WHERE before IS DISTINCT FROM turning.state
"""


def upgrade() -> None:
    _make_classes()
    _make_spans()
    _build_spans()
    _make_forfeited_places()
    op.add_column(
        "status_record",
        sa.Column("certificate_number", sa.Text(), nullable=False, server_default=""),
    )
    op.alter_column("status_record", "certificate_number", server_default=None)
    op.create_index(
        "status_record_back_stage",
        "status_record",
        ["project_id", "valid_from_date"],
        postgresql_where=sa.text("stage = 'BACK'"),
    )
    op.create_index(
        "status_change_due",
        "status_change",
        ["effective_date", "id"],
        postgresql_where=sa.text("state = 'APPROVED'"),
    )


def _make_classes() -> None:
    op.create_table(
        "cohort_class",
        sa.Column("front", sa.Text(), nullable=False),
        sa.Column("class_name", sa.Text(), nullable=False),
        sa.Column("intake_year", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"]),
        sa.PrimaryKeyConstraint("front", "class_name", "intake_year"),
    )
    op.create_index("cohort_class_cohort", "cohort_class", ["cohort_id"])
    # A name that two cohorts of a year had stays the first one's.
    op.execute(
        """
        INSERT INTO cohort_class (front, class_name, intake_year, cohort_id)
        SELECT front, class_name, extract(year FROM intake_date), cohort.id
        FROM cohort, jsonb_array_elements_text(class_names) AS class_name
        ORDER BY cohort.id
        ON CONFLICT DO NOTHING
        """
    )


def _make_spans() -> None:
    op.create_table(
        "member_span",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("class_name", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("valid_from_date", sa.Date(), nullable=False),
        sa.Column("valid_to_date", sa.Date(), nullable=True),
        sa.CheckConstraint("valid_to_date >= valid_from_date", name="member_span_validity"),
        sa.ForeignKeyConstraint(["member_id"], ["cohort_member.id"]),
        sa.PrimaryKeyConstraint("member_id", "valid_from_date"),
    )
    op.create_index("member_span_cohort", "member_span", ["cohort_id", "valid_from_date"])
    op.drop_index("cohort_member_cohort", "cohort_member")
    op.create_index("cohort_member_cohort", "cohort_member", ["cohort_id", "id"])


def _build_spans() -> None:
    for column in (
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("state_from_date", sa.Date(), nullable=True),
    ):
        op.add_column("cohort_member", column)
    op.execute(_SPANS)
    op.execute(
        """
        UPDATE cohort_member AS member
        SET why = span.why, state_from_date = span.valid_from_date
        FROM member_span AS span
        WHERE span.member_id = member.id AND span.valid_to_date IS NULL
        """
    )
    for name in ("why", "state_from_date"):
        op.alter_column("cohort_member", name, nullable=False)


def _make_forfeited_places() -> None:
    op.create_table(
        "forfeited_place",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("forfeit_date", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("forfeited_place_project", "forfeited_place", ["project_id", "forfeit_date"])
