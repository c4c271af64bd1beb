"""The ports of the local stack: defaults, environment variables, and what to do when one is taken.

Everything listens on loopback only.
"""

import os
import socket
from dataclasses import dataclass, fields
from typing import Self

HOST = "127.0.0.1"
SERVICES = ("enrollment", "transfer", "assistance")


class PortTaken(Exception):
    """A port is in use; the text names it and the variable that chooses another."""


class PortInvalid(Exception):
    """An environment variable does not hold a port number, or one that another has."""


@dataclass(frozen=True, kw_only=True)
class Ports:
    """One port a process; `GUANTONG_<NAME>_PORT` overrides each (GUANTONG_GATEWAY_PORT, ...).

    A service with several workers uses its port and those that follow, so services stand apart.
    """

    gateway: int = 8080
    gateway_admin: int = 8081
    front: int = 8082
    postgres: int = 5442
    nats: int = 4232
    nats_monitor: int = 8232
    enrollment: int = 5110
    transfer: int = 5120
    assistance: int = 5130

    @classmethod
    def from_environment(cls) -> Self:
        """Read the overrides; raises PortInvalid on one that is no port."""
        chosen = {}
        for field in fields(cls):
            text = os.environ.get(variable(field.name))
            if text is None:
                continue
            if not text.isdecimal() or not 0 < int(text) < 65536:  # noqa: PLR2004 - what TCP has
                raise PortInvalid(f"{variable(field.name)}={text!r} is not a port number.")
            chosen[field.name] = int(text)
        return cls(**chosen)

    def of(self, name: str) -> int:
        """Return the port of the process with this name."""
        port: int = getattr(self, name)
        return port


def variable(name: str) -> str:
    """Return the environment variable that sets the port of this name."""
    return f"GUANTONG_{name.upper()}_PORT"


def check_free(ports: Ports, *, workers: int = 1) -> None:
    """Raise PortTaken, naming every port that is in use, before anything is started.

    Raises PortInvalid when two parts of the suite would have one port.
    """
    wanted: dict[int, str] = {}
    for field in fields(ports):
        count = workers if field.name in SERVICES else 1
        for port in range(ports.of(field.name), ports.of(field.name) + count):
            other = wanted.setdefault(port, variable(field.name))
            if other != variable(field.name):
                raise PortInvalid(f"{other} and {variable(field.name)} both take port {port}.")
    taken = [
        f"Port {port} is taken by another program. Set {name} to a free one, or stop that program."
        for port, name in wanted.items()
        if not _is_free(port)
    ]
    if taken:
        raise PortTaken("\n".join(taken))


def free_port(*, following: int = 0) -> int:
    """Return a port that is free now, with as many free ones after it; another may be faster."""
    while True:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port: int = probe.getsockname()[1]
        if all(_is_free(each) for each in range(port + 1, port + 1 + following)):
            return port


def free_ports(*, workers: int = 1) -> Ports:
    """Return ports that are free now, for a stack beside others on the same machine."""
    chosen: dict[str, int] = {}
    for field in fields(Ports):
        following = workers - 1 if field.name in SERVICES else 0
        while (port := free_port(following=following)) in chosen.values():
            pass
        chosen[field.name] = port
    return Ports(**chosen)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port whose connections are only being forgotten counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
