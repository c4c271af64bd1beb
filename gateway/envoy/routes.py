"""Which path goes to which upstream, and for how long.

By prefix only: matching on gRPC would break gRPC-Web. After transcoding a JSON call has the path
of its RPC, so these routes serve all three dialects; before it, where the body is buffered, it
has no route.
"""

from gateway.contract import Contract
from gateway.envoy.clusters import FRONT
from gateway.envoy.types import Json, typed
from gateway.settings import GatewaySettings

BUFFER = "envoy.filters.http.buffer"
OPEN_PATHS = ("/openapi.json", "/readyz", "/healthz")
_UNBUFFERED = {BUFFER: typed("filters.http.buffer.v3.BufferPerRoute", disabled=True)}
_EXPOSED = "grpc-status,grpc-message,grpc-status-details-bin,x-request-id"
_ALLOWED = (
    "authorization,content-type,x-grpc-web,x-user-agent,grpc-timeout,traceparent,x-request-id,"
    "x-acting-for"
)


def route_configuration(settings: GatewaySettings, contract: Contract) -> Json:
    """Return the routes with the CORS policy of all of them."""
    routes = [
        {
            "match": {"prefix": "/", "headers": [_is_no_timeout()]},
            "direct_response": {"status": 400},
        },
        *[_streaming(path, _owner(path, settings)) for path in contract.streaming_paths()],
        *[_unary(f"/guantong.{name}.", name, settings) for name in sorted(settings.services)],
        *[
            _unary(f"/{service}/", settings.common_service, settings)
            for service in contract.common_services()
        ],
        *[{"match": {"path": path}, "route": _to(FRONT, "10s")} for path in OPEN_PATHS],
        # The CORS filter answers preflights, but only on a route that leads somewhere.
        {"match": {"prefix": "/", "headers": [_is_preflight()]}, "route": _to(FRONT, "2s")},
    ]
    return {
        "name": "door",
        "virtual_hosts": [
            {
                "name": "all",
                "domains": ["*"],
                "typed_per_filter_config": {"envoy.filters.http.cors": _cors(settings)},
                "routes": routes,
            }
        ],
    }


def _owner(path: str, settings: GatewaySettings) -> str:
    name = path.split(".")[1]
    return name if name in settings.services else settings.common_service


def _unary(prefix: str, cluster: str, settings: GatewaySettings) -> Json:
    limits = settings.limits
    return {
        "match": {"prefix": prefix},
        "typed_per_filter_config": _UNBUFFERED,
        "route": {
            **_to(cluster, f"{limits.unary_timeout_s}s"),
            "max_stream_duration": {
                "grpc_timeout_header_max": f"{limits.deadline_max_s}s",
                "grpc_timeout_header_offset": "0s",
            },
            # Only where the upstream has certainly not begun.
            "retry_policy": {"retry_on": "connect-failure,refused-stream", "num_retries": 2},
        },
    }


def _streaming(path: str, cluster: str) -> Json:
    return {
        "match": {"path": path},
        "typed_per_filter_config": _UNBUFFERED,
        "route": _to(cluster, "0s"),
    }


def _to(cluster: str, timeout: str) -> Json:
    return {"cluster": cluster, "timeout": timeout}


def _is_no_timeout() -> Json:
    """Match a deadline that gRPC cannot read: a service would answer with a fault of its own."""
    return {
        "name": "grpc-timeout",
        "string_match": {"safe_regex": {"regex": "[0-9]{1,8}[HMSmun]"}},
        "invert_match": True,
    }


def _is_preflight() -> Json:
    return {"name": ":method", "string_match": {"exact": "OPTIONS"}}


def _cors(settings: GatewaySettings) -> Json:
    return typed(
        "filters.http.cors.v3.CorsPolicy",
        allow_origin_string_match=[{"exact": origin} for origin in settings.cors_origins],
        allow_methods="GET, POST, PUT, PATCH, DELETE, OPTIONS",
        allow_headers=_ALLOWED,
        expose_headers=_EXPOSED,
        max_age="86400",
    )
