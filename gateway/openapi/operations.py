"""Operations of the JSON door: a path template, its parameters, the body and the answers."""

import re
from dataclasses import dataclass

from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor_pb2 import DescriptorProto

from gateway.contract import Contract, Method
from gateway.openapi.schemas import STATUS, Field, Json, Schemas, is_required, reference

_VARIABLE = re.compile(r"\{([^}=]+)(?:=([^}]+))?\}")
_DATE = ".google.type.Date"
_QUERIED_MESSAGES = frozenset({".google.protobuf.Timestamp", _DATE})
_ERROR: Json = {
    "description": "Refused or failed: the status says why.",
    "content": {"application/json": {"schema": reference(STATUS)}},
}


@dataclass(frozen=True, kw_only=True)
class Template:
    """A path of google.api.http in OpenAPI's form, with the request fields that it binds."""

    path: str
    parameters: list[Json]
    bound: frozenset[str]


def operations(contract: Contract, schemas: Schemas) -> dict[str, Json]:
    """Return OpenAPI's paths: template -> verb -> operation."""
    paths: dict[str, Json] = {}
    for method in contract.methods:
        for index, rule in enumerate(method.bindings):
            verb, pattern = _pattern(rule)
            template = parse(pattern)
            suffix = str(index + 1) if index else ""
            paths.setdefault(template.path, {})[verb] = {
                "operationId": f"{method.service}.{method.descriptor.name}{suffix}",
                **_operation(contract, schemas, method, rule, template),
            }
    return paths


def parse(pattern: str) -> Template:
    """Turn `/v1/{name=cohorts/*}:freeze` into `/v1/cohorts/{cohort}:freeze`."""
    parameters: list[Json] = []
    bound: set[str] = set()

    def replace(match: re.Match[str]) -> str:
        field, segments = match[1], (match[2] or "*").split("/")
        bound.add(field.split(".")[0])
        for index, segment in enumerate(segments):
            if segment in {"*", "**"}:
                name = _singular(segments[index - 1]) if index else field
                parameters.append(_path_parameter(name))
                segments[index] = f"{{{name}}}"
        return "/".join(segments)

    path = _VARIABLE.sub(replace, pattern)
    return Template(path=path, parameters=parameters, bound=frozenset(bound))


def _operation(
    contract: Contract, schemas: Schemas, method: Method, rule: HttpRule, template: Template
) -> Json:
    name = method.descriptor.input_type.lstrip(".")
    request = contract.messages[name]
    queried = [] if rule.body == "*" else _queried(request, {*template.bound, rule.body})
    parameters = [
        *template.parameters,
        *[each for field in queried for each in _query_parameters(schemas, name, field)],
    ]
    operation: Json = {
        "tags": [method.service],
        "summary": method.comment.split("\n")[0] or method.descriptor.name,
        "description": _description(method),
        "responses": {"200": _answer(schemas, method), "default": _ERROR},
    }
    if parameters:
        operation["parameters"] = parameters
    if rule.body:
        operation["requestBody"] = _body(schemas, name, request, rule.body, template.bound)
    return operation


def _description(method: Method) -> str:
    return f"{method.comment}\n\nPermission: `{method.permission}`.".strip()


def _answer(schemas: Schemas, method: Method) -> Json:
    schema = schemas.message(method.descriptor.output_type.lstrip("."))
    if method.descriptor.server_streaming:
        description = "A stream: one JSON value a line. A cut stream simply ends."
        return {"description": description, "content": {"application/json": {"schema": schema}}}
    return {"description": "Done.", "content": {"application/json": {"schema": schema}}}


def _body(
    schemas: Schemas, name: str, request: DescriptorProto, body: str, bound: frozenset[str]
) -> Json:
    if body != "*":
        field = next(field for field in request.field if field.name == body)
        schema = schemas.field(name, field)
    elif bound:
        schema = schemas.fields(name, without=bound)
    else:
        schema = schemas.message(name)
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _queried(request: DescriptorProto, taken: set[str]) -> list[Field]:
    """Return the fields that a query may hold: Envoy takes scalars, enums, instants and dates."""
    return [
        field
        for field in request.field
        if field.name not in taken
        and (field.type != Field.TYPE_MESSAGE or field.type_name in _QUERIED_MESSAGES)
    ]


def _query_parameters(schemas: Schemas, message: str, field: Field) -> list[Json]:
    """Return the parameters of a field: a date has one for each of its parts."""
    whole = _query_parameter(schemas, message, field)
    if field.type_name != _DATE:
        return [whole]
    parts = schemas.fields(_DATE.lstrip("."))["properties"]
    return [
        {**whole, "name": f"{field.json_name}.{part}", "schema": {"type": schema["type"]}}
        for part, schema in parts.items()
    ]


def _query_parameter(schemas: Schemas, message: str, field: Field) -> Json:
    schema = schemas.field(message, field)
    parameter: Json = {"name": field.json_name, "in": "query", "schema": schema}
    if description := schema.pop("description", None):
        parameter["description"] = description
    if is_required(field):
        parameter["required"] = True
    return parameter


def _path_parameter(name: str) -> Json:
    schema = {"type": "string", "pattern": "^[^/:]+$"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _pattern(rule: HttpRule) -> tuple[str, str]:
    verb = rule.WhichOneof("pattern")
    if verb == "custom":
        return rule.custom.kind.lower(), rule.custom.path
    return verb, getattr(rule, verb)


def _singular(collection: str) -> str:
    return collection.removesuffix("es") if collection.endswith("ches") else collection[:-1]
