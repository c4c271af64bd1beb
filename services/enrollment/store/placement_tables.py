"""The table of placements: rows are added, and none is changed (a trigger sees to it).

Destination and match are in clear to be counted, under an id that leads to no name; what leaves
the service carries them sealed.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

from services.enrollment.store.tables import metadata, status_record

# What is sealed of a placement.
SEALED = (
    "destination",
    "employer",
    "employer_name",
    "post",
    "region_code",
    "match",
    "match_reason",
    "pay_fen",
)

# A row is a version of a placement; the present one is the highest.
placement = Table(
    "placement",
    metadata,
    Column("id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("record_date", Date, nullable=False),
    Column("person_id", Uuid, ForeignKey("person.id"), nullable=False),
    Column("status_record_id", Uuid, ForeignKey("status_record.id"), nullable=False),
    Column("organisation", Text, ForeignKey("organisation.id"), nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("confirmed_by", Text, nullable=False),
    Column("survey_date", Date, nullable=False),
    Column("source", Text, nullable=False),
    Column("evidence_sha256", Text, nullable=False),
    Column("corrected_id", Uuid),
    Column("destination", Text, nullable=False),
    Column("match", Text),
    *(Column(f"sealed_{name}", LargeBinary, nullable=False) for name in SEALED),
    PrimaryKeyConstraint("id", "version"),
    CheckConstraint("(state = 'CONFIRMED') = (confirmed_by <> '')", name="placement_confirmed"),
    CheckConstraint("confirmed_by <> recorded_by", name="placement_two_persons"),
    CheckConstraint(
        "(destination in ('EMPLOYED', 'SELF_EMPLOYED')) = (match is not null)",
        name="placement_match",
    ),
)
Index("placement_person", placement.c.person_id, placement.c.id)
Index("placement_record", placement.c.status_record_id, placement.c.id)
Index("placement_organisation", placement.c.organisation, placement.c.id)
# One is corrected once; a correction may be corrected in its turn.
Index(
    "placement_corrected",
    placement.c.corrected_id,
    unique=True,
    postgresql_where=text("version = 1 AND corrected_id IS NOT NULL"),
)
# What corrects a placement, once it counts itself: statistics look there.
Index(
    "placement_correction",
    placement.c.corrected_id,
    postgresql_where=text("state = 'CONFIRMED' AND corrected_id IS NOT NULL"),
)
# Who graduated when, at one school or at all.
Index(
    "status_record_graduates",
    status_record.c.organisation,
    status_record.c.graduate_date,
    postgresql_where=text("state = 'GRADUATED'"),
)
