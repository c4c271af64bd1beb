"""The three services are siblings: one shape, one head of migrations, lists as the contract's."""

import ast
import inspect
from enum import Enum
from importlib import import_module
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from chassis.errors import DomainError
from tests.architecture.sources import ROOT, SERVICES, place, python_files, tree

FOLDERS = {
    "commands",
    "domain",
    "edge",
    "edge/wire",
    "migrations",
    "migrations/versions",
    "queries",
    "store",
}
FILES = {
    "__init__.py",
    "__main__.py",
    "app.py",
    "domain/events.py",
    "domain/refusals.py",
    "edge/subscriptions.py",
    "migrations/env.py",
    "migrations/script.py.mako",
    "store/tables.py",
}
# Files beside the commands that are none.
NOT_COMMANDS = {
    "seal_reasons": "a step before the transaction, on another database",
    "seal_applicants": "a step before the transaction, on another database",
}
ENVIRONMENTS = [
    *(ROOT / "services" / service / "migrations" for service in SERVICES),
    ROOT / "chassis" / "keystore" / "migrations",
]


def names_of(enum: object, prefix: str) -> set[str]:
    """Return the names of a contract's enum without their prefix."""
    keys = set(enum.keys())  # type: ignore[attr-defined]
    return {key.removeprefix(prefix) for key in keys} - {"UNSPECIFIED"}


def refusals_of(service: str) -> list[type[DomainError]]:
    """Return the refusals that a service raises, wherever they are defined."""
    domain = f"{service}.guantong"
    found: list[type[DomainError]] = []
    for path in python_files(f"services/{service}"):
        if "migrations" in path.parts or path.stem == "__main__":
            continue
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found += [
            each
            for _, each in inspect.getmembers(import_module(name), inspect.isclass)
            if issubclass(each, DomainError)
            and (each.__module__, each.domain) == (name, domain)
            and not each.__subclasses__()
        ]
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_shape_of_its_siblings(service: str) -> None:
    root = ROOT / "services" / service
    folders = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.is_dir() and path.name != "__pycache__"
    }
    assert folders == FOLDERS
    assert {name for name in FILES if not (root / name).is_file()} == set()


@pytest.mark.parametrize("service", SERVICES)
def test_a_command_is_one_function_named_as_its_file(service: str) -> None:
    folder = ROOT / "services" / service / "commands"
    for name in {path.stem for path in folder.glob("[a-z]*_*.py")} - NOT_COMMANDS.keys():
        module = import_module(f"services.{service}.commands.{name}")
        assert inspect.iscoroutinefunction(getattr(module, name, None)), name


@pytest.mark.parametrize("service", SERVICES)
def test_each_refusal_is_a_reason_of_the_contract_and_each_reason_a_refusal(service: str) -> None:
    reasons = import_module(f"guantong.{service}.v1.error_reason_pb2").ErrorReason
    found = [each.reason for each in refusals_of(service)]
    assert sorted(found) == sorted(names_of(reasons, "ERROR_REASON_"))


@pytest.mark.parametrize("service", SERVICES)
def test_each_event_is_of_the_contract_and_named_alike(service: str) -> None:
    event: type[Enum] = import_module(f"services.{service}.domain.events").Event
    types = import_module(f"guantong.{service}.v1.events_pb2").EventType
    assert {each.name for each in event} == names_of(types, "EVENT_TYPE_")
    for each in event:
        assert each.value == "".join(word.capitalize() for word in each.name.split("_"))


def test_no_two_services_have_an_event_of_one_name() -> None:
    names = [
        each.value
        for service in SERVICES
        for each in import_module(f"services.{service}.domain.events").Event
    ]
    assert len(names) == len(set(names))


def test_what_a_service_hears_is_an_event_of_the_service_that_it_hears_it_from() -> None:
    for service in SERVICES:
        handlers = import_module(f"services.{service}.edge.subscriptions").HANDLERS
        for source, heard in handlers.items():
            assert source != service
            events = {
                each.value for each in import_module(f"services.{source}.domain.events").Event
            }
            assert set(heard) <= events


@pytest.mark.parametrize("folder", ENVIRONMENTS, ids=lambda path: path.parent.name)
def test_a_database_has_one_head_of_migrations(folder: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


# Of our own code; it stays as it was on the day of the first migration.
FROZEN = {"chassis.first_migration"}


@pytest.mark.parametrize(
    "path",
    [
        *(each for each in python_files("services", "chassis") if "versions" in each.parts),
        ROOT / "chassis" / "first_migration.py",
    ],
    ids=place,
)
def test_a_migration_imports_nothing_that_goes_on_changing(path: Path) -> None:
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
        elif isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
    ours = {each for each in found if each.split(".")[0] in {"chassis", "services", "guantong"}}
    assert ours <= FROZEN
