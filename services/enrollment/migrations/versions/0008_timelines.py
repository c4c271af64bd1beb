"""Persons' timelines, with what was recorded before them

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# The records that are about persons, by the collection that their names are of.
_RECORDS = {
    "persons": "SELECT id, id AS person_id FROM person",
    "cohortMembers": "SELECT id, person_id FROM cohort_member",
    "statusRecords": "SELECT id, person_id FROM status_record",
    "statusChanges": "SELECT id, person_id FROM status_change",
    "electronicRegistrations": "SELECT id, person_id FROM electronic_registration",
    "backStageRegistrations": "SELECT id, person_id FROM back_stage_registration",
    "personCorrections": "SELECT id, person_id FROM person_correction",
    "personErasures": "SELECT id, person_id FROM person_erasure",
    "guardians": "SELECT id, person_id FROM guardian",
    "consents": "SELECT id, person_id FROM consent",
    "learningOutcomes": "SELECT DISTINCT id, person_id FROM learning_outcome",
    "creditConversions": "SELECT id, person_id FROM credit_conversion",
}


def upgrade() -> None:
    op.create_table(
        "person_timeline",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("fact_date", sa.Date(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "fact_date", "change_id"),
    )
    for statement in indexing():
        op.execute(statement)
    op.drop_constraint("access_log_action", "access_log")
    op.create_check_constraint(
        "access_log_action",
        "access_log",
        "action in ('REVEAL_ID_NUMBER', 'REVEAL_STUDENT_NUMBER', 'EXPORT', 'READ_TIMELINE')",
    )


def indexing() -> list[str]:
    """Return what indexes the changes that were recorded before.

    They are dated by their recording: what a fact's day is, is in the encoded record only.
    """
    return [
        f"""
        INSERT INTO person_timeline (person_id, fact_date, change_id)
        SELECT record.person_id, (change.business_time AT TIME ZONE 'Asia/Shanghai')::date,
        change.id FROM ({records}) AS record
        JOIN change ON change.resource_name = '{collection}/' || record.id
        """  # noqa: S608 - the texts above
        for collection, records in _RECORDS.items()
    ]
