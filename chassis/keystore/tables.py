"""The tables of the key store: data keys, the blind index, and the list of erasures.

Definitions only. Nothing here is of use without the master key and the index key, which are
files outside the database.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
)

# A nonce of 12 bytes, a key of 32, a tag of 16.
WRAPPED_BYTES = 60
DIGEST_BYTES = 32
REASON_MAX_CHARS = 500

metadata = MetaData()

data_key = Table(
    "data_key",
    metadata,
    Column("subject_id", Uuid, primary_key=True),
    Column("generation", SmallInteger, nullable=False),
    Column("master_key_id", Text, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("create_time", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint(f"octet_length(wrapped) = {WRAPPED_BYTES}", name="data_key_wrapped_size"),
    CheckConstraint("generation >= 1", name="data_key_generation_positive"),
)

# Who holds a value, by its keyed digest. It goes when the subject's key goes.
blind_index = Table(
    "blind_index",
    metadata,
    Column("kind", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column(
        "subject_id",
        Uuid,
        ForeignKey("data_key.subject_id", name="blind_index_subject", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    PrimaryKeyConstraint("kind", "digest", name="blind_index_pkey"),
    CheckConstraint(f"octet_length(digest) = {DIGEST_BYTES}", name="blind_index_digest_size"),
)

# What subjects have in common: a value, by its keyed digest, that many may have.
likeness = Table(
    "likeness",
    metadata,
    Column(
        "subject_id",
        Uuid,
        ForeignKey("data_key.subject_id", name="likeness_subject", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("kind", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    PrimaryKeyConstraint("subject_id", "kind", "digest", name="likeness_pkey"),
    CheckConstraint(f"octet_length(digest) = {DIGEST_BYTES}", name="likeness_digest_size"),
)
Index("likeness_digest", likeness.c.kind, likeness.c.digest)

# Whose key was destroyed. Kept for ever, and outside the backups too, to be applied again.
erasure = Table(
    "erasure",
    metadata,
    Column("subject_id", Uuid, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("erase_time", DateTime(timezone=True), nullable=False),
    CheckConstraint(f"char_length(reason) <= {REASON_MAX_CHARS}", name="erasure_reason_size"),
)
