"""Conversions in the database: written once, with their explanation."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from chassis import bulk, db
from services.enrollment.domain.credit_conversion import CreditConversion
from services.enrollment.store.outcome_tables import credit_conversion

_COLUMNS = [column.name for column in credit_conversion.columns]
_ADD = bulk.insert_many(credit_conversion, _COLUMNS)


async def add(tx: db.Transaction, conversion: CreditConversion) -> None:
    """Insert a conversion."""
    await bulk.add(tx, _ADD, _COLUMNS, [conversion], to_row)


def to_row(conversion: CreditConversion) -> Mapping[str, Any]:
    """Return a conversion as a row: rules and lines are JSON."""
    return {
        **vars(conversion),
        "parties": json.dumps(conversion.parties),
        "rules": json.dumps(asdict(conversion.rules)),
        "lines": json.dumps([asdict(each) for each in conversion.lines], default=str),
    }
