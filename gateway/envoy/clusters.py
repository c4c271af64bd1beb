"""Upstreams: one cluster a service with an endpoint a worker, the front, the issuer's keys."""

from urllib.parse import urlsplit

from gateway.envoy.types import Json, named, socket, typed
from gateway.settings import GatewaySettings

FRONT = "front"
KEYS = "issuer_keys"
SYSTEM_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
_HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"


def clusters(settings: GatewaySettings) -> list[Json]:
    """Return every upstream that the routes and the token check name."""
    made = [_service(name, endpoints) for name, endpoints in sorted(settings.services.items())]
    made.append(_cluster(FRONT, [settings.front]))
    if keys_are_remote(settings):
        made.append(_issuer_keys(settings.jwks))
    return made


def keys_are_remote(settings: GatewaySettings) -> bool:
    return settings.jwks.startswith(("http://", "https://"))


def _service(name: str, endpoints: list[str]) -> Json:
    return {
        **_cluster(name, endpoints),
        "typed_extension_protocol_options": {
            _HTTP_OPTIONS: typed(
                "upstreams.http.v3.HttpProtocolOptions",
                explicit_http_config={
                    "http2_protocol_options": {
                        "connection_keepalive": {"interval": "30s", "timeout": "5s"}
                    }
                },
            )
        },
        "lb_policy": "LEAST_REQUEST",
        # No panic: when no worker is healthy the caller is told at once.
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
        "health_checks": [
            {
                "timeout": "1s",
                "interval": "1s",
                "no_traffic_interval": "1s",
                "unhealthy_threshold": 2,
                "healthy_threshold": 1,
                "grpc_health_check": {},
            }
        ],
        "circuit_breakers": {
            "thresholds": [{"max_requests": 4096, "max_pending_requests": 1024, "max_retries": 64}]
        },
    }


def _issuer_keys(url: str) -> Json:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    cluster = _cluster(KEYS, [f"{parts.hostname}:{port}"], discovery="LOGICAL_DNS")
    if parts.scheme == "https":
        cluster["transport_socket"] = named(
            "envoy.transport_sockets.tls",
            "transport_sockets.tls.v3.UpstreamTlsContext",
            sni=parts.hostname,
            auto_sni_san_validation=True,
            common_tls_context={
                "validation_context": {"trusted_ca": {"filename": SYSTEM_AUTHORITIES}}
            },
        )
    return cluster


def _cluster(name: str, endpoints: list[str], *, discovery: str = "STRICT_DNS") -> Json:
    return {
        "name": name,
        "type": discovery,
        "connect_timeout": "1s",
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [
                {
                    "lb_endpoints": [
                        {"endpoint": {"address": socket(address)}} for address in endpoints
                    ]
                }
            ],
        },
    }
