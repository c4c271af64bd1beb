"""JSON Schemas of messages, enums and fields, with the limits that protovalidate checks."""

from typing import Any

from buf.validate import validate_pb2
from google.api import field_behavior_pb2
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto

from gateway.contract import Contract

Json = dict[str, Any]
Field = FieldDescriptorProto

STATUS = "google.rpc.Status"

_WELL_KNOWN: dict[str, Json] = {
    "google.protobuf.Any": {
        "type": "object",
        "properties": {"@type": {"type": "string"}},
        "required": ["@type"],
        "additionalProperties": True,
    },
    "google.protobuf.Duration": {"type": "string", "pattern": r"^-?\d+(\.\d+)?s$"},
    "google.protobuf.Empty": {"type": "object"},
    "google.protobuf.FieldMask": {"type": "string"},
    "google.protobuf.Struct": {"type": "object"},
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Value": {},
}
_INT32: Json = {"type": "integer", "format": "int32"}
# JSON numbers lose digits beyond 2^53, so 64-bit integers travel as strings.
_INT64: Json = {"type": "string", "format": "int64", "pattern": r"^-?\d+$"}
_SCALARS: dict[int, Json] = {
    Field.TYPE_DOUBLE: {"type": "number", "format": "double"},
    Field.TYPE_FLOAT: {"type": "number", "format": "float"},
    Field.TYPE_BOOL: {"type": "boolean"},
    Field.TYPE_STRING: {"type": "string"},
    Field.TYPE_BYTES: {"type": "string", "contentEncoding": "base64"},
    Field.TYPE_INT32: _INT32,
    Field.TYPE_SINT32: _INT32,
    Field.TYPE_SFIXED32: _INT32,
    Field.TYPE_UINT32: {**_INT32, "minimum": 0},
    Field.TYPE_FIXED32: {**_INT32, "minimum": 0},
    Field.TYPE_INT64: _INT64,
    Field.TYPE_SINT64: _INT64,
    Field.TYPE_SFIXED64: _INT64,
    Field.TYPE_UINT64: _INT64,
    Field.TYPE_FIXED64: _INT64,
}
_NUMBER_LIMITS = {
    "gte": "minimum",
    "lte": "maximum",
    "gt": "exclusiveMinimum",
    "lt": "exclusiveMaximum",
}
_STRING_FORMATS = ("uuid", "email", "uri", "ipv4", "ipv6", "hostname")


class Schemas:
    """The named schemas that a document needs, collected while it is built."""

    def __init__(self, contract: Contract) -> None:
        """Start with the status that every error is."""
        self._contract = contract
        self.named: dict[str, Json] = {STATUS: _status()}

    def message(self, name: str) -> Json:
        """Return a schema for a message: a reference, or what JSON has for a well-known type."""
        if name in _WELL_KNOWN:
            return dict(_WELL_KNOWN[name])
        if name not in self.named:
            self.named[name] = {}  # so that a message may hold itself
            self.named[name] = self.fields(name)
        return reference(name)

    def fields(self, name: str, *, without: frozenset[str] = frozenset()) -> Json:
        """Return the schema of a message written out, without the fields of these names."""
        message = self._contract.messages[name]
        kept = [field for field in message.field if field.name not in without]
        schema: Json = {
            "type": "object",
            "properties": {field.json_name: self.field(name, field) for field in kept},
        }
        if required := [field.json_name for field in kept if is_required(field)]:
            schema["required"] = required
        if comment := self._contract.comments.get(name):
            schema["description"] = comment
        return schema

    def field(self, message: str, field: Field) -> Json:
        """Return the schema of a field, with its limits and its comment."""
        schema = self._shape(field)
        if field.options.HasExtension(validate_pb2.field):
            schema = _with_limits(schema, field.options.Extensions[validate_pb2.field])
        if comment := self._contract.comments.get(f"{message}.{field.name}"):
            schema["description"] = comment
        if field_behavior_pb2.OUTPUT_ONLY in behaviours(field):
            schema["readOnly"] = True
        return schema

    def _shape(self, field: Field) -> Json:
        if field.label != Field.LABEL_REPEATED:
            return self._single(field)
        entry = self._contract.messages.get(field.type_name.lstrip("."))
        if field.type == Field.TYPE_MESSAGE and entry is not None and entry.options.map_entry:
            return {"type": "object", "additionalProperties": self._single(_value_of(entry))}
        return {"type": "array", "items": self._single(field)}

    def _single(self, field: Field) -> Json:
        name = field.type_name.lstrip(".")
        if field.type == Field.TYPE_MESSAGE:
            return self.message(name)
        if field.type == Field.TYPE_ENUM:
            return self._enum(name)
        return dict(_SCALARS[field.type])

    def _enum(self, name: str) -> Json:
        enum = self._contract.enums[name]
        schema: Json = {"type": "string", "enum": [value.name for value in enum.value]}
        if comment := self._contract.comments.get(name):
            schema["description"] = comment
        self.named.setdefault(name, schema)
        return reference(name)


