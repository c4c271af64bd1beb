"""Which role may call what: the committed table of grants, and what the contract asks for.

Each RPC names one permission by the option `(guantong.options.v1.permission)`. This module says
whether a role has it. It must not look at records: whose party the caller is, is a rule of the
aggregate.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

from google.protobuf.descriptor import FileDescriptor, MethodDescriptor
from guantong.options.v1 import options_pb2

_COLUMNS = ["permission", "role"]
_PERMISSION = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_ROLE = re.compile(r"[a-z][a-z0-9_]*")


class PolicyInvalid(Exception):
    """The table of grants or the contract leaves open who may call; the process must not start."""


class Grants:
    """The table permission x role, in memory."""

    def __init__(self, grants: Iterable[tuple[str, str]]) -> None:
        """Take pairs of permission and role."""
        roles_by_permission: dict[str, set[str]] = {}
        for permission, role in grants:
            roles_by_permission.setdefault(permission, set()).add(role)
        self._roles = {each: frozenset(roles) for each, roles in roles_by_permission.items()}

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the CSV file (columns permission, role); raises PolicyInvalid with the line."""
        seen: set[tuple[str, str]] = set()
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file, strict=True)
            if next(rows, None) != _COLUMNS:
                raise PolicyInvalid(f"{path}: the first line must be {','.join(_COLUMNS)}")
            for row in rows:
                seen.add(_grant(row, seen, f"{path}:{rows.line_num}"))
        return cls(seen)

    @property
    def permissions(self) -> frozenset[str]:
        """Every permission that some role has."""
        return frozenset(self._roles)

    def allows(self, roles: frozenset[str], permission: str) -> bool:
        """Whether any of the roles has the permission; nobody has one that the table lacks."""
        granted = self._roles.get(permission)
        return granted is not None and not granted.isdisjoint(roles)


def required_permissions(files: Iterable[FileDescriptor]) -> Mapping[str, str]:
    """Return full method name ("/package.Service/Method") to permission for all RPCs of files.

    Raises PolicyInvalid naming every RPC that declares none.
    """
    methods = [
        method
        for file in files
        for service in file.services_by_name.values()
        for method in service.methods
    ]
    permissions = {_full_name(method): _permission_of(method) for method in methods}
    if open_methods := sorted(name for name, permission in permissions.items() if not permission):
        raise PolicyInvalid("No permission is declared for " + ", ".join(open_methods))
    return permissions


def _full_name(method: MethodDescriptor) -> str:
    return f"/{method.containing_service.full_name}/{method.name}"


def _permission_of(method: MethodDescriptor) -> str:
    permission = method.GetOptions().Extensions[options_pb2.permission]
    return permission if _PERMISSION.fullmatch(permission) else ""


def _grant(row: list[str], seen: set[tuple[str, str]], line: str) -> tuple[str, str]:
    if len(row) != len(_COLUMNS):
        raise PolicyInvalid(f"{line}: a line is permission,role")
    permission, role = row
    if not _PERMISSION.fullmatch(permission) or not _ROLE.fullmatch(role):
        raise PolicyInvalid(f"{line}: {permission!r},{role!r} is no permission and role")
    if (permission, role) in seen:
        raise PolicyInvalid(f"{line}: {permission},{role} is there twice")
    return permission, role
