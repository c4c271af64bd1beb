"""The tables of the enrollment service. Definitions only; constraints guard what rules promise.

Personal values are in columns named `sealed_...`, as sealed bytes and never in clear.
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
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.tables import define_tables
from chassis.unsealed import define_unsealed

metadata = MetaData()
define_tables(metadata)
define_unsealed(metadata)

organisation = Table(
    "organisation",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("english_name", Text, nullable=False),
    Column("raw_names", JSONB, nullable=False),
    Column("kind", Text, nullable=False),
    Column("region_code", Text, nullable=False),
    Column("school_code", Text, nullable=False),
    Column("uscc", Text, nullable=False),
    Column("made_up", Boolean, nullable=False),
    # Slugs do not say which came first; lists are in order of creation.
    Column("number", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("names", JSONB, nullable=False),
    # All names of any time in the form in which they are looked for, a line for each.
    Column("search_text", Text, nullable=False),
    Column("regions", JSONB, nullable=False),
    Column("zone", Text, nullable=False),
    Column("reports_to", JSONB, nullable=False),
    Column("established_date", Date),
    # The first day without it.
    Column("end_date", Date),
    Column("end_kind", Text),
    Column("successors", JSONB, nullable=False),
    Column("block_reason", Text, nullable=False),
    CheckConstraint("(end_date is null) = (end_kind is null)", name="organisation_end"),
    CheckConstraint("(state = 'ENDED') = (end_date is not null)", name="organisation_state"),
)
# Who names an organisation as its successor.
Index("organisation_successors", organisation.c.successors, postgresql_using="gin")
Index(
    "organisation_school_code",
    organisation.c.school_code,
    unique=True,
    postgresql_where=organisation.c.school_code != "",
)
Index(
    "organisation_uscc",
    organisation.c.uscc,
    unique=True,
    postgresql_where=organisation.c.uscc != "",
)

pathway_project = Table(
    "pathway_project",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("project_number", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("approval_year", Integer, nullable=False),
    Column("front", Text, ForeignKey("organisation.id"), nullable=False),
    Column("front_major", Text, nullable=False),
    Column("front_major_code", Text, nullable=False),
    Column("back", Text, ForeignKey("organisation.id"), nullable=False),
    Column("back_major", Text, nullable=False),
    Column("back_major_code", Text, nullable=False),
    Column("front_plan", Integer, nullable=False),
    Column("back_plan", Integer, nullable=False),
    Column("front_level", Text, nullable=False),
    Column("back_level", Text, nullable=False),
    Column("front_years", Integer, nullable=False),
    Column("back_years", Integer, nullable=False),
    Column("transfer_year", Integer, nullable=False),
    Column("approval_document_number", Text, nullable=False),
    Column("made_up", Boolean, nullable=False),
    Column("front_direction", Text, nullable=False),
    Column("back_direction", Text, nullable=False),
    Column("front_internship_arrangement", Text),
    Column("back_internship_arrangement", Text),
    Column("stop_reason", Text, nullable=False),
    Column("warnings", JSONB, nullable=False),
    Column("provincial_list_id", Uuid, ForeignKey("provincial_list.id")),
    UniqueConstraint(
        "approval_year",
        "front",
        "front_major_code",
        "back",
        "back_major_code",
        name="pathway_project_pair",
    ),
    CheckConstraint("front_plan > 0 and back_plan > 0", name="pathway_project_plans_positive"),
)

Index("pathway_project_list", pathway_project.c.provincial_list_id)

cohort = Table(
    "cohort",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    # One intake a project.
    Column("project_id", Uuid, ForeignKey("pathway_project.id"), nullable=False, unique=True),
    Column("front", Text, nullable=False),
    Column("back", Text, nullable=False),
    Column("intake_date", Date, nullable=False),
    Column("class_names", JSONB, nullable=False),
    Column("plan", Integer, nullable=False),
    Column("freeze_time", DateTime(timezone=True)),
)
Index("cohort_front", cohort.c.front, cohort.c.id)
Index("cohort_back", cohort.c.back, cohort.c.id)

person = Table(
    "person",
    metadata,
    # The subject of the person's data key, and the holder of the ID number in the blind index.
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("sealed_display_name", LargeBinary, nullable=False),
    Column("sealed_id_number", LargeBinary, nullable=False),
    Column("sealed_masked_id_number", LargeBinary, nullable=False),
    Column("birth_year", Integer, nullable=False),
    Column("sex_code", Text, nullable=False),
    Column("ethnicity_code", Text, nullable=False),
    Column("made_up", Boolean, nullable=False),
    # Empty while the birth date is that of the ID number.
    Column("sealed_birth_date", LargeBinary, nullable=False),
    # Of the present 学籍号; empty before there is one.
    Column("sealed_masked_student_number", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    # Whom this is a duplicate of; kept when both are erased.
    Column("merged_into_id", Uuid, ForeignKey("person.id")),
    CheckConstraint("state <> 'MERGED' or merged_into_id is not null", name="person_merged"),
    CheckConstraint("state <> 'ACTIVE' or merged_into_id is null", name="person_active"),
)
Index(
    "person_duplicates",
    person.c.merged_into_id,
    postgresql_where=person.c.merged_into_id.is_not(None),
)
# The organisations that may see a person: the schools of every pathway joined.
person_party = Table(
    "person_party",
    metadata,
    Column("person_id", Uuid, ForeignKey("person.id"), nullable=False),
    Column("party", Text, nullable=False),
    # In the order in which a party reads its persons.
    PrimaryKeyConstraint("party", "person_id"),
)
Index("person_party_person", person_party.c.person_id)

cohort_member = Table(
    "cohort_member",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("cohort_id", Uuid, ForeignKey("cohort.id"), nullable=False),
    Column("project_id", Uuid, nullable=False),
    Column("person_id", Uuid, ForeignKey("person.id"), nullable=False),
    Column("front", Text, nullable=False),
    Column("back", Text, nullable=False),
    Column("sealed_display_name", LargeBinary, nullable=False),
    Column("sealed_admission_number", LargeBinary, nullable=False),
    Column("class_name", Text, nullable=False),
    Column("birth_year", Integer, nullable=False),
    Column("left_reason", Text, nullable=False),
    Column("sealed_left_reason", LargeBinary, nullable=False),
    Column("left_time", DateTime(timezone=True)),
    Column("made_up", Boolean, nullable=False),
    Column("why", Text, nullable=False),
    Column("state_from_date", Date, nullable=False),
    # An admission is of one student of a year; who left has given it back.
    Column("admission_year", Integer, nullable=False),
    Column("admission_digest", LargeBinary, nullable=False),
)
Index(
    "cohort_member_admission",
    cohort_member.c.admission_year,
    cohort_member.c.admission_digest,
    unique=True,
    postgresql_where=text("state <> 'LEFT' AND admission_digest <> ''"),
)
# Nobody is in two pathways at once. That nobody comes back is the command's to say, under the
# person's lock: the memberships of a duplicate that was found and left are the person's too.
Index(
    "cohort_member_one_pathway",
    cohort_member.c.person_id,
    unique=True,
    postgresql_where=text("state IN ('ACTIVE', 'SUSPENDED')"),
)
Index(
    "cohort_member_once_a_cohort",
    cohort_member.c.cohort_id,
    cohort_member.c.person_id,
    unique=True,
    postgresql_where=cohort_member.c.state != "LEFT",
)
# A roster, in the order in which it is read.
Index("cohort_member_cohort", cohort_member.c.cohort_id, cohort_member.c.id)
Index("cohort_member_person", cohort_member.c.person_id, cohort_member.c.id)
Index("cohort_member_front", cohort_member.c.front, cohort_member.c.id)
Index("cohort_member_back", cohort_member.c.back, cohort_member.c.id)

status_record = Table(
    "status_record",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("person_id", Uuid, ForeignKey("person.id"), nullable=False),
    Column("organisation", Text, nullable=False),
    Column("front", Text, nullable=False),
    Column("back", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("stage", Text, nullable=False),
    # Neither outside of pathways.
    Column("project_id", Uuid),
    Column("member_id", Uuid, ForeignKey("cohort_member.id")),
    Column("major_code", Text, nullable=False),
    Column("class_name", Text, nullable=False),
    Column("grade_year", Integer, nullable=False),
    Column("years", Integer, nullable=False),
    # The present status; past ones are in status_period.
    Column("status", Text, nullable=False),
    Column("status_from_date", Date, nullable=False),
    Column("change_id", Uuid),
    Column("register_date", Date),
    Column("valid_from_date", Date, nullable=False),
    Column("valid_to_date", Date),
    Column("sealed_diploma_number", LargeBinary, nullable=False),
    Column("graduate_date", Date),
    # Of a back-stage record; one an application.
    Column("application_id", Uuid, unique=True),
    Column("sealed_certificate_number", LargeBinary, nullable=False),
    # Of an erased person there is none.
    CheckConstraint(
        "state = 'GRADUATED' or octet_length(sealed_diploma_number) = 0",
        name="status_record_diploma",
    ),
    CheckConstraint("valid_to_date >= valid_from_date", name="status_record_validity"),
    CheckConstraint(
        "(state in ('IN_SCHOOL', 'AWAY')) = (valid_to_date is null)", name="status_record_open"
    ),
    CheckConstraint("status_from_date >= valid_from_date", name="status_record_status_from"),
    CheckConstraint(
        "(stage = 'OUTSIDE') = (member_id is null) and (member_id is null) = (project_id is null)",
        name="status_record_pathway",
    ),
)
# Who is on the books of an organisation.
Index(
    "status_record_on_books",
    status_record.c.organisation,
    status_record.c.status_from_date,
    postgresql_where=status_record.c.valid_to_date.is_(None),
)
Index(
    "status_record_front_stage",
    status_record.c.member_id,
    unique=True,
    postgresql_where=status_record.c.stage == "FRONT",
)
Index("status_record_person", status_record.c.person_id)
Index("status_record_project", status_record.c.project_id)
Index("status_record_front", status_record.c.front, status_record.c.id)
Index("status_record_back", status_record.c.back, status_record.c.id)

back_stage_registration = Table(
    "back_stage_registration",
    metadata,
    # The id of the application.
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    # Person and member are what the transfer said: they may be unknown here.
    Column("person_id", Uuid, nullable=False),
    Column("project_id", Uuid, nullable=False),
    Column("member_id", Uuid, nullable=False),
    Column("front", Text, nullable=False),
    Column("back", Text, nullable=False),
    Column("blocking_reason", Text),
    Column("status_record_id", Uuid, ForeignKey("status_record.id")),
    Column("arrive_date", Date, nullable=False),
    CheckConstraint(
        "(state = 'REFUSED') = (blocking_reason is not null)",
        name="back_stage_registration_blocked",
    ),
)
Index(
    "back_stage_registration_waiting",
    back_stage_registration.c.member_id,
    postgresql_where=back_stage_registration.c.state == "REFUSED",
)
Index(
    "back_stage_registration_front", back_stage_registration.c.front, back_stage_registration.c.id
)
Index("back_stage_registration_back", back_stage_registration.c.back, back_stage_registration.c.id)
