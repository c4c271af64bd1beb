"""The door itself: protocol limits, hygiene of headers and paths, the access log, own answers."""

from gateway.contract import Contract
from gateway.envoy.filters import http_filters
from gateway.envoy.replies import asks_for_grpc, asks_for_json, local_replies
from gateway.envoy.routes import route_configuration
from gateway.envoy.types import Json, named, socket
from gateway.settings import GatewaySettings

# Who the caller is comes from the token alone: whatever says so from outside is removed first.
IDENTITY_HEADERS = (
    "x-envoy-original-path",
    "x-envoy-original-method",
    "x-forwarded-user",
    "x-remote-user",
    "x-guantong-sub",
    "x-guantong-org",
    "x-guantong-roles",
)
# HTTP takes names that gRPC does not, and gRPC reads the values of names in "-bin" as base64: a
# service would answer such a call with a fault of its own. No service reads one of these.
_NO_METADATA = r".*[^a-z0-9_.:-].*|.*-bin"


def listener(settings: GatewaySettings, contract: Contract) -> Json:
    """Return the one listener."""
    chain: Json = {
        "filters": [
            named(
                "envoy.filters.network.http_connection_manager",
                "filters.network.http_connection_manager.v3.HttpConnectionManager",
                stat_prefix="door",
                **_protocol(settings),
                access_log=[
                    _access_log(settings, asks_for_grpc(), {"grpc": "%GRPC_STATUS%"}),
                    # Of JSON Envoy would make a gRPC status up, out of the HTTP status.
                    _access_log(settings, asks_for_json(), {}),
                ],
                local_reply_config=local_replies(),
                early_header_mutation_extensions=[_strip_headers()],
                http_filters=http_filters(settings, contract),
                route_config=route_configuration(settings, contract),
            )
        ]
    }
    if settings.tls_certificate:
        chain["transport_socket"] = _tls(settings)
    return {
        "name": "door",
        "address": socket(f"{settings.host}:{settings.port}"),
        "per_connection_buffer_limit_bytes": 1024 * 1024,
        "filter_chains": [chain],
    }


def _protocol(settings: GatewaySettings) -> Json:
    limits = settings.limits
    return {
        "codec_type": "AUTO",
        "use_remote_address": True,
        "normalize_path": True,
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "max_request_headers_kb": limits.headers_max_kib,
        "common_http_protocol_options": {
            "idle_timeout": "3600s",
            "max_headers_count": limits.headers_max_count,
            "headers_with_underscores_action": "REJECT_REQUEST",
        },
        "request_headers_timeout": f"{limits.header_timeout_s}s",
        # Who sends a request drop by drop must not keep its buffer. It does not count once an
        # answer has begun, so streams are not cut.
        "request_timeout": f"{limits.request_timeout_s}s",
        "stream_idle_timeout": f"{limits.stream_idle_s}s",
        "http2_protocol_options": {
            "max_concurrent_streams": limits.streams_max_per_connection,
            "initial_stream_window_size": 65_536,
            "initial_connection_window_size": 1_048_576,
        },
    }


def _access_log(settings: GatewaySettings, whose: Json, more: dict[str, str]) -> Json:
    """Return a log of what was asked, by which organisation; no query, no address, no subject."""
    log = named(
        "envoy.access_loggers.file",
        "access_loggers.file.v3.FileAccessLog",
        path=settings.access_log,
        log_format={
            "json_format": {
                "time": "%START_TIME%",
                "method": "%REQ(X-ENVOY-ORIGINAL-METHOD?:METHOD)%",
                "path": "%PATH(NQ:ORIG_OR_PATH)%",
                "code": "%RESPONSE_CODE%",
                "flags": "%RESPONSE_FLAGS%",
                "details": "%RESPONSE_CODE_DETAILS%",
                "duration_ms": "%DURATION%",
                "upstream_ms": "%RESPONSE_DURATION%",
                "request_id": "%REQ(X-REQUEST-ID)%",
                "traceparent": "%REQ(TRACEPARENT)%",
                "organisation": "%DYNAMIC_METADATA(envoy.filters.http.jwt_authn:claims:org)%",
                **more,
            }
        },
    )
    return {**log, "filter": whose}


def _strip_headers() -> Json:
    return named(
        "envoy.http.early_header_mutation.header_mutation",
        "http.early_header_mutation.header_mutation.v3.HeaderMutation",
        mutations=[
            *[{"remove": header} for header in IDENTITY_HEADERS],
            {"remove_on_match": {"key_matcher": {"safe_regex": {"regex": _NO_METADATA}}}},
        ],
    )


def _tls(settings: GatewaySettings) -> Json:
    return named(
        "envoy.transport_sockets.tls",
        "transport_sockets.tls.v3.DownstreamTlsContext",
        common_tls_context={
            "alpn_protocols": ["h2", "http/1.1"],
            "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
            "tls_certificates": [
                {
                    "certificate_chain": {"filename": str(settings.tls_certificate)},
                    "private_key": {"filename": str(settings.tls_key)},
                }
            ],
        },
    )
