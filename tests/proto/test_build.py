"""The contract's build: what is committed is what is generated, and a break is refused."""

import subprocess
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from proto import build


def test_the_committed_python_is_what_the_contract_generates() -> None:
    build.check()


def test_the_image_holds_what_envoy_needs_to_answer_errors() -> None:
    image = FileDescriptorSet.FromString(build.IMAGE.read_bytes())
    names = {file.name for file in image.file}
    assert names >= {*build.STATUS_PROTOS, build.RULES_PROTO, "guantong/options/v1/options.proto"}


def test_comments_are_in_the_image() -> None:
    image = FileDescriptorSet.FromString(build.IMAGE.read_bytes())
    own = [file for file in image.file if file.name.startswith("guantong/")]
    assert all(file.source_code_info.location for file in own)


def test_a_removed_field_breaks_the_contract(tmp_path: Path) -> None:
    image = FileDescriptorSet.FromString(build.IMAGE.read_bytes())
    clock = next(file for file in image.file if file.name.endswith("clock_service.proto"))
    del clock.message_type[0].field[0]
    broken = tmp_path / "broken.binpb"
    broken.write_bytes(image.SerializeToString())
    done = subprocess.run(
        [build.find_buf(), "breaking", str(broken), "--against", str(build.IMAGE)],
        cwd=build.ROOT.parent,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "business_time" in done.stdout


def test_a_contract_without_protos_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(build, "ROOT", tmp_path)
    with pytest.raises(build.BuildError, match=r"no \.proto file"):
        build.own_protos()
