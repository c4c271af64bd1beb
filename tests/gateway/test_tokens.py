"""Who is let in: a token that the issuer signed, in date, for us. The answer fits the dialect."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import grpc
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from deploy.local.issuer import AUDIENCE, ISSUER
from deploy.local.secrets import make_secrets
from tests.gateway.door import TestDoor, open_door

CLAIMS = {"sub": "user-x", "org": "szai", "roles": ["registrar"]}


def _unsigned(door: TestDoor) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    _, claims, _ = door.bearer.removeprefix("Bearer ").split(".")
    return f"Bearer {part({'alg': 'none', 'typ': 'JWT'})}.{claims}."


def _by_another_key(_: TestDoor) -> str:
    claims = {**CLAIMS, "iss": ISSUER, "aud": AUDIENCE, "exp": 4_000_000_000}
    return "Bearer " + jwt.encode({"alg": "ES256"}, claims, ECKey.generate_key("P-256"))


def _signed_with_the_public_key_as_a_secret(door: TestDoor) -> str:
    claims = {**CLAIMS, "iss": ISSUER, "aud": AUDIENCE, "exp": 4_000_000_000}
    jwks = Path(door.settings.jwks).read_text()
    from joserfc.jwk import OctKey  # noqa: PLC0415 - for this attack only

    return "Bearer " + jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(jwks))


REFUSED: dict[str, Callable[[TestDoor], str]] = {
    "missing": lambda _: "",
    "no token": lambda _: "Bearer",
    "not a token": lambda _: "Bearer abc",
    "basic": lambda _: "Basic YTpi",
    "alg none": _unsigned,
    "another key": _by_another_key,
    "key confusion": _signed_with_the_public_key_as_a_secret,
    "expired": lambda door: "Bearer " + door.issuer.sign(CLAIMS, lifetime_s=-120),
    "another audience": lambda door: (
        "Bearer " + door.issuer.sign({**CLAIMS, "aud": "else"}, lifetime_s=60)
    ),
    "another issuer": lambda door: (
        "Bearer " + door.issuer.sign({**CLAIMS, "iss": "https://else"}, lifetime_s=60)
    ),
}


@pytest.mark.parametrize("how", REFUSED)
async def test_json_callers_without_a_good_token_get_401_as_json(door: TestDoor, how: str) -> None:
    answer = await door.http.get("/v1/clock", headers={"Authorization": REFUSED[how](door)})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/json"
    status = answer.json()
    assert status["code"] == grpc.StatusCode.UNAUTHENTICATED.value[0]
    assert status["message"]
    info, *messages = status["details"]
    assert info["reason"] == "NOT_AUTHENTICATED"
    assert [message["locale"] for message in messages] == ["zh-CN", "en"]


@pytest.mark.parametrize("how", REFUSED)
async def test_grpc_callers_without_a_good_token_get_unauthenticated(
    door: TestDoor, how: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await door.get_clock(authorization=REFUSED[how](door))
    assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED


async def test_a_token_in_the_query_is_not_taken(door: TestDoor) -> None:
    token = door.bearer.removeprefix("Bearer ")
    answer = await door.http.get("/v1/clock", params={"access_token": token})
    assert answer.status_code in {400, 401}


async def test_a_good_token_passes_and_is_forwarded(door: TestDoor) -> None:
    answer = await door.http.get("/v1/clock", headers=door.headers)
    assert (answer.status_code, answer.json()) == (200, {"businessTime": "2023-05-01T00:00:00Z"})
    assert door.seen[-1]["authorization"] == door.bearer
    await door.get_clock(authorization=door.bearer)
    assert door.seen[-1]["authorization"] == door.bearer


async def test_identity_headers_from_outside_do_not_arrive(door: TestDoor) -> None:
    forged = {f"x-guantong-{name}": "szai" for name in ("sub", "org", "roles")}
    await door.http.get("/v1/clock", headers={**door.headers, **forged, "X-Remote-User": "root"})
    by_json = door.seen[-1]
    await door.get_clock(authorization=door.bearer, **forged)
    for arrived in (by_json, door.seen[-1]):
        assert not {name for name in arrived if name.startswith(("x-guantong", "x-remote"))}


async def test_the_keys_of_an_issuer_elsewhere_are_fetched(tmp_path: Path) -> None:
    """Any OIDC issuer by settings: here its keys are served over HTTP."""
    folder = tmp_path / "keys"
    keys = make_secrets(tmp_path / "secrets").jwks
    folder.mkdir()
    (folder / "jwks.json").write_bytes(keys.read_bytes())
    with served(folder) as address:
        async with open_door(tmp_path, jwks=f"{address}/jwks.json") as door:
            assert (await door.http.get("/v1/clock", headers=door.headers)).status_code == 200
            assert (await door.http.get("/v1/clock")).status_code == 401


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder over HTTP."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
