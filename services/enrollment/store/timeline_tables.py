"""The index of persons' timelines. Definitions only."""

from sqlalchemy import BigInteger, Column, Date, PrimaryKeyConstraint, Table, Uuid

from services.enrollment.store.tables import metadata

# Which change rows are about a person, in the order of their facts' days. What they say is in the
# change rows. Of a person that is unknown here too, as an arrival may be: no foreign key.
person_timeline = Table(
    "person_timeline",
    metadata,
    Column("person_id", Uuid, nullable=False),
    Column("fact_date", Date, nullable=False),
    Column("change_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("person_id", "fact_date", "change_id"),
)
