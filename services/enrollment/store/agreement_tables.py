"""The tables of the agreements of two schools.

Constraints guard what the rules promise: one agreement of a project that has not ended, one
revision in force, and none in force without both approvals.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from services.enrollment.store.tables import metadata

cooperation_agreement = Table(
    "cooperation_agreement",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("project_id", Uuid, ForeignKey("pathway_project.id"), nullable=False),
    Column("front", Text, nullable=False),
    Column("back", Text, nullable=False),
    Column("revision_count", Integer, nullable=False),
    Column("holder", Text),
    Column("deadline_date", Date),
    Column("exit_party", Text),
    Column("exit_reason", Text, nullable=False),
    Column("exit_notice_date", Date),
    Column("exit_date", Date),
    CheckConstraint(
        "(holder is null) = (deadline_date is null)", name="cooperation_agreement_turn"
    ),
)
Index(
    "cooperation_agreement_one_a_project",
    cooperation_agreement.c.project_id,
    unique=True,
    postgresql_where=cooperation_agreement.c.state != "ENDED",
)
Index("cooperation_agreement_project", cooperation_agreement.c.project_id)
Index("cooperation_agreement_front", cooperation_agreement.c.front, cooperation_agreement.c.id)
Index("cooperation_agreement_back", cooperation_agreement.c.back, cooperation_agreement.c.id)

agreement_revision = Table(
    "agreement_revision",
    metadata,
    Column("agreement_id", Uuid, ForeignKey("cooperation_agreement.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", Text, nullable=False),
    # The canonical document: text, so that its bytes stay what was hashed.
    Column("document", Text, nullable=False),
    Column("terms_hash", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("propose_time", DateTime(timezone=True), nullable=False),
    Column("front_approve_time", DateTime(timezone=True)),
    Column("back_approve_time", DateTime(timezone=True)),
    Column("in_force_time", DateTime(timezone=True)),
    Column("end_time", DateTime(timezone=True)),
    PrimaryKeyConstraint("agreement_id", "number"),
    CheckConstraint(
        "in_force_time is null or"
        " (front_approve_time is not null and back_approve_time is not null)",
        name="agreement_revision_approved",
    ),
    CheckConstraint(
        "(state in ('IN_FORCE', 'SUPERSEDED', 'ENDED')) = (in_force_time is not null)",
        name="agreement_revision_state",
    ),
)
Index(
    "agreement_revision_in_force",
    agreement_revision.c.agreement_id,
    unique=True,
    postgresql_where=agreement_revision.c.state == "IN_FORCE",
)
Index(
    "agreement_revision_pending",
    agreement_revision.c.agreement_id,
    unique=True,
    postgresql_where=agreement_revision.c.state == "PENDING",
)

agreement_contact = Table(
    "agreement_contact",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("agreement_id", Uuid, ForeignKey("cooperation_agreement.id"), nullable=False),
    Column("front", Text, nullable=False),
    Column("back", Text, nullable=False),
    Column("party", Text, nullable=False),
    # The subject of the contact's data key.
    Column("subject_id", Uuid, nullable=False),
    Column("sealed_display_name", LargeBinary, nullable=False),
    Column("sealed_phone", LargeBinary, nullable=False),
    Column("post", Text, nullable=False),
    UniqueConstraint("agreement_id", "party", name="agreement_contact_one_a_side"),
)
Index("agreement_contact_front", agreement_contact.c.front, agreement_contact.c.id)
Index("agreement_contact_back", agreement_contact.c.back, agreement_contact.c.id)
