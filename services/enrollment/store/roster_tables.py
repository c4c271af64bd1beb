"""The tables of rosters through time, and of what is heard of places given up. Definitions only."""

from sqlalchemy import (
    BigInteger,
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
    text,
)

from services.enrollment.store.status_tables import status_change
from services.enrollment.store.tables import metadata, status_record

# Whose a class is: of a school and year it is one cohort's (单独编班, JS21).
cohort_class = Table(
    "cohort_class",
    metadata,
    Column("front", Text, nullable=False),
    Column("class_name", Text, nullable=False),
    Column("intake_year", Integer, nullable=False),
    Column("cohort_id", Uuid, ForeignKey("cohort.id"), nullable=False),
    PrimaryKeyConstraint("front", "class_name", "intake_year"),
)
Index("cohort_class_cohort", cohort_class.c.cohort_id)

# In which state and class a member was, from when to when. The days follow each other without gap
# or overlap; the last span is open.
member_span = Table(
    "member_span",
    metadata,
    Column("member_id", Uuid, ForeignKey("cohort_member.id"), nullable=False),
    Column("cohort_id", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("class_name", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("valid_from_date", Date, nullable=False),
    Column("valid_to_date", Date),
    PrimaryKeyConstraint("member_id", "valid_from_date"),
    CheckConstraint("valid_to_date >= valid_from_date", name="member_span_validity"),
)
Index("member_span_cohort", member_span.c.cohort_id, member_span.c.valid_from_date)

# A place at the back stage that an admitted student gave up (未报到), as the transfer tells.
forfeited_place = Table(
    "forfeited_place",
    metadata,
    # The id of the application.
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("project_id", Uuid, nullable=False),
    Column("member_id", Uuid, nullable=False),
    Column("forfeit_date", Date, nullable=False),
)
Index("forfeited_place_project", forfeited_place.c.project_id, forfeited_place.c.forfeit_date)

# Who is registered at the back stage of a project.
Index(
    "status_record_back_stage",
    status_record.c.project_id,
    status_record.c.valid_from_date,
    postgresql_where=status_record.c.stage == "BACK",
)
# Which approved changes are due.
Index(
    "status_change_due",
    status_change.c.effective_date,
    status_change.c.id,
    postgresql_where=text("state = 'APPROVED'"),
)
