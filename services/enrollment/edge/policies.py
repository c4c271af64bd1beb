"""Reads the committed table of policies at start; a malformed row stops the start."""

from datetime import date
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from services.enrollment import domain
from services.enrollment.domain.policies import PolicyRow, PolicyTable, SchoolKind

POLICIES_FILE: Final = Path(domain.__file__).with_name("policies.yaml")
_Texts = list[str]


class _Row(BaseModel):
    """A row as it is written; what it leaves out holds everywhere, and without end."""

    model_config = ConfigDict(extra="forbid", strict=True)

    value: int | str | _Texts | dict[str, _Texts]
    valid_from: date
    valid_to: date | None = None
    province: Annotated[str, Field(pattern=r"^([1-8][0-9])?$")] = ""
    school_kind: Annotated[SchoolKind | None, Field(strict=False)] = None
    source: Annotated[str, Field(min_length=1)]
    is_default: bool = False


_TABLE: Final = TypeAdapter(dict[str, list[_Row]])


def load_policies(path: Path = POLICIES_FILE) -> PolicyTable:
    """Return the table; raises for a malformed row and for two rows that hold at once."""
    read = _TABLE.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    return PolicyTable(
        {name: [PolicyRow(**dict(row)) for row in rows] for name, rows in read.items()}
    )
