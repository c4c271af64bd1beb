"""What a request passes on its way in, in this order: CORS, gRPC-Web, rate, size, JSON, token.

gRPC-Web and JSON come before the token check, so that a refusal is answered in the caller's own
dialect.
"""

from gateway.contract import Contract
from gateway.envoy.clusters import KEYS, keys_are_remote
from gateway.envoy.routes import BUFFER, OPEN_PATHS
from gateway.envoy.types import Json, named
from gateway.settings import GatewaySettings


def http_filters(settings: GatewaySettings, contract: Contract) -> list[Json]:
    """Return the chain; the order is part of the promise."""
    return [
        named("envoy.filters.http.cors", "filters.http.cors.v3.Cors"),
        named("envoy.filters.http.grpc_web", "filters.http.grpc_web.v3.GrpcWeb"),
        _rate_limit(settings),
        # JSON only, since the routes of the contract's paths disable it: the transcoder's own limit
        # does not count what it has let through. In gRPC a service bounds each message.
        named(
            BUFFER,
            "filters.http.buffer.v3.Buffer",
            max_request_bytes=settings.limits.body_max_bytes,
        ),
        _transcoder(settings, contract),
        _token_check(settings),
        named("envoy.filters.http.router", "filters.http.router.v3.Router"),
    ]


def _transcoder(settings: GatewaySettings, contract: Contract) -> Json:
    """Return the JSON dialect. Unknown fields of a body are dropped by Envoy without a word."""
    return named(
        "envoy.filters.http.grpc_json_transcoder",
        "filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder",
        proto_descriptor=str(settings.descriptor_set.absolute()),
        services=contract.transcoded_services(),
        auto_mapping=False,
        convert_grpc_status=True,
        request_validation_options={"reject_unknown_query_parameters": True},
        print_options={"always_print_primitive_fields": True, "stream_newline_delimited": True},
        max_request_body_size=settings.limits.body_max_bytes,
    )


def _rate_limit(settings: GatewaySettings) -> Json:
    rate = settings.limits.requests_max_per_s
    always = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}
    return named(
        "envoy.filters.http.local_ratelimit",
        "filters.http.local_ratelimit.v3.LocalRateLimit",
        stat_prefix="door",
        token_bucket={"max_tokens": rate, "tokens_per_fill": rate, "fill_interval": "1s"},
        filter_enabled=always,
        filter_enforced=always,
        rate_limited_as_resource_exhausted=True,
    )


def _token_check(settings: GatewaySettings) -> Json:
    provider: Json = {
        "issuer": settings.issuer,
        "audiences": [settings.audience],
        # The services check the token again.
        "forward": True,
        # By default a token in the query would do too, and end in logs.
        "from_headers": [{"name": "Authorization", "value_prefix": "Bearer "}],
        "payload_in_metadata": "claims",
        "jwt_cache_config": {"jwt_cache_size": 1000},
        **_keys(settings),
    }
    return named(
        "envoy.filters.http.jwt_authn",
        "filters.http.jwt_authn.v3.JwtAuthentication",
        providers={"issuer": provider},
        rules=[
            *[{"match": {"path": path}} for path in OPEN_PATHS],
            {"match": {"prefix": "/"}, "requires": {"provider_name": "issuer"}},
        ],
    )


def _keys(settings: GatewaySettings) -> Json:
    if keys_are_remote(settings):
        uri = {"uri": settings.jwks, "cluster": KEYS, "timeout": "5s"}
        return {
            "remote_jwks": {
                "http_uri": uri,
                "cache_duration": "300s",
                "async_fetch": {"fast_listener": True},
            }
        }
    path = settings.jwks
    folder = path.rpartition("/")[0] or "."
    return {"local_jwks": {"filename": path, "watched_directory": {"path": folder}}}
