"""Which admissions of a year members have: by digest, for the numbers are sealed."""

from collections.abc import Sequence

from sqlalchemy import Integer, LargeBinary, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis import db
from services.enrollment.store.tables import cohort_member

# The year of an intake, and the digest of the admission platform's number; empty without one.
Admission = tuple[int, bytes]

_wanted = (
    func.unnest(
        bindparam("years", type_=ARRAY(Integer)), bindparam("digests", type_=ARRAY(LargeBinary))
    )
    .table_valued("year", "digest", joins_implicitly=True)
    .render_derived()
)
_TAKEN = db.compile(
    select(cohort_member.c.admission_year, cohort_member.c.admission_digest).where(
        cohort_member.c.admission_year == _wanted.c.year,
        cohort_member.c.admission_digest == _wanted.c.digest,
        # Written out, so that the partial index serves it.
        literal_column("cohort_member.state <> 'LEFT' AND cohort_member.admission_digest <> ''"),
    )
)


async def find_taken(tx: db.Transaction, admissions: Sequence[Admission]) -> set[Admission]:
    """Return those of the admissions that members have who have not left."""
    wanted = [each for each in dict.fromkeys(admissions) if each[1]]
    if not wanted:
        return set()
    rows = await tx.fetch(
        _TAKEN, years=[year for year, _ in wanted], digests=[digest for _, digest in wanted]
    )
    return {(row["admission_year"], row["admission_digest"]) for row in rows}
