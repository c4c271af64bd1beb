"""The statements of the key store, each for any number of rows and compiled once.

SQL only: what a statement is for and what its answer means is said in `chassis.keys`.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    FromClause,
    LargeBinary,
    Text,
    Uuid,
    and_,
    bindparam,
    column,
    delete,
    exists,
    func,
    literal,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on, insert
from sqlalchemy.types import TypeEngine

from chassis import bulk, db
from chassis.keystore.tables import blind_index, data_key, erasure, likeness

FIRST_GENERATION = 1


def _rows(**columns: TypeEngine[Any]) -> FromClause:
    """Return a table of rows given as one array parameter a column, in the order given."""
    arrays = [bindparam(name, type_=ARRAY(kind)) for name, kind in columns.items()]
    names = [column(name, kind) for name, kind in columns.items()]
    rows = func.unnest(*arrays).table_valued(*names, with_ordinality="ordinal", name="given")
    return rows.render_derived()


_new = _rows(subject_ids=Uuid(), wrapped=LargeBinary())
_is_erased = exists().where(erasure.c.subject_id == _new.c.subject_ids)

# Returns the subjects whose keys were created: not those that have one, nor the erased.
# Ordered, so that two imports of the same subjects cannot wait for each other in a circle.
CREATE = db.compile(
    insert(data_key)
    .from_select(
        ["subject_id", "wrapped", "master_key_id", "generation"],
        select(
            _new.c.subject_ids,
            _new.c.wrapped,
            bindparam("master_key_id", type_=Text),
            literal(FIRST_GENERATION),
        )
        .where(~_is_erased)
        .order_by(_new.c.subject_ids),
    )
    .on_conflict_do_nothing(index_elements=["subject_id"])
    .returning(data_key.c.subject_id)
)

# For subjects that are new: nobody has a key, or is erased, under an id that nobody knows.
KEY_COLUMNS = ("subject_id", "wrapped", "master_key_id", "generation")
ADD_KEYS = bulk.insert_many(data_key, KEY_COLUMNS)
LIKENESS_COLUMNS = ("subject_id", "kind", "digest")
ADD_LIKENESSES = bulk.insert_many(likeness, LIKENESS_COLUMNS)

_KEY_COLUMNS = (
    data_key.c.subject_id,
    data_key.c.generation,
    data_key.c.master_key_id,
    data_key.c.wrapped,
)

GET = db.compile(
    select(*_KEY_COLUMNS).where(
        data_key.c.subject_id == func.any(bindparam("subject_ids", type_=ARRAY(Uuid())))
    )
)

_claimed = _rows(kinds=Text(), digests=LargeBinary(), subject_ids=Uuid())
_wanted = select(
    _claimed.c.kinds.label("kind"),
    _claimed.c.digests.label("digest"),
    _claimed.c.subject_ids.label("subject_id"),
    _claimed.c.ordinal,
).cte("wanted")
# Of two claims of one value in a call the first counts; those of subjects without a key do not.
_first = (
    select(_wanted.c.kind, _wanted.c.digest, _wanted.c.subject_id)
    .ext(distinct_on(_wanted.c.kind, _wanted.c.digest))
    .join(data_key, data_key.c.subject_id == _wanted.c.subject_id)
    .order_by(_wanted.c.kind, _wanted.c.digest, _wanted.c.ordinal)
    .cte("first")
)
_claim = insert(blind_index).from_select(
    ["kind", "digest", "subject_id"],
    select(_first.c.kind, _first.c.digest, _first.c.subject_id).order_by(
        _first.c.kind, _first.c.digest
    ),
)
# An update that changes nothing: unlike DO NOTHING it waits for a claim that is not committed
# yet, and returns its holder.
_held = (
    _claim.on_conflict_do_update(
        index_elements=["kind", "digest"], set_={"subject_id": blind_index.c.subject_id}
    )
    .returning(blind_index.c.kind, blind_index.c.digest, blind_index.c.subject_id)
    .cte("held")
)

# Returns the holder of each claimed value, in the order given.
CLAIM = db.compile(
    select(_held.c.subject_id)
    .select_from(
        _wanted.outerjoin(
            _held, and_(_held.c.kind == _wanted.c.kind, _held.c.digest == _wanted.c.digest)
        )
    )
    .order_by(_wanted.c.ordinal)
)

_released = _rows(kinds=Text(), digests=LargeBinary(), subject_ids=Uuid())

RELEASE = db.compile(
    delete(blind_index).where(
        tuple_(blind_index.c.kind, blind_index.c.digest, blind_index.c.subject_id).in_(
            select(_released.c.kinds, _released.c.digests, _released.c.subject_ids)
        )
    )
)

FIND_HOLDERS = db.compile(
    select(blind_index.c.digest, blind_index.c.subject_id).where(
        blind_index.c.kind == bindparam("kind", type_=Text),
        blind_index.c.digest == func.any(bindparam("digests", type_=ARRAY(LargeBinary()))),
    )
)

_alike = _rows(kinds=Text(), digests=LargeBinary(), subject_ids=Uuid())

# Of subjects without a key nothing is noted.
NOTE_LIKENESSES = db.compile(
    insert(likeness)
    .from_select(
        ["subject_id", "kind", "digest"],
        select(_alike.c.subject_ids, _alike.c.kinds, _alike.c.digests)
        .join(data_key, data_key.c.subject_id == _alike.c.subject_ids)
        .order_by(_alike.c.subject_ids, _alike.c.kinds, _alike.c.digests),
    )
    .on_conflict_do_nothing()
)

_own = likeness.alias("own")

FIND_ALIKE = db.compile(
    select(likeness.c.subject_id, likeness.c.kind)
    .distinct()
    .join(
        _own,
        and_(
            _own.c.kind == likeness.c.kind,
            _own.c.digest == likeness.c.digest,
            _own.c.subject_id != likeness.c.subject_id,
        ),
    )
    .where(_own.c.subject_id == func.any(bindparam("subject_ids", type_=ARRAY(Uuid()))))
    .order_by(likeness.c.subject_id, likeness.c.kind)
    .limit(bindparam("limit_count", type_=BigInteger))
)

# Keeps writers out, readers not, so that no key is created between the look at the list of
# erasures and the end of the erasing transaction.
LOCK = db.compile(text("LOCK TABLE data_key IN SHARE ROW EXCLUSIVE MODE"))

_listed = _rows(subject_ids=Uuid(), reasons=Text(), erase_times=DateTime(timezone=True))

LIST_ERASED = db.compile(
    insert(erasure)
    .from_select(
        ["subject_id", "reason", "erase_time"],
        select(_listed.c.subject_ids, _listed.c.reasons, _listed.c.erase_times),
    )
    .on_conflict_do_nothing(index_elements=["subject_id"])
)

# The blind index follows by its foreign key, here and below.
DELETE = db.compile(data_key.delete().where(data_key.c.subject_id == bindparam("subject_id")))

DELETE_ERASED = db.compile(
    delete(data_key).where(exists().where(erasure.c.subject_id == data_key.c.subject_id))
)

ERASURES = db.compile(
    select(erasure.c.subject_id, erasure.c.reason, erasure.c.erase_time)
    .where(erasure.c.subject_id > bindparam("after", type_=Uuid))
    .order_by(erasure.c.subject_id)
    .limit(bindparam("limit_count", type_=BigInteger))
)

WRAPPED_OTHERWISE = db.compile(
    select(*_KEY_COLUMNS)
    .where(
        data_key.c.subject_id > bindparam("after", type_=Uuid),
        data_key.c.master_key_id != bindparam("master_key_id", type_=Text),
    )
    .order_by(data_key.c.subject_id)
    .limit(bindparam("limit_count", type_=BigInteger))
    .with_for_update(key_share=True)
)

_rewrapped = _rows(subject_ids=Uuid(), wrapped=LargeBinary())

REWRAP = db.compile(
    update(data_key)
    .values(wrapped=_rewrapped.c.wrapped, master_key_id=bindparam("new_id", type_=Text))
    .where(data_key.c.subject_id == _rewrapped.c.subject_ids)
)
