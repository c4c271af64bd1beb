"""Folders that `nobody` cannot enter have a stand-in, which cleaning up removes."""

from pathlib import Path

import pytest

from deploy.local import reach
from deploy.local.reach import ELSEWHERE, RECORD, reachable, remove


def test_a_closed_folder_has_a_stand_in_that_goes_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "unprivileged_user", lambda: "nobody")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    folder = closed / "state"
    stand_in = reachable(folder)
    assert stand_in != folder
    assert (folder / RECORD).read_text().strip() == str(stand_in)
    assert reachable(folder) == stand_in
    remove(folder)
    assert not stand_in.exists()
    assert not folder.exists()


def test_an_open_folder_stands_for_itself() -> None:
    assert reachable(ELSEWHERE) == ELSEWHERE
