"""The tables of the transfer service. Definitions only; constraints guard what rules promise."""

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
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.standing import define_standing
from chassis.tables import define_tables
from chassis.unsealed import define_unsealed
from services.transfer.domain.application_states import LIVE_ADMISSIONS

metadata = MetaData()
define_tables(metadata)
define_standing(metadata)
unsealed = define_unsealed(metadata)

transfer_batch = Table(
    "transfer_batch",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    # One batch a project: a project has one transfer year.
    Column("project_id", Uuid, nullable=False),
    Column("front", Text, nullable=False),
    Column("back", Text, nullable=False),
    Column("transfer_year", Integer, nullable=False),
    Column("plan", Integer, nullable=False),
    Column("quota", Integer, nullable=False),
    Column("components", JSONB, nullable=False),
    Column("minimum_total_hundredths", Integer, nullable=False),
    Column("front_signed", Boolean, nullable=False),
    Column("back_signed", Boolean, nullable=False),
    Column("notice_begin_date", Date),
    Column("notice_end_date", Date),
    Column("approval_number", Text, nullable=False),
    Column("arrival_begin_date", Date),
    Column("arrival_deadline_date", Date),
    # plan = free + reserved + admitted + lapsed: free is what the check leaves.
    Column("reserved", Integer, nullable=False),
    Column("admitted", Integer, nullable=False),
    Column("lapsed", Integer, nullable=False),
    UniqueConstraint("project_id", name="transfer_batch_project"),
    CheckConstraint("quota <= plan", name="transfer_batch_quota_within_plan"),
    CheckConstraint(
        "reserved >= 0 and admitted >= 0 and lapsed >= 0 and reserved + admitted + lapsed <= quota",
        name="transfer_batch_places_conserved",
    ),
)
Index("transfer_batch_front", transfer_batch.c.front, transfer_batch.c.id)
Index("transfer_batch_back", transfer_batch.c.back, transfer_batch.c.id)

application = Table(
    "application",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("batch_id", Uuid, ForeignKey("transfer_batch.id"), nullable=False),
    Column("project_id", Uuid, nullable=False),
    Column("member_id", Uuid, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("front", Text, nullable=False),
    Column("back", Text, nullable=False),
    Column("transfer_year", Integer, nullable=False),
    Column("birth_year", Integer, nullable=False),
    Column("sealed_display_name", LargeBinary, nullable=False),
    Column("submitted_by", Text, nullable=False),
    Column("marks", JSONB, nullable=False),
    Column("total_hundredths", Integer, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("sealed_exemption_ground", LargeBinary, nullable=False),
    Column("sealed_decision_reason", LargeBinary, nullable=False),
    Column("approval_number", Text, nullable=False),
    Column("leave_until_date", Date),
    Column("retention_kind", Text),
    Column("retained_until_date", Date),
    Column("arrive_date", Date),
    Column("blocking_reason", Text, nullable=False),
    Column("status_record_id", Uuid),
    Column("diversion", Text),
    UniqueConstraint("batch_id", "member_id", name="application_member"),
)
Index("application_batch_state", application.c.batch_id, application.c.state)
Index("application_front", application.c.front, application.c.id)
Index("application_back", application.c.back, application.c.id)
Index(
    "application_live_admission",
    application.c.person_id,
    application.c.transfer_year,
    unique=True,
    postgresql_where=application.c.state.in_(sorted(LIVE_ADMISSIONS)),
)

objection = Table(
    "objection",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("application_id", Uuid, ForeignKey("application.id"), nullable=False),
    Column("batch_id", Uuid, ForeignKey("transfer_batch.id"), nullable=False),
    Column("front", Text, nullable=False),
    Column("back", Text, nullable=False),
    # Whom the sealed texts are about.
    Column("person_id", Uuid, nullable=False),
    Column("sealed_ground", LargeBinary, nullable=False),
    Column("sealed_decision", LargeBinary, nullable=False),
    Column("raised_by", Text, nullable=False),
)
Index("objection_batch_state", objection.c.batch_id, objection.c.state)
Index("objection_application", objection.c.application_id)

copy_pathway_project = Table(
    "copy_pathway_project",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("front", Text, nullable=False),
    Column("back", Text, nullable=False),
    Column("back_plan", Integer, nullable=False),
    Column("transfer_year", Integer, nullable=False),
)

copy_cohort_member = Table(
    "copy_cohort_member",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("project_id", Uuid, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("birth_year", Integer, nullable=False),
    Column("sealed_display_name", LargeBinary, nullable=False),
)

copy_organisation = Table(
    "copy_organisation",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("kind", Text, nullable=False),
)
