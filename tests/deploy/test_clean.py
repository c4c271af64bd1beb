"""`make clean` removes the state with its stand-ins, with the standard library alone."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import clean, reach
from deploy.local.environment import ROOT
from deploy.local.reach import reachable


def test_state_goes_with_its_stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "unprivileged_user", lambda: "nobody")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    stand_in = reachable(closed / "state" / "postgres")
    (closed / "state" / "lock").touch()
    assert clean.main(closed / "state") == 0
    assert not stand_in.exists()
    assert not (closed / "state").exists()


def test_nothing_to_clean_is_clean(tmp_path: Path) -> None:
    assert clean.main(tmp_path / "never-made") == 0


def test_it_cleans_up_after_an_installation_that_did_not_end() -> None:
    code = "import deploy.local.clean"
    subprocess.run([sys.executable, "-I", "-S", "-c", f"{_PATH}; {code}"], check=True)


_PATH = f"import sys; sys.path.insert(0, {str(ROOT)!r})"
