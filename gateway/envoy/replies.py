"""What Envoy itself answers (no token, no route, too large, no upstream), in the services' form.

A gRPC or gRPC-Web caller gets a status in trailers from Envoy as it is. A JSON caller gets a
google.rpc.Status with an ErrorInfo, as from a service.
"""

from dataclasses import dataclass

from gateway.envoy.types import Json

ERROR_DOMAIN = "gateway.guantong"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What an HTTP status of Envoy's own means: gRPC code and reason; `becomes` is told instead."""

    http: int
    code: int
    reason: str
    becomes: int | None = None


REPLIES = (
    Reply(http=400, code=3, reason="REQUEST_MALFORMED"),
    Reply(http=401, code=16, reason="NOT_AUTHENTICATED"),
    # Envoy says 403 only of a token for another audience, which the services call unauthenticated.
    Reply(http=403, code=16, reason="NOT_AUTHENTICATED", becomes=401),
    Reply(http=404, code=5, reason="ROUTE_NOT_FOUND"),
    Reply(http=405, code=12, reason="METHOD_NOT_ALLOWED"),
    Reply(http=408, code=4, reason="REQUEST_TIMEOUT"),
    Reply(http=413, code=8, reason="BODY_TOO_LARGE"),
    Reply(http=415, code=3, reason="MEDIA_TYPE_NOT_SUPPORTED"),
    Reply(http=429, code=8, reason="RATE_LIMITED"),
    Reply(http=431, code=8, reason="HEADERS_TOO_LARGE"),
    Reply(http=500, code=13, reason="GATEWAY_FAULT"),
    Reply(http=502, code=14, reason="UPSTREAM_FAULT"),
    Reply(http=503, code=14, reason="SERVICE_UNAVAILABLE"),
    Reply(http=504, code=4, reason="UPSTREAM_TIMEOUT"),
)


def local_replies() -> Json:
    return {
        "mappers": [
            *[_mapper(reply) for reply in REPLIES],
            *[
                {"filter": _has_status(reply.http), "status_code": reply.becomes}
                for reply in REPLIES
                if reply.becomes
            ],
        ]
    }


def _mapper(reply: Reply) -> Json:
    return {
        "status_code": reply.becomes or reply.http,
        "filter": {"and_filter": {"filters": [_has_status(reply.http), _asks_for_json()]}},
        "body_format_override": {
            "json_format": {
                "code": reply.code,
                "message": "%LOCAL_REPLY_BODY%",
                "details": [
                    {
                        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                        "reason": reply.reason,
                        "domain": ERROR_DOMAIN,
                        "metadata": {"requestId": "%REQ(X-REQUEST-ID)%"},
                    }
                ],
            }
        },
    }


def _has_status(http: int) -> Json:
    value = {"default_value": http, "runtime_key": f"local_reply.{http}"}
    return {"status_code_filter": {"comparison": {"op": "EQ", "value": value}}}


def _asks_for_json() -> Json:
    """Match JSON callers: once transcoded they look like gRPC, but keep their original path."""
    transcoded = {"name": "x-envoy-original-path", "present_match": True}
    not_grpc = {
        "name": "content-type",
        "string_match": {"prefix": "application/grpc"},
        "invert_match": True,
        "treat_missing_header_as_empty": True,
    }
    headers = [{"header_filter": {"header": header}} for header in (transcoded, not_grpc)]
    return {"or_filter": {"filters": headers}}
