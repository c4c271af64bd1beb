"""The tables of internships and of the points at which they are done. Definitions only.

Personal values are in columns named `sealed_...`, as sealed bytes and never in clear. That a
student is at one post on each day is the command's to say, under the person's lock: the days of a
duplicate that was merged are the person's too.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.enrollment.store.tables import metadata

internship_point = Table(
    "internship_point",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("organisation", Text, ForeignKey("organisation.id"), nullable=False),
    Column("enterprise", Text, ForeignKey("organisation.id"), nullable=False),
    Column("post", Text, nullable=False),
    # Empty: matched to no major (S4 counts such ones), and nobody is sent there.
    Column("major_codes", JSONB, nullable=False),
    Column("match_reason", Text, nullable=False),
    Column("region_code", Text, nullable=False),
    Column("valid_from_date", Date, nullable=False),
    Column("valid_to_date", Date),
    CheckConstraint("valid_to_date >= valid_from_date", name="internship_point_days"),
    CheckConstraint(
        "(state = 'ENDED') = (valid_to_date is not null)", name="internship_point_state"
    ),
)
Index(
    "internship_point_open",
    internship_point.c.organisation,
    internship_point.c.enterprise,
    internship_point.c.post,
    unique=True,
    postgresql_where=internship_point.c.state == "OPEN",
)
Index("internship_point_organisation", internship_point.c.organisation, internship_point.c.id)
Index("internship_point_enterprise", internship_point.c.enterprise, internship_point.c.id)

internship = Table(
    "internship",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("person_id", Uuid, ForeignKey("person.id"), nullable=False),
    Column("status_record_id", Uuid, ForeignKey("status_record.id"), nullable=False),
    Column("organisation", Text, ForeignKey("organisation.id"), nullable=False),
    Column("enterprise", Text, ForeignKey("organisation.id"), nullable=False),
    Column("point_id", Uuid, ForeignKey("internship_point.id"), nullable=False),
    Column("major_code", Text, nullable=False),
    Column("is_front_stage", Boolean, nullable=False),
    Column("start_date", Date, nullable=False),
    Column("end_date", Date, nullable=False),
    Column("length_reason", Text, nullable=False),
    Column("filing_number", Text, nullable=False),
    Column("cooperation_id", Uuid),
    Column("sealed_display_name", LargeBinary, nullable=False),
    Column("sealed_pay_fen", LargeBinary, nullable=False),
    Column("sealed_school_mentor", LargeBinary, nullable=False),
    Column("sealed_enterprise_mentor", LargeBinary, nullable=False),
    Column("agreement_sha256", Text, nullable=False),
    Column("school_sign_date", Date),
    Column("enterprise_sign_date", Date),
    Column("student_sign_date", Date),
    Column("guardian_consent_id", Uuid, ForeignKey("consent.id")),
    Column("run_date", Date),
    Column("complete_date", Date),
    # It holds the hours. A version of an outcome is a row: no key to refer to by the id alone.
    Column("learning_outcome_id", Uuid),
    Column("break_off_date", Date),
    Column("break_off_reason", Text, nullable=False),
    Column("extensions", JSONB, nullable=False),
    CheckConstraint("end_date >= start_date", name="internship_days"),
    CheckConstraint(
        "state not in ('AGREED', 'RUNNING', 'COMPLETED') or (agreement_sha256 <> ''"
        " and num_nulls(school_sign_date, enterprise_sign_date, student_sign_date) = 0)",
        name="internship_signed_by_three",
    ),
    CheckConstraint("(state = 'COMPLETED') = (complete_date is not null)", name="internship_end"),
    CheckConstraint(
        "(state = 'BROKEN_OFF') = (break_off_reason <> '')", name="internship_broken_off"
    ),
    CheckConstraint(
        "(state in ('COMPLETED', 'BROKEN_OFF')) = (holder = '')", name="internship_holder"
    ),
    CheckConstraint("break_off_date between start_date and end_date", name="internship_last_day"),
)
Index("internship_person", internship.c.person_id, internship.c.id)
Index("internship_organisation", internship.c.organisation, internship.c.id)
Index("internship_enterprise", internship.c.enterprise, internship.c.id)
Index("internship_point_interns", internship.c.point_id, internship.c.id)
