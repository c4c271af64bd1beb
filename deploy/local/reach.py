"""Folders that an unprivileged user can reach.

PostgreSQL refuses to run as root, so root runs it as `nobody`, who may not enter a clone below a
closed folder such as root's home. Then binaries and data live under /var/tmp, and the folder that
they stand in for records it, so that cleaning up finds them.
"""

import hashlib
import os
import shutil
import stat
from pathlib import Path

UNPRIVILEGED = "nobody"
ELSEWHERE = Path("/var/tmp")  # noqa: S108 - folders in it are made by us, with a mode of their own
RECORD = "elsewhere"


def unprivileged_user() -> str | None:
    """Return the user to run programs as that refuse root; None when we are not root."""
    return UNPRIVILEGED if os.geteuid() == 0 else None


def reachable(folder: Path) -> Path:
    """Return `folder`, or its stand-in under /var/tmp when the unprivileged user cannot enter."""
    folder = folder.absolute()
    if unprivileged_user() is None or _is_open(folder):
        return folder
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    stand_in = ELSEWHERE / f"guantong-{digest}"
    stand_in.mkdir(mode=0o755, exist_ok=True)
    if stand_in.lstat().st_uid != os.geteuid() or stand_in.is_symlink():
        raise PermissionError(f"{stand_in} belongs to somebody else; remove it and start again.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RECORD).write_text(f"{stand_in}\n")
    return stand_in


def copy_if_closed(source: Path, into: Path) -> Path:
    """Return `source`, or a copy below `into` when the unprivileged user cannot enter it."""
    if unprivileged_user() is None or _is_open(source):
        return source
    copy = into / source.name
    if not copy.exists():
        into.mkdir(parents=True, exist_ok=True)
        unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(source, unfinished, symlinks=True)
        unfinished.rename(copy)
    return copy


def remove(folder: Path) -> None:
    """Remove a folder, with its stand-in."""
    record = folder / RECORD
    if record.exists():
        stand_in = Path(record.read_text().strip())
        if stand_in.parent == ELSEWHERE and stand_in.name.startswith("guantong-"):
            shutil.rmtree(stand_in, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def _is_open(folder: Path) -> bool:
    present = [each for each in (folder, *folder.parents) if each.exists()]
    return all(each.stat().st_mode & stat.S_IXOTH for each in present)
