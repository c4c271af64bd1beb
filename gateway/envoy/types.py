"""Names of Envoy's extensions, so that each long address is written once."""

from typing import Any

Json = dict[str, Any]

_PREFIX = "type.googleapis.com/envoy.extensions"


def typed(kind: str, **fields: Any) -> Json:
    """Return a typed configuration; `kind` is the part after `envoy.extensions.`."""
    return {"@type": f"{_PREFIX}.{kind}", **fields}


def named(name: str, kind: str, **fields: Any) -> Json:
    """Return a named extension with its typed configuration."""
    return {"name": name, "typed_config": typed(kind, **fields)}


def socket(address: str) -> Json:
    """Return Envoy's form of `host:port`."""
    host, _, port = address.rpartition(":")
    return {"socket_address": {"address": host, "port_value": int(port)}}
