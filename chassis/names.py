"""Resource names: `collection/{id}`, flat."""

from uuid import UUID

from chassis.errors import FieldsInvalid, FieldViolation


def name_of(collection: str, identity: UUID | str | None) -> str:
    """Return the resource name, or an empty string where there is no resource."""
    return "" if identity is None else f"{collection}/{identity}"


def parse_uuid(collection: str, name: str, *, field: str = "name") -> UUID:
    """Return the id of `collection/{uuid}`; raises FieldsInvalid naming the field."""
    try:
        return UUID(_identity(collection, name))
    except ValueError:
        raise _invalid(field, collection, "{uuid}") from None


def parse_uuid_or_none(collection: str, name: str, *, field: str) -> UUID | None:
    """Return the id of an optional name; None when it is empty."""
    return parse_uuid(collection, name, field=field) if name else None


def parse_slug(collection: str, name: str, *, field: str = "name") -> str:
    """Return the id of `collection/{slug}`; raises FieldsInvalid naming the field."""
    try:
        return _identity(collection, name)
    except ValueError:
        raise _invalid(field, collection, "{id}") from None


def parse_slug_or_none(collection: str, name: str, *, field: str) -> str | None:
    """Return the id of an optional name; None when it is empty."""
    return parse_slug(collection, name, field=field) if name else None


def _identity(collection: str, name: str) -> str:
    prefix, separator, identity = name.partition("/")
    if prefix != collection or not separator or not identity:
        raise ValueError
    return identity


def _invalid(field: str, collection: str, identity: str) -> FieldsInvalid:
    return FieldsInvalid(
        violations=[
            FieldViolation(
                field=field,
                reason="NAME_INVALID",
                zh=f"名称应形如 {collection}/{identity}",
                en=f"the name must look like {collection}/{identity}",
            )
        ]
    )
