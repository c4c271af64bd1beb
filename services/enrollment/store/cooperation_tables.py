"""The tables of cooperations, of who takes part in them, of their heads and of their rosters.

Constraints guard what the rules promise: nobody is twice on a roster or an apprentice twice at
once, and an apprentice has an enterprise and an agreement (LAW 职业教育法 art 30).
"""

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
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.enrollment.store.tables import metadata

cooperation = Table(
    "cooperation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    # With their signatures, in the order in which they sign.
    Column("parties", JSONB, nullable=False),
    Column("agreement_number", Text, nullable=False),
    Column("agreement_sha256", Text, nullable=False),
    Column("valid_from_date", Date),
    Column("valid_to_date", Date),
    Column("documents", JSONB, nullable=False),
    Column("class_name", Text, nullable=False),
    Column("student_count", Integer, nullable=False),
    Column("grades", JSONB, nullable=False),
    Column("bodies", JSONB, nullable=False),
    Column("contributions", JSONB, nullable=False),
    Column("in_force_periods", JSONB, nullable=False),
    Column("holder", Text),
    Column("reason", Text, nullable=False),
    Column("drafted_by", Text, nullable=False),
    CheckConstraint("valid_to_date >= valid_from_date", name="cooperation_validity"),
    CheckConstraint(
        "(agreement_sha256 = '') = (valid_from_date is null)"
        " and (valid_from_date is null) = (valid_to_date is null)",
        name="cooperation_agreement_whole",
    ),
    # 衔接 carries no quota (S0: 衔接合作).
    CheckConstraint("kind <> 'ARTICULATION' or student_count = 0", name="cooperation_no_quota"),
    CheckConstraint(
        "(kind in ('ORDER_CLASS', 'NAMED_CLASS')) = (class_name <> '')", name="cooperation_class"
    ),
)

# Who takes part, and did: for whom a cooperation is to be seen, and how they are counted.
cooperation_party = Table(
    "cooperation_party",
    metadata,
    Column("cooperation_id", Uuid, ForeignKey("cooperation.id"), nullable=False),
    Column("organisation", Text, ForeignKey("organisation.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("join_date", Date, nullable=False),
    Column("leave_date", Date),
    # In the order in which a party reads its cooperations.
    PrimaryKeyConstraint("organisation", "cooperation_id"),
    CheckConstraint("leave_date >= join_date", name="cooperation_party_days"),
)
Index("cooperation_party_cooperation", cooperation_party.c.cooperation_id)

cooperation_head = Table(
    "cooperation_head",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("cooperation_id", Uuid, ForeignKey("cooperation.id"), nullable=False),
    Column("party", Text, nullable=False),
    # Empty: of the party's part in the cooperation.
    Column("body", Text, nullable=False),
    # The subject of the head's data key.
    Column("subject_id", Uuid, nullable=False),
    Column("sealed_display_name", LargeBinary, nullable=False),
    Column("sealed_phone", LargeBinary, nullable=False),
    Column("post", Text, nullable=False),
    UniqueConstraint("cooperation_id", "party", "body", name="cooperation_head_one_a_part"),
)

cooperation_pupil = Table(
    "cooperation_pupil",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("cooperation_id", Uuid, ForeignKey("cooperation.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("person_id", Uuid, ForeignKey("person.id"), nullable=False),
    Column("status_record_id", Uuid, ForeignKey("status_record.id"), nullable=False),
    Column("school", Text, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("join_date", Date, nullable=False),
    # The first day off the roster.
    Column("leave_date", Date),
    Column("agreement_sha256", Text, nullable=False),
    Column("sealed_leave_reason", LargeBinary, nullable=False),
    Column("consent_id", Uuid, ForeignKey("consent.id")),
    CheckConstraint("leave_date >= join_date", name="cooperation_pupil_days"),
    CheckConstraint("(state = 'LEFT') = (leave_date is not null)", name="cooperation_pupil_left"),
    CheckConstraint(
        "kind <> 'APPRENTICESHIP' or (agreement_sha256 <> '' and enterprise <> '')",
        name="cooperation_pupil_apprentice",
    ),
)
Index(
    "cooperation_pupil_once",
    cooperation_pupil.c.cooperation_id,
    cooperation_pupil.c.person_id,
    unique=True,
    postgresql_where=cooperation_pupil.c.state == "ACTIVE",
)
Index(
    "cooperation_pupil_one_apprenticeship",
    cooperation_pupil.c.person_id,
    unique=True,
    postgresql_where=text("state = 'ACTIVE' AND kind = 'APPRENTICESHIP'"),
)
Index("cooperation_pupil_roster", cooperation_pupil.c.cooperation_id, cooperation_pupil.c.id)
Index("cooperation_pupil_person", cooperation_pupil.c.person_id, cooperation_pupil.c.id)
Index("cooperation_pupil_school", cooperation_pupil.c.school, cooperation_pupil.c.id)
