"""What the gateway is told: environment variables `GUANTONG_GATEWAY_*`, checked once at start.

Used by the renderer of Envoy's configuration and by the front process. It holds no secret but the
paths of key files.
"""

import json
import sys
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Address = Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+:[0-9]{1,5}$")]
Port = Annotated[int, Field(ge=1, le=65_535)]


class GatewayLimits(BaseModel):
    """What the door lets through at most."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    body_max_bytes: int = Field(default=4 * 1024 * 1024, gt=0)
    headers_max_kib: int = Field(default=16, gt=0, le=8192)
    headers_max_count: int = Field(default=64, gt=0)
    streams_max_per_connection: int = Field(default=256, gt=0)
    connections_max: int = Field(default=10_000, gt=0)
    requests_max_per_s: int = Field(default=10_000, gt=0)
    unary_timeout_s: int = Field(default=30, gt=0)
    deadline_max_s: int = Field(default=60, gt=0)
    stream_idle_s: int = Field(default=300, gt=0)
    header_timeout_s: int = Field(default=10, gt=0)
    request_timeout_s: int = Field(default=30, gt=0)


class GatewaySettings(BaseSettings):
    """One gateway: where it listens, whom it serves, whose tokens it takes."""

    model_config = SettingsConfigDict(
        env_prefix="GUANTONG_GATEWAY_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
    )

    host: str = "127.0.0.1"
    port: Port = 8080
    admin_port: Port = 8081
    front: Address = "127.0.0.1:8082"
    # Service name -> an endpoint for each worker: one connection pins one worker.
    services: dict[str, Annotated[list[Address], Field(min_length=1)]]
    # The service that answers the packages that no service is named after (the clock).
    common_service: str = "enrollment"

    issuer: str
    audience: str
    # A path, or an http(s) address.
    jwks: str

    descriptor_set: Path = Path("proto/.deps/guantong.binpb")
    public_url: str = ""
    cors_origins: list[str] = []
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    access_log: str = "/dev/stdout"
    limits: GatewayLimits = GatewayLimits()

    @property
    def url(self) -> str:
        """The address that callers use."""
        scheme = "https" if self.tls_certificate else "http"
        return self.public_url or f"{scheme}://{self.host}:{self.port}"

    def to_environment(self) -> dict[str, str]:
        """Return the variables from which another process reads these settings."""
        values = self.model_dump(mode="json", exclude_none=True)
        prefix = self.model_config["env_prefix"]
        return {
            f"{prefix}{name.upper()}": value if isinstance(value, str) else json.dumps(value)
            for name, value in values.items()
        }

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            message = "tls_certificate and tls_key belong together"
            raise ValueError(message)
        if self.common_service not in self.services:
            message = f"common_service {self.common_service!r} is not among the services"
            raise ValueError(message)
        return self


def load() -> GatewaySettings:
    """Read the settings of this process; ends it with a text that names each wrong variable."""
    try:
        return GatewaySettings.model_validate({})
    except ValidationError as error:
        prefix = GatewaySettings.model_config["env_prefix"]
        lines = [
            f"{prefix}{'__'.join(map(str, each['loc'])).upper() or '*'}: {each['msg']}"
            for each in error.errors(include_url=False, include_input=False)
        ]
        sys.exit("gateway: Settings are not complete:\n  " + "\n  ".join(lines))
