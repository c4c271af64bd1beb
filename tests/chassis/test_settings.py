"""Promises of the settings: read from the environment, refused plainly, and no leak."""

import os
from pathlib import Path

import pytest

from chassis.settings import Settings, SettingsInvalid, load, required

NEEDED = {
    "GUANTONG_SERVICE": "library",
    "GUANTONG_REGION": "suzhou",
    "GUANTONG_DATABASE_DSN": "postgresql://user:hunter2@127.0.0.1/library",
    "GUANTONG_PORT": "7001",
    "GUANTONG_ISSUER": "https://issuer.example",
    "GUANTONG_AUDIENCE": "guantong",
    "GUANTONG_JWKS": "/etc/guantong/jwks.json",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in [name for name in os.environ if name.startswith("GUANTONG_")]:
        monkeypatch.delenv(name)
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_the_environment_is_read_with_safe_limits_by_default() -> None:
    settings = load()
    assert (settings.service, settings.region, settings.port) == ("library", "suzhou", 7001)
    assert settings.limits.message_max_bytes == 4 * 1024 * 1024
    assert settings.limits.metadata_max_bytes == 16 * 1024
    assert settings.reflection is False
    assert settings.clock_file is None


def test_nested_limits_and_peers_are_read(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("GUANTONG_LIMITS__CONCURRENCY_MAX", "7")
    environment.setenv("GUANTONG_PEERS", '{"archive": "127.0.0.1:7101"}')
    settings = load()
    assert settings.limits.concurrency_max == 7
    assert settings.peers == {"archive": "127.0.0.1:7101"}


def test_every_missing_variable_is_named_at_once(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("GUANTONG_REGION")
    environment.delenv("GUANTONG_JWKS")
    with pytest.raises(SettingsInvalid) as refusal:
        load()
    assert "GUANTONG_REGION: Field required" in str(refusal.value)
    assert "GUANTONG_JWKS: Field required" in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GUANTONG_REGION", "su.zhou"),
        ("GUANTONG_REGION", "su>"),
        ("GUANTONG_PORT", "-1"),
        ("GUANTONG_WORKERS", "0"),
        ("GUANTONG_DATABASE_POOL_SIZE", "4"),
        ("GUANTONG_LOG_FORMAT", "xml"),
        ("GUANTONG_LIMITS__MESSAGE_MAX_BYTES", "-1"),
        ("GUANTONG_LIMITS__NO_SUCH_LIMIT", "1"),
    ],
)
def test_a_value_that_cannot_be_right_is_refused_by_name(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(name, value)
    with pytest.raises(SettingsInvalid, match=name):
        load()


def test_neither_repr_nor_an_error_shows_a_password(environment: pytest.MonkeyPatch) -> None:
    assert "hunter2" not in repr(load())
    environment.setenv("GUANTONG_PORT", "hunter2")
    with pytest.raises(SettingsInvalid) as refusal:
        load()
    assert "hunter2" not in str(refusal.value)


def test_an_empty_variable_counts_as_not_set(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("GUANTONG_CLOCK_FILE", "")
    assert load().clock_file is None


def test_a_setting_that_only_some_processes_need_is_refused_where_it_is_needed() -> None:
    settings = load()
    with pytest.raises(SettingsInvalid, match="GUANTONG_MASTER_KEY_FILE is not set"):
        required(settings.master_key_file, "master_key_file")
    assert required(Path("key"), "master_key_file") == Path("key")


def test_settings_do_not_change_while_the_process_runs() -> None:
    settings: Settings = load()
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1
