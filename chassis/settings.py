"""The settings of every process: environment variables `GUANTONG_*`, checked once at start.

One class for all processes, so that a name means the same everywhere. It must not read any
secret: secrets are files, and settings only say where they are.
"""

from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "GUANTONG_"

# 0 takes a free one: for tests.
Port = Annotated[int, Field(ge=0, le=65_535)]
T = TypeVar("T")


class SettingsInvalid(Exception):
    """Settings are missing or not acceptable; the text names each variable, and no value."""


class Limits(BaseModel):
    """What one process accepts at most (`GUANTONG_LIMITS__MESSAGE_MAX_BYTES`, ...)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    message_max_bytes: int = Field(default=4 * 1024 * 1024, gt=0)
    metadata_max_bytes: int = Field(default=16 * 1024, gt=0)
    concurrency_max: int = Field(default=256, gt=0)
    deadline_max_s: float = Field(default=60.0, gt=0)
    # Streams in which callers send more than one message, and how long such a caller may be silent.
    uploads_max: int = Field(default=8, gt=0)
    upload_idle_max_s: float = Field(default=60.0, gt=0)


class Settings(BaseSettings):
    """What a process is told by its environment. Values never appear in errors or `repr`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    service: str = Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")
    # The token of the suite that owns the records; it is part of every subject on the bus.
    region: str = Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")

    database_dsn: str = Field(repr=False)
    # Leading holds a connection for the relay and one for each source that is followed; with fewer
    # than this a leader would wait for ever for one to work with.
    database_pool_size: int = Field(default=16, ge=5, le=200)
    keystore_dsn: str | None = Field(default=None, repr=False)
    master_key_file: Path | None = None
    index_key_file: Path | None = None
    # Signs what leaves the suite to be verified elsewhere; others know its public half.
    signing_key_file: Path | None = None

    nats_url: str = Field(default="nats://127.0.0.1:4222", repr=False)
    nats_monitor_url: str = "http://127.0.0.1:8222"

    host: str = "127.0.0.1"
    # Of the first worker: worker i listens on port + i, because a gateway's one connection
    # pins one worker and so needs each as an endpoint of its own.
    port: Port
    workers: int = Field(default=1, ge=1, le=64)
    # Of the first worker, for Prometheus: backlog, lag, dead letters. None serves none.
    metrics_port: Annotated[int, Field(ge=1, le=65_535)] | None = None
    peers: dict[str, str] = Field(default_factory=dict)

    issuer: str
    audience: str
    # A path, or an http(s) address.
    jwks: str
    grants_file: Path = Path("deploy/policy/grants.csv")
    service_token_file: Path | None = None
    feed_secret_file: Path | None = None
    # Keys the digests of remembered requests; it must never change.
    request_key_file: Path | None = None

    # Set in demonstrations and tests only; real time otherwise.
    clock_file: Path | None = None

    log_format: Literal["json", "console"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    limits: Limits = Limits()
    reflection: bool = False
    drain_s: float = Field(default=10.0, ge=0)


def load() -> Settings:
    """Read the environment; raises SettingsInvalid naming every variable that is wrong."""
    try:
        return Settings.model_validate({})
    except ValidationError as error:
        raise SettingsInvalid(_explain(error)) from None


def required(value: T | None, name: str) -> T:
    """Return a setting that this process needs; raises SettingsInvalid when it is not set."""
    if value is None:
        message = f"{PREFIX}{name.upper()} is not set, and this process needs it"
        raise SettingsInvalid(message)
    return value


def _explain(error: ValidationError) -> str:
    lines = [
        f"{PREFIX}{'__'.join(str(part) for part in each['loc']).upper()}: {each['msg']}"
        for each in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    return "Settings are not complete:\n  " + "\n  ".join(lines)
