"""Promises of the table of grants and of what the contract must declare."""

from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import FileDescriptor
from guantong.options.v1 import options_pb2

from chassis.permissions import Grants, PolicyInvalid, required_permissions

TABLE = "permission,role\nshelf.read,reader\nshelf.read,keeper\nshelf.write,keeper\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "grants.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("roles", "permission", "is_allowed"),
    [
        ({"reader"}, "shelf.read", True),
        ({"keeper", "guest"}, "shelf.write", True),
        ({"reader"}, "shelf.write", False),
        (set(), "shelf.read", False),
        ({"keeper"}, "shelf.burn", False),
        ({"keeper"}, "", False),
        ({"KEEPER"}, "shelf.write", False),
    ],
)
def test_a_role_may_do_what_the_table_grants_and_nothing_else(
    table: Path, roles: set[str], permission: str, *, is_allowed: bool
) -> None:
    assert Grants.load(table).allows(frozenset(roles), permission) is is_allowed


def test_the_table_tells_which_permissions_it_knows(table: Path) -> None:
    assert Grants.load(table).permissions == {"shelf.read", "shelf.write"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "first line"),
        ("role,permission\nreader,shelf.read\n", "first line"),
        (TABLE + "shelf.read\n", "grants.csv:5"),
        (TABLE + "shelf.read,reader,extra\n", "grants.csv:5"),
        (TABLE + "\n", "grants.csv:5"),
        (TABLE + "shelf.read,*\n", "grants.csv:5"),
        (TABLE + "*,reader\n", "grants.csv:5"),
        (TABLE + "shelf.read, reader\n", "grants.csv:5"),
        (TABLE + "shelf.read,reader\n", "twice"),
    ],
)
def test_a_table_that_leaves_a_doubt_is_refused_with_the_line(
    table: Path, text: str, problem: str
) -> None:
    table.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyInvalid, match=problem):
        Grants.load(table)


def test_the_contract_tells_the_permission_of_every_method() -> None:
    file = _contract("declared", {"Read": "shelf.read", "Write": "shelf.write"})
    assert required_permissions([file]) == {
        "/declared.ShelfService/Read": "shelf.read",
        "/declared.ShelfService/Write": "shelf.write",
    }


def test_a_method_without_a_permission_keeps_the_server_from_starting() -> None:
    file = _contract("undeclared", {"Read": "shelf.read", "Write": None, "Burn": "", "Sell": "*"})
    with pytest.raises(PolicyInvalid) as refusal:
        required_permissions([file])
    told = str(refusal.value)
    assert all(f"/undeclared.ShelfService/{name}" in told for name in ("Write", "Burn", "Sell"))
    assert "Read" not in told


def _contract(package: str, methods: dict[str, str | None]) -> FileDescriptor:
    """Return a contract as protoc would build it from a file."""
    file = descriptor_pb2.FileDescriptorProto(
        name=f"chassis_test/{package}.proto",
        package=package,
        syntax="proto3",
        dependency=[options_pb2.DESCRIPTOR.name],
    )
    file.message_type.add(name="Empty")
    service = file.service.add(name="ShelfService")
    for name, permission in methods.items():
        kind = f".{package}.Empty"
        method = service.method.add(name=name, input_type=kind, output_type=kind)
        if permission is not None:
            method.options.Extensions[options_pb2.permission] = permission
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return pool.FindFileByName(file.name)
