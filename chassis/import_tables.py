"""The tables of imports, for a service that takes rows in bulk. Definitions only."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

metadata = MetaData()

import_job = Table(
    "import_job",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("request_id", Uuid, nullable=False),
    # Who opened it.
    Column("actor", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("next_chunk_number", Integer, nullable=False),
    Column("new_rows", BigInteger, nullable=False),
    Column("changed_rows", BigInteger, nullable=False),
    Column("same_rows", BigInteger, nullable=False),
    Column("error_rows", BigInteger, nullable=False),
    Column("create_time", DateTime(timezone=True), nullable=False),
    Column("update_time", DateTime(timezone=True), nullable=False),
    Column("finish_time", DateTime(timezone=True)),
    UniqueConstraint("organisation", "kind", "request_id", name="import_job_request"),
    CheckConstraint("state in ('OPEN', 'FINISHED')", name="import_job_state"),
    CheckConstraint("(state = 'FINISHED') = (finish_time is not null)", name="import_job_end"),
)
Index("import_job_organisation", import_job.c.organisation, import_job.c.id)

# What a chunk was answered with, and by what its rows are known: it is answered so again.
import_chunk = Table(
    "import_chunk",
    metadata,
    Column("job_id", Uuid, ForeignKey("import_job.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("body_digest", LargeBinary, nullable=False),
    Column("row_keys", LargeBinary, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    PrimaryKeyConstraint("job_id", "number"),
)

# Rows that were refused, without any value of theirs.
import_error = Table(
    "import_error",
    metadata,
    Column("job_id", Uuid, ForeignKey("import_job.id"), nullable=False),
    Column("row_number", BigInteger, nullable=False),
    Column("error", LargeBinary, nullable=False),
    PrimaryKeyConstraint("job_id", "row_number"),
)

# What was last taken of a row, by its natural key: the same content again is no news.
import_row = Table(
    "import_row",
    metadata,
    Column("kind", Text, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
    PrimaryKeyConstraint("kind", "key"),
)


def define_import_tables(service_metadata: MetaData) -> None:
    """Add these tables to the metadata of a service that imports."""
    for table in metadata.sorted_tables:
        table.to_metadata(service_metadata)
