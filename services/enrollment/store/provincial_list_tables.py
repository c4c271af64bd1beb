"""The tables of provincial lists and of their imports; the projects themselves are the rows."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.enrollment.store.tables import metadata

provincial_list = Table(
    "provincial_list",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("province_code", Text, nullable=False),
    Column("approval_year", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("document_number", Text, nullable=False),
    Column("publish_date", Date, nullable=False),
    Column("stated_total", Integer, nullable=False),
    Column("parts", JSONB, nullable=False),
    Column("made_up", Boolean, nullable=False),
    UniqueConstraint(
        "approval_year", "province_code", "document_number", name="provincial_list_document"
    ),
)

provincial_list_import = Table(
    "provincial_list_import",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("list_id", Uuid, ForeignKey("provincial_list.id"), nullable=False),
    Column("organisation", Text, nullable=False),
    Column("import_time", DateTime(timezone=True), nullable=False),
    Column("rows", JSONB, nullable=False),
)
Index("provincial_list_import_list", provincial_list_import.c.list_id, provincial_list_import.c.id)
Index(
    "provincial_list_import_organisation",
    provincial_list_import.c.organisation,
    provincial_list_import.c.id,
)
