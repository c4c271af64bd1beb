"""A process of the gateway that lacks a setting says which, and shows no value."""

import pytest

from gateway.settings import load


def test_what_is_missing_or_wrong_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANTONG_GATEWAY_PORT", "99999")
    monkeypatch.setenv("GUANTONG_GATEWAY_LIMITS__BODY_MAX_BYTES", "0")
    with pytest.raises(SystemExit) as ended:
        load()
    text = str(ended.value)
    for name in ("SERVICES", "ISSUER", "AUDIENCE", "JWKS", "PORT", "LIMITS__BODY_MAX_BYTES"):
        assert f"  GUANTONG_GATEWAY_{name}: " in text
    assert "99999" not in text


def test_what_does_not_fit_together_is_said_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ISSUER": "i", "AUDIENCE": "a", "JWKS": "k"}.items():
        monkeypatch.setenv(f"GUANTONG_GATEWAY_{name}", value)
    monkeypatch.setenv("GUANTONG_GATEWAY_SERVICES", '{"transfer": ["127.0.0.1:5120"]}')
    with pytest.raises(SystemExit, match=r"GUANTONG_GATEWAY_\*: .*common_service"):
        load()
