"""The example of the how-to page is run as it stands there."""

import asyncio
import csv
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from guantong.enrollment.v1.import_pb2 import Import

from tests.enrollment import made
from tests.enrollment.imports import open_cohort, row
from tests.served import Served

PAGE = Path("docs/how-to/import.md")


def example() -> dict[str, Any]:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(code, str(PAGE), "exec"), names)  # noqa: S102 - our own page
    return names


async def test_the_example_imports_a_file_and_tells_the_refused_rows(
    fresh_enrollment: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service = fresh_enrollment
    cohort = await open_cohort(service)
    rows = [row(cohort, 1), row(cohort, 2, class_name="他班"), row(cohort, 3)]
    columns = [
        "cohort",
        "class_name",
        "display_name",
        "id_number",
        "admission_number",
        "ethnicity_code",
    ]
    path = tmp_path / "roster.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([getattr(each, name) for name in columns] for each in rows)
    token = service.token(made.FRONT, "registrar")[0][1].removeprefix("Bearer ")
    names = example()
    names["ROWS_PER_CHUNK"] = 2
    run = names["import_roster"]
    target, request_id = f"127.0.0.1:{service.port}", str(uuid4())
    for validate_only in (True, False, False):
        job = await asyncio.to_thread(
            run, target, token, path, request_id, validate_only=validate_only
        )
        assert job.state == Import.STATE_FINISHED
        assert (job.totals.new_rows, job.totals.error_rows) == (2, 1)
    told = capsys.readouterr().out.splitlines()
    rows_told = [line.partition(":")[0] for line in told if line.startswith("row ")]
    assert rows_told == ["row 2", "row 2"]
    assert len(await service.rows("cohort_member")) == 2
