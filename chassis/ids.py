"""New ids: UUIDv7, so that they sort by the real time at which they were made."""

from uuid import UUID

import uuid_utils.compat as uuid_utils


def new_id() -> UUID:
    """Return a new id."""
    return uuid_utils.uuid7()
