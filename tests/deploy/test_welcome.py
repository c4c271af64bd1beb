"""What `make run` prints at the end: commands that can be copied, the same as the README's."""

import re
import subprocess
from pathlib import Path

import pytest

from deploy.local.door import Door
from deploy.local.environment import ROOT
from deploy.local.issuer import Issuer, personas
from deploy.local.ports import HOST, Ports
from deploy.local.secrets import make_secrets
from deploy.local.welcome import welcome

_BLOCK = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HERE_DOCUMENT = re.compile(r"<<'(\w+)'\n(.*)^\1$", re.MULTILINE | re.DOTALL)
_COMMANDS = [
    block
    for block in _BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    if block.startswith(("curl ", "node_modules/", ".venv/"))
]


@pytest.fixture
def text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("deploy.local.welcome.ROOT", tmp_path)
    target = f"{HOST}:{Ports().gateway}"
    issuer = Issuer(make_secrets(tmp_path / "secrets"))
    door = Door(url=f"http://{target}", target=target, dsns={}, issuer=issuer)
    return welcome(door, tmp_path / ".guantong" / "tokens")


def test_the_commands_are_those_of_the_readme_at_the_margin(text: str) -> None:
    assert len(_COMMANDS) == 3
    for command in _COMMANDS:
        assert f"\n\n{command}" in text


@pytest.mark.parametrize("command", _COMMANDS, ids=lambda command: command.split()[0])
def test_a_shell_takes_each_as_it_is_copied(command: str) -> None:
    checked = subprocess.run(
        ["/bin/sh", "-n"], input=command, capture_output=True, text=True, check=True
    )
    assert checked.stderr == ""
    if found := _HERE_DOCUMENT.search(command):
        compile(found[2], "README", "exec")


def test_a_token_of_each_persona_is_shown_and_kept(text: str, tmp_path: Path) -> None:
    for name in personas():
        assert (tmp_path / ".guantong" / "tokens" / name).read_text() in text
