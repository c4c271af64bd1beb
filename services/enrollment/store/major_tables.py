"""The table of majors; `number` is the order of import."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Identity,
    Index,
    Integer,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.enrollment.store.tables import metadata

major = Table(
    "major",
    metadata,
    # Year of the catalogue, a hyphen, the code.
    Column("id", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("code", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("catalogue_year", Integer, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("subcategory", Text, nullable=False),
    Column("valid_from_date", Date, nullable=False),
    Column("valid_to_date", Date),
    Column("successors", JSONB, nullable=False),
    Column("number", BigInteger, Identity(always=True), nullable=False, unique=True),
    CheckConstraint("valid_to_date >= valid_from_date", name="major_validity"),
)
# On one day a code means one major; entries before are kept apart by their dates.
Index(
    "major_open_code", major.c.code, unique=True, postgresql_where=major.c.valid_to_date.is_(None)
)
Index("major_code", major.c.code, major.c.valid_from_date)
Index("major_level", major.c.level, major.c.valid_from_date)
