"""The OpenAPI generator on the real contract and on small templates."""

from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.contract import Contract
from gateway.openapi.document import document
from gateway.openapi.operations import parse
from tests.gateway.door import DESCRIPTORS


@pytest.fixture(scope="module")
def openapi() -> dict[str, Any]:
    return document(Contract.load(Path(DESCRIPTORS)), url="http://127.0.0.1:8080")


def test_the_document_is_valid(openapi: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(openapi).validate()


@pytest.mark.parametrize(
    ("pattern", "path", "names"),
    [
        ("/v1/clock", "/v1/clock", []),
        ("/v1/{name=cohorts/*}:freeze", "/v1/cohorts/{cohort}:freeze", ["cohort"]),
        ("/v1/{name=transferBatches/*}", "/v1/transferBatches/{transferBatch}", ["transferBatch"]),
        ("/v1/things/{id}", "/v1/things/{id}", ["id"]),
    ],
)
def test_a_template_names_its_variables_after_their_collections(
    pattern: str, path: str, names: list[str]
) -> None:
    template = parse(pattern)
    assert template.path == path
    assert [parameter["name"] for parameter in template.parameters] == names


def test_every_rpc_with_a_binding_is_an_operation(openapi: dict[str, Any]) -> None:
    contract = Contract.load(DESCRIPTORS)
    expected = {
        f"{each.service}.{each.descriptor.name}{number if number > 1 else ''}"
        for each in contract.methods
        for number, _ in enumerate(each.bindings, start=1)
    }
    operations = [each for path in openapi["paths"].values() for each in path.values()]
    assert {each["operationId"] for each in operations} == expected
    assert all("Permission: `" in each["description"] for each in operations)


def test_every_error_is_a_status(openapi: dict[str, Any]) -> None:
    for path in openapi["paths"].values():
        for operation in path.values():
            content = operation["responses"]["default"]["content"]["application/json"]
            assert content["schema"] == {"$ref": "#/components/schemas/google.rpc.Status"}


def test_limits_of_the_contract_are_in_the_schema(openapi: dict[str, Any]) -> None:
    parameters = openapi["paths"]["/v1/transfer/changes"]["get"]["parameters"]
    by_name = {parameter["name"]: parameter["schema"] for parameter in parameters}
    assert by_name["token"]["maxLength"] == 512
    assert by_name["pageSize"] == {"type": "integer", "format": "int32", "minimum": 0}
    assert by_name["resourceTypes"]["maxItems"] == 16


def test_a_date_of_a_query_is_given_by_its_parts(openapi: dict[str, Any]) -> None:
    parameters = openapi["paths"]["/v1/cooperations:count"]["get"]["parameters"]
    parts = {each["name"]: each for each in parameters if each["name"].startswith("date.")}
    assert parts.keys() == {"date.year", "date.month", "date.day"}
    assert all(each["schema"] == {"type": "integer"} for each in parts.values())
    assert all(each["required"] for each in parts.values())


def test_a_field_bound_by_the_path_is_not_in_the_body(openapi: dict[str, Any]) -> None:
    operation = openapi["paths"]["/v1/applications/{application}:admit"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert "name" not in schema["properties"]
    assert "etag" in schema["required"]
