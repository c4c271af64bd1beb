"""Imports over gRPC: verdicts, repetition, resuming, rehearsal, and who may do what."""

from uuid import uuid4

from tests.enrollment import made
from tests.enrollment.imports import open_cohort, row, send, steps
from tests.served import Served


async def test_rows_are_enrolled_and_the_same_file_again_changes_nothing(
    fresh_enrollment: Served,
) -> None:
    service = fresh_enrollment
    cohort = await open_cohort(service)
    rows = [row(cohort, serial) for serial in range(1, 7)]
    imported = await send(service, steps([rows[:4], rows[4:]]))
    assert imported.totals == (6, 0, 0, 0)
    assert imported.verdicts == dict.fromkeys(range(1, 7), "NEW")
    assert len(await service.rows("cohort_member")) == 6
    changes = await service.rows("change")
    again = await send(service, steps([rows]))
    assert again.totals == (0, 0, 6, 0)
    assert again.verdicts == {}
    assert await service.rows("change") == changes
