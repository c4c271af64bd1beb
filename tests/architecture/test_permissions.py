"""Every RPC names a permission, somebody has it, and nobody has one that no RPC asks for."""

import csv
from importlib import import_module
from pkgutil import iter_modules

import pytest
import yaml
from google.protobuf.descriptor import FileDescriptor

from chassis.permissions import Grants, required_permissions
from tests.architecture.sources import ROOT, SERVICES

GRANTS = ROOT / "deploy" / "policy" / "grants.csv"
PERSONAS = ROOT / "deploy" / "local" / "personas.yaml"
ROLES = {
    "administrator",
    "agent",
    "approver",
    "assistance_officer",
    "auditor",
    "bureau_officer",
    "fund_approver",
    "guardian",
    "registrar",
    "student",
    "system",
}
# No RPC asks for it: it widens what a caller reads to the records of all organisations.
READ_ALL = {f"{service}.read_all" for service in SERVICES}


def contract() -> list[FileDescriptor]:
    """Return every file of the contract that defines a service."""
    files = []
    for package in (*SERVICES, "common"):
        module = import_module(f"guantong.{package}.v1")
        for found in iter_modules(module.__path__):
            if found.name.endswith("_pb2"):
                file = import_module(f"guantong.{package}.v1.{found.name}").DESCRIPTOR
                files += [file] if file.services_by_name else []
    return files


def grants() -> list[tuple[str, str]]:
    with GRANTS.open(encoding="utf-8", newline="") as file:
        return [(permission, role) for permission, role in csv.reader(file)][1:]


def test_every_rpc_names_a_permission_and_is_granted_to_somebody() -> None:
    required = required_permissions(contract())
    assert len(required) > 50
    granted = Grants.load(GRANTS).permissions
    assert {rpc: each for rpc, each in required.items() if each not in granted} == {}


def test_no_permission_is_granted_that_no_rpc_asks_for() -> None:
    required = set(required_permissions(contract()).values())
    assert {permission for permission, _ in grants()} - required == READ_ALL


@pytest.mark.parametrize("service", SERVICES)
def test_a_permission_is_of_the_service_that_asks_for_it(service: str) -> None:
    for rpc, permission in required_permissions(contract()).items():
        if rpc.startswith(f"/guantong.{service}."):
            assert permission.startswith(f"{service}."), rpc


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_serves_the_whole_of_its_contract(service: str) -> None:
    own = {file.name for file in contract() if file.package == f"guantong.{service}.v1"}
    served = {file.name for file in import_module(f"services.{service}.app").CONTRACT}
    assert own <= served


def test_the_table_is_sorted_and_its_roles_are_known() -> None:
    rows = grants()
    assert rows == sorted(set(rows))
    assert {role for _, role in rows} <= ROLES


def test_the_roles_of_the_demonstration_are_known() -> None:
    personas = yaml.safe_load(PERSONAS.read_text(encoding="utf-8"))
    assert {role for each in personas.values() for role in each["roles"]} <= ROLES