def reference(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def behaviours(field: Field) -> list[int]:
    return list(field.options.Extensions[field_behavior_pb2.field_behavior])


def is_required(field: Field) -> bool:
    return field_behavior_pb2.REQUIRED in behaviours(field)


def _value_of(entry: DescriptorProto) -> Field:
    return next(field for field in entry.field if field.name == "value")


def _with_limits(schema: Json, rules: validate_pb2.FieldRules) -> Json:
    """Return the schema narrowed by what protovalidate can say in JSON Schema's words."""
    kind = rules.WhichOneof("type")
    if kind == "string":
        return schema | _string_limits(rules.string)
    if kind == "enum" and "$ref" in schema:
        return schema
    if kind in {"int32", "uint32", "sint32", "double", "float"}:
        limits = getattr(rules, kind)
        return schema | {
            word: getattr(limits, name)
            for name, word in _NUMBER_LIMITS.items()
            if limits.HasField(name)
        }
    if kind == "repeated" and "items" in schema:
        return _list_limits(schema, rules.repeated)
    if kind == "map" and rules.map.HasField("max_pairs"):
        return schema | {"maxProperties": rules.map.max_pairs}
    return schema


def _string_limits(rules: validate_pb2.StringRules) -> Json:
    limits: Json = {}
    if rules.HasField("min_len"):
        limits["minLength"] = rules.min_len
    if rules.HasField("max_len"):
        limits["maxLength"] = rules.max_len
    if rules.HasField("len"):
        limits["minLength"] = limits["maxLength"] = rules.len
    if rules.pattern:
        limits["pattern"] = rules.pattern
    if (form := rules.WhichOneof("well_known")) in _STRING_FORMATS:
        limits["format"] = form
    if allowed := list(getattr(rules, "in")):
        limits["enum"] = allowed
    return limits


def _list_limits(schema: Json, rules: validate_pb2.RepeatedRules) -> Json:
    limits: Json = {}
    if rules.HasField("min_items"):
        limits["minItems"] = rules.min_items
    if rules.HasField("max_items"):
        limits["maxItems"] = rules.max_items
    if rules.unique:
        limits["uniqueItems"] = True
    if rules.HasField("items") and "$ref" not in schema["items"]:
        limits["items"] = _with_limits(schema["items"], rules.items)
    return schema | limits


def _status() -> Json:
    detail = {"type": "object", "properties": {"@type": {"type": "string"}}}
    return {
        "type": "object",
        "description": "Why a call was refused: details hold an ErrorInfo with the reason, "
        "a BadRequest with the fields, and a LocalizedMessage.",
        "properties": {
            "code": {**_INT32, "description": "The gRPC code."},
            "message": {"type": "string"},
            "details": {"type": "array", "items": {**detail, "additionalProperties": True}},
        },
        "required": ["code"],
    }
