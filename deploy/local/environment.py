"""What each process of the local stack is told, as environment variables.

The names are those of `chassis.settings` and `gateway.settings`; the values belong to this stack.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.databases import KEYSTORE
from deploy.local.issuer import AUDIENCE, ISSUER
from deploy.local.ports import HOST, SERVICES, Ports
from deploy.local.secrets import Secrets
from gateway.settings import GatewaySettings

ROOT = Path(__file__).resolve().parents[2]
REGION = "suzhou"
DRAIN_S = 2
# Services that open personal values, and the one that recognises persons by their numbers.
OPENING = frozenset({"enrollment", "transfer"})
RECOGNISING = frozenset({"enrollment"})
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONDONTWRITEBYTECODE")


@dataclass(frozen=True, kw_only=True)
class Environments:
    """The facts of one running stack, and the environments made of them."""

    folder: Path
    ports: Ports
    workers: int
    secrets: Secrets
    dsns: Mapping[str, str]
    nats_url: str
    nats_monitor_url: str
    cors_origins: tuple[str, ...]

    def of(self, service: str) -> dict[str, str]:
        """Return a service's environment."""
        settings = {
            "service": service,
            "region": REGION,
            "database_dsn": self.dsns[service],
            "nats_url": self.nats_url,
            "nats_monitor_url": self.nats_monitor_url,
            "host": HOST,
            "port": self.ports.of(service),
            "workers": self.workers,
            "peers": json.dumps(self._peers(service)),
            "issuer": ISSUER,
            "audience": AUDIENCE,
            "jwks": self.secrets.jwks,
            "grants_file": ROOT / "deploy" / "policy" / "grants.csv",
            "service_token_file": self.secrets.service_token(service),
            "feed_secret_file": self.secrets.feed_secret,
            "request_key_file": self.secrets.request_key,
            "clock_file": self.folder / "clock",
            "reflection": "true",
            "drain_s": DRAIN_S,
        }
        # Nobody is given a key for which it has no use.
        if service in OPENING:
            settings["keystore_dsn"] = self.dsns[KEYSTORE]
            settings["master_key_file"] = self.secrets.master_key
        if service in RECOGNISING:
            settings["index_key_file"] = self.secrets.index_key
            settings["signing_key_file"] = self.secrets.credential_key
        own = {f"GUANTONG_{name.upper()}": str(value) for name, value in settings.items()}
        return _inherited() | own | _levels()

    def gateway(self) -> GatewaySettings:
        """Return the door's settings."""
        return GatewaySettings(
            host=HOST,
            port=self.ports.gateway,
            admin_port=self.ports.gateway_admin,
            front=f"{HOST}:{self.ports.front}",
            services={service: self._endpoints(service) for service in SERVICES},
            issuer=ISSUER,
            audience=AUDIENCE,
            jwks=str(self.secrets.jwks),
            descriptor_set=ROOT / "proto" / ".deps" / "guantong.binpb",
            cors_origins=list(self.cors_origins),
            access_log=str(self.folder / "logs" / "access.log"),
        )

    def front(self) -> dict[str, str]:
        """Return the front's environment: the door's settings, spelled out."""
        return _inherited() | self.gateway().to_environment()

    def _endpoints(self, service: str) -> list[str]:
        first = self.ports.of(service)
        return [f"{HOST}:{first + worker}" for worker in range(self.workers)]

    def _peers(self, service: str) -> dict[str, str]:
        return {each: f"{HOST}:{self.ports.of(each)}" for each in SERVICES if each != service}


def _inherited() -> dict[str, str]:
    return {name: os.environ[name] for name in INHERITED if name in os.environ}


def _levels() -> dict[str, str]:
    """Let the person at the keyboard ask for other logs."""
    names = ("GUANTONG_LOG_LEVEL", "GUANTONG_LOG_FORMAT")
    return {name: os.environ[name] for name in names if name in os.environ}
