"""The tables that every service's database has beside its own: history, idempotency, cursors.

One `MetaData` per service: a service calls `define_tables` on its own, so that its migrations
create everything in one database. This module holds definitions only, no statements.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

metadata = MetaData()

change = Table(
    "change",
    metadata,
    # CACHE 1: a session that holds a block of ids would hand them out behind later commits.
    Column("id", BigInteger, Identity(always=True, cache=1), primary_key=True),
    Column("event_id", Uuid, nullable=False, unique=True),
    Column("event_type", Text, nullable=False),
    Column("resource_name", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("message_type", Text, nullable=False),
    Column("resource", LargeBinary, nullable=False),
    Column("resource_sha256", LargeBinary, nullable=False),
    Column("audience", ARRAY(Text), nullable=False),
    Column("actor", Text, nullable=False),
    Column("actor_organisation", Text, nullable=False),
    Column("business_time", DateTime(timezone=True), nullable=False),
    Column(
        "record_time",
        DateTime(timezone=True),
        nullable=False,
        server_default=func.clock_timestamp(),
    ),
    Column("traceparent", Text, nullable=False),
    CheckConstraint("version > 0", name="change_version_positive"),
    CheckConstraint("octet_length(resource_sha256) = 32", name="change_sha256_length"),
)
Index("change_resource_version", change.c.resource_name, change.c.version, unique=True)

unsequenced = Table(
    "unsequenced",
    metadata,
    Column("change_id", BigInteger, primary_key=True, autoincrement=False),
)

change_position = Table(
    "change_position",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("change_id", BigInteger, nullable=False, unique=True),
)

audience = Table(
    "audience",
    metadata,
    Column("party", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    PrimaryKeyConstraint("party", "position"),
)

# One row each: the head of the history, and how far the relay has published it.
head = Table(
    "head",
    metadata,
    Column("singleton", Boolean, primary_key=True, server_default=text("true")),
    Column("position", BigInteger, nullable=False, server_default=text("0")),
    Column("epoch_counter", Integer, nullable=False, server_default=text("1")),
    CheckConstraint("singleton", name="head_single_row"),
)
published = Table(
    "published",
    metadata,
    Column("singleton", Boolean, primary_key=True, server_default=text("true")),
    Column("position", BigInteger, nullable=False, server_default=text("0")),
    CheckConstraint("singleton", name="published_single_row"),
)

request = Table(
    "request",
    metadata,
    Column("organisation", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("request_id", Uuid, nullable=False),
    Column("body_digest", LargeBinary, nullable=False),
    # One entry an item of the call; NULL where the item was refused.
    Column("change_ids", ARRAY(BigInteger), nullable=False),
    Column(
        "record_time",
        DateTime(timezone=True),
        nullable=False,
        server_default=func.clock_timestamp(),
    ),
    PrimaryKeyConstraint("organisation", "method", "request_id", name="request_key"),
)

subscription_cursor = Table(
    "subscription_cursor",
    metadata,
    Column("source", Text, primary_key=True),
    Column("epoch", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
)

dead_letter = Table(
    "dead_letter",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("source", Text, nullable=False),
    Column("epoch", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("resource_name", Text, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    # FAILED: refused or undecodable; PARKED: waits behind a FAILED one of the same resource;
    # REPLAYED and DISMISSED: settled by a person, with a reason.
    Column("state", Text, nullable=False),
    Column("failure", Text, nullable=False),
    Column("fail_time", DateTime(timezone=True), nullable=False),
    Column("settled_by", Text),
    Column("settle_reason", Text),
    Column("settle_time", DateTime(timezone=True)),
    CheckConstraint(
        "state in ('FAILED', 'PARKED', 'REPLAYED', 'DISMISSED')", name="dead_letter_state"
    ),
)
Index(
    "dead_letter_event",
    dead_letter.c.source,
    dead_letter.c.epoch,
    dead_letter.c.position,
    unique=True,
)
Index(
    "dead_letter_open",
    dead_letter.c.source,
    dead_letter.c.resource_name,
    postgresql_where=dead_letter.c.state.in_(("FAILED", "PARKED")),
)


def define_tables(service_metadata: MetaData) -> None:
    """Add these tables to a service's metadata, for its migrations and their comparison."""
    for table in metadata.sorted_tables:
        table.to_metadata(service_metadata)
