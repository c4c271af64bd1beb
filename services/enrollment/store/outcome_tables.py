"""The tables of learning outcomes and their conversions: written once, never changed.

A trigger refuses to change or delete any of their rows (migration 0007). Definitions only.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.enrollment.store.tables import metadata

# A row is a version of an outcome; the present one is the highest.
learning_outcome = Table(
    "learning_outcome",
    metadata,
    Column("id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("record_date", Date, nullable=False),
    Column("person_id", Uuid, ForeignKey("person.id"), nullable=False),
    Column("parties", JSONB, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("declared_by", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("issuer_name", Text, nullable=False),
    Column("issuer_uscc", Text, nullable=False),
    Column("sealed_certificate_number", LargeBinary, nullable=False),
    Column("grade", Text),
    Column("hours", Integer, nullable=False),
    Column("credit_tenths", Integer, nullable=False),
    Column("is_online", Boolean, nullable=False),
    Column("is_apprenticeship", Boolean, nullable=False),
    Column("achieve_date", Date, nullable=False),
    Column("evidence_sha256", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("verified_by", Text, nullable=False),
    Column("verify_date", Date),
    Column("recogniser", Text, nullable=False),
    Column("achievement", Text, nullable=False),
    Column("target_course", Text, nullable=False),
    Column("relevance_percent", Integer, nullable=False),
    Column("recognised_credit_tenths", Integer, nullable=False),
    Column("status_record_id", Uuid),
    Column("conversion_id", Uuid),
    Column("converted_credit_tenths", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("revoked_version", BigInteger),
    PrimaryKeyConstraint("id", "version"),
    CheckConstraint(
        "(state = 'REVOKED') = (revoked_version is not null)", name="learning_outcome_revoked"
    ),
    # The next one, unless the outcome followed its person since.
    CheckConstraint("revoked_version < version", name="learning_outcome_points_back"),
    CheckConstraint(
        "state <> 'CONVERTED' or (conversion_id is not null and converted_credit_tenths > 0)",
        name="learning_outcome_converted",
    ),
    CheckConstraint(
        "converted_credit_tenths <= recognised_credit_tenths", name="learning_outcome_credits"
    ),
    CheckConstraint(
        "(organisation, declared_by) <> (verifier, verified_by)",
        name="learning_outcome_verified_by_another",
    ),
)
Index("learning_outcome_person", learning_outcome.c.person_id, learning_outcome.c.id)
Index("learning_outcome_issuer", learning_outcome.c.issuer, learning_outcome.c.id)

# A row is a version too: what was counted stays, and whose it is may follow a merge.
credit_conversion = Table(
    "credit_conversion",
    metadata,
    Column("id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("person_id", Uuid, ForeignKey("person.id"), nullable=False),
    Column("parties", JSONB, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("status_record_id", Uuid, ForeignKey("status_record.id"), nullable=False),
    Column("convert_date", Date, nullable=False),
    Column("graduation_credit_tenths", Integer, nullable=False),
    Column("rules", JSONB, nullable=False),
    Column("earlier_credit_tenths", Integer, nullable=False),
    Column("earlier_online_credit_tenths", Integer, nullable=False),
    Column("counted_credit_tenths", Integer, nullable=False),
    Column("lines", JSONB, nullable=False),
    PrimaryKeyConstraint("id", "version"),
)
Index("credit_conversion_person", credit_conversion.c.person_id, credit_conversion.c.id)
Index("credit_conversion_record", credit_conversion.c.status_record_id, credit_conversion.c.id)
