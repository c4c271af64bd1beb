"""The tables of what belongs to persons: numbers, corrections, guardians, consents, accesses.

Definitions only. Personal values are in columns named `sealed_...`, sealed with the person's key.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from services.enrollment.store.tables import metadata

student_number = Table(
    "student_number",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey("person.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("sealed_number", LargeBinary, nullable=False),
    Column("sealed_masked_number", LargeBinary, nullable=False),
    Column("valid_from_date", Date, nullable=False),
    Column("valid_to_date", Date),
    CheckConstraint("valid_to_date >= valid_from_date", name="student_number_validity"),
)
Index(
    "student_number_current",
    student_number.c.person_id,
    unique=True,
    postgresql_where=student_number.c.valid_to_date.is_(None),
)
Index("student_number_person", student_number.c.person_id, student_number.c.id)

person_correction = Table(
    "person_correction",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("person_id", Uuid, ForeignKey("person.id"), nullable=False),
    Column("sealed_display_name", LargeBinary, nullable=False),
    Column("sealed_sex_code", LargeBinary, nullable=False),
    Column("sealed_birth_date", LargeBinary, nullable=False),
    Column("sealed_former_display_name", LargeBinary, nullable=False),
    Column("sealed_former_sex_code", LargeBinary, nullable=False),
    Column("sealed_former_birth_date", LargeBinary, nullable=False),
    Column("evidence_sha256", Text, nullable=False),
    Column("proposer", Text, nullable=False),
    Column("decider", Text, nullable=False),
    Column("decide_reason", Text, nullable=False),
    # Two persons, whatever the code does.
    CheckConstraint("decider <> proposer", name="person_correction_two_persons"),
    CheckConstraint(
        "(state = 'PROPOSED') = (decider = '')", name="person_correction_decided_by_somebody"
    ),
)
Index("person_correction_person", person_correction.c.person_id, person_correction.c.id)

guardian = Table(
    "guardian",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("person_id", Uuid, ForeignKey("person.id"), nullable=False),
    Column("sealed_display_name", LargeBinary, nullable=False),
    Column("sealed_relation", LargeBinary, nullable=False),
    Column("sealed_phone", LargeBinary, nullable=False),
)
Index("guardian_person", guardian.c.person_id, guardian.c.id)

consent = Table(
    "consent",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("person_id", Uuid, ForeignKey("person.id"), nullable=False),
    Column("guardian_id", Uuid, ForeignKey("guardian.id")),
    Column("purpose", Text, nullable=False),
    Column("give_date", Date, nullable=False),
    Column("withdraw_date", Date),
    Column("evidence_sha256", Text, nullable=False),
    CheckConstraint(
        "(state = 'WITHDRAWN') = (withdraw_date is not null)", name="consent_withdrawn"
    ),
)
Index("consent_person", consent.c.person_id, consent.c.id)
Index(
    "consent_given",
    consent.c.person_id,
    consent.c.purpose,
    unique=True,
    postgresql_where=consent.c.state == "GIVEN",
)

person_erasure = Table(
    "person_erasure",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("person_id", Uuid, ForeignKey("person.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("proposer", Text, nullable=False),
    Column("decider", Text, nullable=False),
    CheckConstraint("decider <> proposer", name="person_erasure_two_persons"),
    CheckConstraint(
        "(state = 'PROPOSED') = (decider = '')", name="person_erasure_decided_by_somebody"
    ),
)
Index(
    "person_erasure_open",
    person_erasure.c.person_id,
    unique=True,
    postgresql_where=person_erasure.c.state == "PROPOSED",
)
Index("person_erasure_person", person_erasure.c.person_id, person_erasure.c.id)

# A merge that was made, and what it moved: a split moves exactly that back.
person_merge = Table(
    "person_merge",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("merged_id", Uuid, ForeignKey("person.id"), nullable=False),
    Column("survivor_id", Uuid, ForeignKey("person.id"), nullable=False),
    Column("member_ids", ARRAY(Uuid), nullable=False),
    Column("record_ids", ARRAY(Uuid), nullable=False),
    Column("outcome_ids", ARRAY(Uuid), nullable=False),
    Column("conversion_ids", ARRAY(Uuid), nullable=False),
    # The schools to whom the survivor became visible by it.
    Column("gained_parties", ARRAY(Text), nullable=False),
    Column("reason", Text, nullable=False),
    Column("evidence_sha256", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("is_split", Boolean, nullable=False),
    Column("split_reason", Text, nullable=False),
    Column("split_actor", Text, nullable=False),
)
Index(
    "person_merge_open",
    person_merge.c.merged_id,
    unique=True,
    postgresql_where=~person_merge.c.is_split,
)

Index("person_merge_merged", person_merge.c.merged_id)

# Who has seen personal values; rows are only ever added, and kept three years at least (PIPL 56).
access_log = Table(
    "access_log",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey("person.id"), nullable=False),
    Column("action", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("access_time", DateTime(timezone=True), nullable=False),
    CheckConstraint(
        "action in ('REVEAL_ID_NUMBER', 'REVEAL_STUDENT_NUMBER', 'EXPORT', 'READ_TIMELINE')",
        name="access_log_action",
    ),
)
Index("access_log_person", access_log.c.person_id, access_log.c.id)
