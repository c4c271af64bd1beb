"""The OpenAPI document as a whole: who it is for, how one is let in, and the parts together."""

from gateway.contract import Contract
from gateway.openapi.operations import operations
from gateway.openapi.schemas import Json, Schemas

_TITLE = "Guantong"
_DESCRIPTION = (
    "Vocational pathways that span two schools, and the help between regions. "
    "The same calls are answered over gRPC and gRPC-Web at this address. "
    "Fields of a body that are not named here are ignored; unknown query parameters are refused."
)


def document(contract: Contract, *, url: str) -> Json:
    """Return the document for the gateway at `url`."""
    schemas = Schemas(contract)
    paths = operations(contract, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": _TITLE, "version": "v1", "description": _DESCRIPTION},
        "servers": [{"url": url}],
        "tags": [
            {"name": service, "description": contract.comments.get(service, "")}
            for service in contract.transcoded_services()
        ],
        "security": [{"bearer": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.named.items())),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }
