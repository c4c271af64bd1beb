"""nats-server from its wheel, with JetStream that writes to disk before it acknowledges."""

import shutil
import sysconfig
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

from deploy.local.ports import HOST, free_port
from deploy.local.process import Process, ProcessFailed

CONFIGURATION = """\
server_name: guantong
listen: "{host}:{port}"
http: "{host}:{monitor}"
max_payload: 4MB
jetstream {{
  store_dir: "{store}"
  max_mem: 64MB
  max_file: 8GB
  # Without it an acknowledged message is lost in a power cut.
  sync_interval: always
}}
"""


class NatsServer:
    """A server in `folder`; a context manager that starts and stops it."""

    def __init__(
        self, folder: Path, *, port: int | None = None, monitor_port: int | None = None
    ) -> None:
        """Take the folder of the configuration and the store."""
        self._folder = folder.absolute()
        self._port = port or free_port()
        self._monitor_port = monitor_port or free_port()
        self._process: Process | None = None

    @property
    def process(self) -> Process:
        """The server's process, made on first use together with the configuration."""
        if self._process is None:
            self._process = self._prepare()
        return self._process

    @property
    def url(self) -> str:
        return f"nats://{HOST}:{self._port}"

    @property
    def monitor_url(self) -> str:
        return f"http://{HOST}:{self._monitor_port}"

    def __enter__(self) -> Self:
        self.process.start()
        self.process.wait_ready()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stop()

    def _prepare(self) -> Process:
        store = self._folder / "store"
        store.mkdir(parents=True, exist_ok=True)
        configuration = self._folder / "nats.conf"
        configuration.write_text(
            CONFIGURATION.format(
                host=HOST, port=self._port, monitor=self._monitor_port, store=store
            )
        )
        return Process(
            name="nats",
            command=[_program(), "--config", configuration],
            log=self._folder / "nats.log",
            is_ready=self._is_ready,
        )

    def _is_ready(self) -> bool:
        try:
            url = f"{self.monitor_url}/healthz?js-enabled-only=true"
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310 - our own address
                return True
        except (OSError, urllib.error.URLError):
            return False


def _program() -> Path:
    beside = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = shutil.which(beside) or shutil.which("nats-server")
    if found is None:
        raise ProcessFailed("nats-server is not installed: run `make setup`.")
    return Path(found)
