"""The local issuer of tokens: demo personas, and the services themselves.

It stands in for an OIDC provider on one machine. Tokens use real time, whatever the business
clock says.
"""

import json
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from joserfc import jwt
from joserfc.jwk import ECKey

from deploy.local.secrets import Secrets

ISSUER = "https://issuer.guantong.local"
AUDIENCE = "guantong"
SYSTEM_ORGANISATION = "suite"
PERSONA_TOKEN_S = 12 * 3600
SERVICE_TOKEN_S = 30 * 24 * 3600
_PERSONAS = Path(__file__).with_name("personas.yaml")


class PersonaUnknown(Exception):
    """There is no persona of this name in personas.yaml."""


@dataclass(frozen=True, kw_only=True)
class Persona:
    """Somebody whom the demo acts as."""

    name: str
    subject: str
    organisation: str
    roles: tuple[str, ...]
    title_zh: str
    title_en: str


class Issuer:
    """Signs tokens with the local key."""

    def __init__(self, secrets: Secrets) -> None:
        """Read the signing key."""
        self._key = ECKey.import_key(json.loads(secrets.signing_key.read_text()))

    def issue(self, persona: str) -> str:
        """Return a token for a persona; raises PersonaUnknown."""
        known = personas()
        if persona not in known:
            raise PersonaUnknown(f"No persona {persona!r}; there are: {', '.join(known)}.")
        who = known[persona]
        return self.sign(
            {"sub": who.subject, "org": who.organisation, "roles": list(who.roles)},
            lifetime_s=PERSONA_TOKEN_S,
        )

    def issue_for_service(self, service: str) -> str:
        """Return the token with which a service pulls what its stream lacks."""
        claims = {"sub": f"system:{service}", "org": SYSTEM_ORGANISATION, "roles": ["system"]}
        return self.sign(claims, lifetime_s=SERVICE_TOKEN_S)

    def sign(self, claims: dict[str, Any], *, lifetime_s: int) -> str:
        """Return a token with these claims; tests use it to make wrong ones."""
        now = int(time.time())
        standard = {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + lifetime_s}
        header = {"alg": "ES256", "kid": self._key.kid, "typ": "JWT"}
        return jwt.encode(header, {**standard, **claims}, self._key)


@cache
def personas() -> dict[str, Persona]:
    """Return the personas by name, in the order of the file."""
    return {
        name: Persona(
            name=name,
            subject=each["subject"],
            organisation=each["organisation"],
            roles=tuple(each["roles"]),
            title_zh=each["title"]["zh"],
            title_en=each["title"]["en"],
        )
        for name, each in yaml.safe_load(_PERSONAS.read_text(encoding="utf-8")).items()
    }
