"""The tables of past statuses, electronic registrations and status changes. Definitions only."""

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

from services.enrollment.store.tables import metadata, organisation

# Which bureau decides for a region.
Index(
    "organisation_bureau",
    organisation.c.region_code,
    postgresql_where=organisation.c.kind == "EDUCATION_BUREAU",
)

status_period = Table(
    "status_period",
    metadata,
    Column("record_id", Uuid, ForeignKey("status_record.id"), nullable=False),
    Column("organisation", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("major_code", Text, nullable=False),
    Column("class_name", Text, nullable=False),
    Column("grade_year", Integer, nullable=False),
    Column("valid_from_date", Date, nullable=False),
    Column("valid_to_date", Date, nullable=False),
    Column("change_id", Uuid),
    PrimaryKeyConstraint("record_id", "valid_from_date"),
    CheckConstraint("valid_to_date >= valid_from_date", name="status_period_validity"),
)
Index(
    "status_period_organisation",
    status_period.c.organisation,
    status_period.c.valid_from_date,
    status_period.c.valid_to_date,
)

electronic_registration = Table(
    "electronic_registration",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("status_record_id", Uuid, ForeignKey("status_record.id"), nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("front", Text, nullable=False),
    Column("back", Text, nullable=False),
    Column("approver", Text, nullable=False),
    Column("season", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("file_date", Date, nullable=False),
    Column("decide_date", Date),
    Column("return_reason", Text),
    CheckConstraint(
        "(state = 'RETURNED') = (return_reason is not null)",
        name="electronic_registration_returned",
    ),
)
# Duplicates are not registered (XJE); what was returned is filed again.
Index(
    "electronic_registration_once",
    electronic_registration.c.status_record_id,
    unique=True,
    postgresql_where=electronic_registration.c.state != "RETURNED",
)
Index("electronic_registration_record", electronic_registration.c.status_record_id)
Index(
    "electronic_registration_organisation",
    electronic_registration.c.organisation,
    electronic_registration.c.id,
)

status_change = Table(
    "status_change",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("status_record_id", Uuid, ForeignKey("status_record.id"), nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("front", Text, nullable=False),
    Column("back", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("initiator", Text, nullable=False),
    # Why, in a word and in words, and the facts of the case: they may speak of health.
    Column("sealed_ground", LargeBinary, nullable=False),
    Column("sealed_reason", LargeBinary, nullable=False),
    Column("sealed_facts", LargeBinary, nullable=False),
    Column("guardian_opinion", Text, nullable=False),
    Column("apply_date", Date, nullable=False),
    Column("effective_date", Date, nullable=False),
    Column("until_date", Date),
    Column("approve_date", Date),
    Column("is_unreachable", Boolean, nullable=False),
    Column("notice_from_date", Date),
    Column("notice_to_date", Date),
    Column("receiving", Text, nullable=False),
    Column("new_major_code", Text, nullable=False),
    Column("new_class_name", Text, nullable=False),
    Column("attachments", JSONB, nullable=False),
    Column("steps", JSONB, nullable=False),
    CheckConstraint("until_date >= effective_date", name="status_change_until"),
    CheckConstraint("notice_to_date >= notice_from_date", name="status_change_notice"),
)
# One change of a record at a time.
Index(
    "status_change_pending",
    status_change.c.status_record_id,
    unique=True,
    postgresql_where=status_change.c.state.in_(("PROPOSED", "IN_CHAIN", "APPROVED")),
)
Index("status_change_record", status_change.c.status_record_id)
Index("status_change_organisation", status_change.c.organisation, status_change.c.id)
# Who may see a change beside the schools: those who decide on it.
status_change_party = Table(
    "status_change_party",
    metadata,
    Column("change_id", Uuid, ForeignKey("status_change.id"), nullable=False),
    Column("party", Text, nullable=False),
    PrimaryKeyConstraint("party", "change_id"),
)
