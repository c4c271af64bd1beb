"""What status changes ask of organisations: kind and region of schools, bureaus by region."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Text, any_, bindparam, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import db
from services.enrollment.domain.organisation import Kind
from services.enrollment.store.tables import organisation


@dataclass(frozen=True, slots=True)
class School:
    """A school's kind and where it is."""

    kind: Kind
    region_code: str


_SCHOOLS = db.compile(
    select(organisation.c.id, organisation.c.kind, organisation.c.region_code).where(
        organisation.c.id == any_(bindparam("ids", type_=ARRAY(Text)))
    )
)
_BUREAUS = db.compile(
    select(organisation.c.region_code, organisation.c.id)
    .where(
        organisation.c.region_code == any_(bindparam("region_codes", type_=ARRAY(Text))),
        # Written out, so that the partial index serves it.
        organisation.c.kind == literal_column(f"'{Kind.EDUCATION_BUREAU}'"),
    )
    .order_by(organisation.c.number.desc())
)


async def get_schools(tx: db.Reader, ids: Collection[str]) -> dict[str, School]:
    """Return schools by id; unknown ids are absent."""
    rows = await tx.fetch(_SCHOOLS, ids=sorted(set(ids)))
    return {row["id"]: School(Kind(row["kind"]), row["region_code"]) for row in rows}


async def find_bureaus(tx: db.Reader, region_codes: Sequence[str]) -> dict[str, str]:
    """Return the education bureau of each region that has one; the first registered counts."""
    rows = await tx.fetch(_BUREAUS, region_codes=sorted(set(region_codes)))
    return {row["region_code"]: row["id"] for row in rows}
