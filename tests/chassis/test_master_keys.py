"""Promises of master keys and key files."""

import base64
from pathlib import Path
from uuid import UUID

import pytest

from chassis.master_keys import (
    KeyFileInvalid,
    MasterKey,
    MasterKeys,
    UnwrapFailed,
    create_key_file,
    load_secret,
)

ANNE, BERT = UUID(int=1), UUID(int=2)
OLD, NEW = MasterKey(b"o" * 32), MasterKey(b"n" * 32)
SECRET = bytes(range(32))


def test_what_is_wrapped_unwraps_for_the_same_subject_and_generation_only() -> None:
    wrapped = OLD.wrap(SECRET, ANNE, 1)
    assert OLD.unwrap(wrapped, ANNE, 1) == SECRET
    for subject, generation in ((BERT, 1), (ANNE, 2)):
        with pytest.raises(UnwrapFailed):
            OLD.unwrap(wrapped, subject, generation)


@pytest.mark.parametrize("wrapped", [b"", b"short", bytes(60)])
def test_an_altered_wrapped_key_is_refused(wrapped: bytes) -> None:
    with pytest.raises(UnwrapFailed):
        OLD.unwrap(wrapped, ANNE, 1)


def test_an_older_master_key_still_unwraps_and_an_unknown_one_is_named() -> None:
    wrapped = OLD.wrap(SECRET, ANNE, 1)
    assert MasterKeys(NEW, [OLD]).unwrap(wrapped, OLD.id, ANNE, 1) == SECRET
    with pytest.raises(UnwrapFailed, match=OLD.id):
        MasterKeys(NEW).unwrap(wrapped, OLD.id, ANNE, 1)


def test_the_id_of_a_master_key_is_stable_and_tells_nothing_of_it() -> None:
    assert MasterKey(b"o" * 32).id == OLD.id != NEW.id
    assert (b"o" * 8).hex() not in OLD.id
    assert repr(OLD) == f"MasterKey({OLD.id})"


def test_a_new_key_file_loads_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    create_key_file(tmp_path / "key")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert len(load_secret(tmp_path / "key")) == 32
    assert MasterKeys.load(tmp_path / "key").current.id


def test_a_key_file_is_never_replaced(tmp_path: Path) -> None:
    create_key_file(tmp_path / "key")
    before = load_secret(tmp_path / "key")
    with pytest.raises(FileExistsError):
        create_key_file(tmp_path / "key")
    assert load_secret(tmp_path / "key") == before


def test_the_first_line_is_the_current_key_and_the_others_are_older(tmp_path: Path) -> None:
    path = _key_file(tmp_path, b"n" * 32, b"o" * 32)
    keys = MasterKeys.load(path)
    assert keys.current.id == NEW.id
    assert {key.id for key in keys} == {NEW.id, OLD.id}


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = _key_file(tmp_path, b"n" * 32)
    path.chmod(0o644)
    with pytest.raises(KeyFileInvalid, match="open to others"):
        MasterKeys.load(path)


@pytest.mark.parametrize("text", [b"", b"\n\n", b"!!!", base64.b64encode(b"short"), b"\xff\xff"])
def test_a_file_that_holds_no_key_is_refused_and_not_shown(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(text)
    path.chmod(0o600)
    with pytest.raises(KeyFileInvalid) as refusal:
        load_secret(path)
    assert "short" not in str(refusal.value)
    assert str(path) in str(refusal.value)


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyFileInvalid, match="nowhere"):
        load_secret(tmp_path / "nowhere")


def test_a_secret_that_must_be_one_is_refused_when_there_are_two(tmp_path: Path) -> None:
    with pytest.raises(KeyFileInvalid, match="exactly one"):
        load_secret(_key_file(tmp_path, b"n" * 32, b"o" * 32))


def _key_file(folder: Path, *secrets: bytes) -> Path:
    path = folder / "key"
    path.write_bytes(b"\n".join(base64.b64encode(secret) for secret in secrets) + b"\n")
    path.chmod(0o600)
    return path
