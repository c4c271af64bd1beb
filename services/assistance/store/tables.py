"""The tables of the assistance service. Definitions only; constraints guard what rules promise.

Nothing personal is here, sealed or not: applications are ids between two organisations.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from chassis.standing import define_standing
from chassis.tables import define_tables

metadata = MetaData()
define_tables(metadata)
define_standing(metadata)

pairing = Table(
    "pairing",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("programme", Text, nullable=False),
    Column("helper", Text, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("office", Text, nullable=False),
    Column("agreement_number", Text, nullable=False),
    Column("begin_date", Date, nullable=False),
    Column("made_up", Boolean, nullable=False),
    UniqueConstraint("programme", "level", "helper", "receiver", name="pairing_once"),
    CheckConstraint("helper <> receiver", name="pairing_of_two"),
)
Index("pairing_helper", pairing.c.helper, pairing.c.id)
Index("pairing_receiver", pairing.c.receiver, pairing.c.id)
Index("pairing_office", pairing.c.office, pairing.c.id)

indicator = Table(
    "indicator",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("pairing_id", Uuid, ForeignKey("pairing.id"), nullable=False),
    Column("helper", Text, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("office", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("target", BigInteger, nullable=False),
    Column("actual", BigInteger, nullable=False),
    UniqueConstraint("pairing_id", "kind", name="indicator_kind"),
    CheckConstraint("target > 0", name="indicator_target_positive"),
    CheckConstraint("actual >= 0", name="indicator_actual_counted"),
)
Index("indicator_schools", indicator.c.helper, indicator.c.receiver, indicator.c.kind)
Index("indicator_receiver", indicator.c.receiver, indicator.c.id)
Index("indicator_office", indicator.c.office, indicator.c.id)

evidence = Table(
    "evidence",
    metadata,
    # The order of counting.
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("indicator_id", Uuid, ForeignKey("indicator.id"), nullable=False),
    Column("resource_name", Text, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("business_time", DateTime(timezone=True), nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    # A resource counts once, however often its event is delivered.
    UniqueConstraint("indicator_id", "resource_name", name="evidence_once"),
)
Index("evidence_indicator", evidence.c.indicator_id, evidence.c.id)
Index("evidence_resource", evidence.c.resource_name)

# Applications whose registration was decided, as their last event left them.
copy_application = Table(
    "copy_application",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("front", Text, nullable=False),
    Column("back", Text, nullable=False),
    Column("is_registered", Boolean, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("business_time", DateTime(timezone=True), nullable=False),
)
Index(
    "copy_application_registered",
    copy_application.c.back,
    copy_application.c.front,
    postgresql_where=copy_application.c.is_registered,
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
