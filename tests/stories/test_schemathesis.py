"""The JSON door under made-up requests, right ones and wrong ones, from its own OpenAPI document.

No request may break a service, and every answer is as documented. A fixed seed, a bounded number
of requests: what is found once is found again.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
)
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode

from deploy.local.door import Door
from deploy.local.ports import free_ports
from deploy.local.reach import remove
from deploy.local.stack import LocalStack
from deploy.story.case import load
from deploy.story.main import run_story
from deploy.story.students import Fate, make_students

EXAMPLES = 6
RECORDS = 5
SEED = 20230410
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
# Streams do not end, and a clock at the end of time leaves no story to tell.
LEFT_OUT = (":watch", "/v1/clock:advance")
# A fact that has not arrived yet is answered with 503 by intent.
PASSING = {"NOT_YET_KNOWN"}
_RECORD = re.compile(r"/v1/(\w+)/\{(\w+)\}")
_PARAMETER = re.compile(r"\{(\w+)\}")
ORGANISATIONS = ("szai", "siyang", "szedu", "gaobo")
ROLES = [
    "administrator",
    "agent",
    "approver",
    "assistance_officer",
    "auditor",
    "bureau_officer",
    "fund_approver",
    "registrar",
]


@pytest.fixture(scope="module")
async def door(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    """Return the door of a suite in which one student has gone the whole way."""
    folder = tmp_path_factory.mktemp("schemathesis") / "stack"
    async with LocalStack(folder, ports=free_ports(), report=lambda _: None) as stack:
        case = load()
        students = make_students(
            class_names=case.pathway.class_names, components=case.scheme.components
        )
        ordinary = next(each for each in students if each.fate is Fate.ORDINARY)
        await run_story(stack.door, lambda _: None, students=[ordinary])
        yield stack.door
    remove(folder / "postgres")


def _schema(door: Door) -> Any:
    return schemathesis.openapi.from_url(f"{door.url}/openapi.json")


def _operations(schema: Any) -> Iterator[Any]:
    for result in schema.get_all_operations():
        operation = result.ok()
        if not operation.path.endswith(LEFT_OUT):
            yield operation


def _headers(door: Door, organisation: str) -> dict[str, str]:
    claims = {"sub": "fuzzer", "org": organisation, "roles": ROLES}
    return {"Authorization": f"Bearer {door.issuer.sign(claims, lifetime_s=600)}"}


def _known(door: Door, schema: Any) -> dict[str, list[str]]:
    """Return the ids of the records that are there, by the name that paths give them."""
    found: dict[str, list[str]] = {}
    for path in schema:
        match = _RECORD.fullmatch(path)
        if match is None:
            continue
        answer = requests.get(
            f"{door.url}/v1/{match[1]}", headers=_headers(door, "szai"), timeout=20
        )
        records = next(each for each in answer.json().values() if isinstance(each, list))
        found[match[2]] = [
            record["name"].partition("/")[2] for record in records if "name" in record
        ]
    return found


def _is_intended(answer: requests.Response) -> bool:
    if answer.status_code != requests.codes.unavailable:
        return False
    details = answer.json().get("details", [])
    return bool(PASSING & {each.get("reason") for each in details})


@dataclass
class Trial:
    """Makes requests of operations, and keeps what was wrong with their answers, first of each."""

    door: Door
    session: requests.Session = field(default_factory=requests.Session)
    made: int = 0
    wrong: dict[str, str] = field(default_factory=dict)

    def try_everything(self) -> None:
        """Try each operation with right and wrong requests, and on a record that is there."""
        schema = _schema(self.door)
        known = _known(self.door, schema)
        for number, operation in enumerate(_operations(schema)):
            headers = _headers(self.door, ORGANISATIONS[number % len(ORGANISATIONS)])
            for mode in GenerationMode:
                # An operation without parameters has no wrong request.
                with suppress(Unsatisfiable):
                    self._try(operation.as_strategy(generation_mode=mode), headers)
            names = _PARAMETER.findall(operation.path)
            if names and all(known.get(name) for name in names):
                there = {name: known[name][0] for name in names}
                self._try(operation.as_strategy(path_parameters=there), headers)

    def _try(self, cases: SearchStrategy[Any], headers: dict[str, str]) -> None:
        @seed(SEED)
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases)
        def attempt(case: Any) -> None:
            self.send(case, headers)

        attempt()

    def send(self, case: Any, headers: dict[str, str]) -> int:
        """Make a request and return the status of its answer."""
        self.made += 1
        answer = case.call(
            session=self.session, headers=headers, base_url=self.door.url, timeout=20
        )
        if not _is_intended(answer):
            self._check(case, answer)
        return int(answer.status_code)

    def _check(self, case: Any, answer: requests.Response) -> None:
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as failure:
            self.wrong.setdefault(f"{case.method} {case.operation.path}", str(failure))


LEFT_BEHIND = {
    *("organisation", "pathwayProject", "cohort", "cohortMember", "statusRecord"),
    *("backStageRegistration", "transferBatch", "application", "pairing", "indicator"),
}

# What a record has below it and shows without a further filter.
PARTS = {"/v1/indicators/{indicator}/evidence"}


async def test_no_request_breaks_a_service_and_every_answer_is_as_documented(door: Door) -> None:
    trial = Trial(door)
    # Aside: the stack watches its processes on this loop.
    await asyncio.to_thread(trial.try_everything)
    assert trial.made > 500
    assert not trial.wrong, "\n\n".join(f"{where}: {what}" for where, what in trial.wrong.items())


async def test_every_record_is_read_as_documented(door: Door) -> None:
    trial = Trial(door)
    await asyncio.to_thread(_read_everything, trial)
    assert not trial.wrong, "\n\n".join(f"{where}: {what}" for where, what in trial.wrong.items())


def _read_everything(trial: Trial) -> None:
    schema = _schema(trial.door)
    known = _known(trial.door, schema)
    # What the case leaves behind.
    assert {name for name, ids in known.items() if ids} >= LEFT_BEHIND
    headers = _headers(trial.door, "szai")
    lists = {f"/v1/{match[1]}" for path in schema if (match := _RECORD.fullmatch(path))}
    for operation in _operations(schema):
        names = _PARAMETER.findall(operation.path)
        if operation.method.upper() != "GET" or len(names) > 1:
            continue
        is_plain = operation.path in lists or _RECORD.fullmatch(operation.path)
        if not is_plain and operation.path not in PARTS:
            continue
        for identity in known[names[0]][:RECORDS] if names else [""]:
            there = {"path_parameters": {names[0]: identity}} if names else {}
            assert trial.send(operation.Case(**there), headers) == requests.codes.ok, operation.path
