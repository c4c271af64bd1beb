"""What Envoy itself answers (no token, no route, too large, no upstream), in the services' form.

A gRPC or gRPC-Web caller gets a status in trailers from Envoy as it is. A JSON caller gets a
google.rpc.Status with an ErrorInfo, as from a service.
"""

from dataclasses import dataclass

from gateway.envoy.types import Json

ERROR_DOMAIN = "gateway.guantong"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What an HTTP status of Envoy's own means.

    `becomes` is the status that is told instead; `is_bare` when Envoy says nothing more of it.
    """

    http: int
    code: int
    reason: str
    zh: str
    en: str
    becomes: int | None = None
    is_bare: bool = False


REPLIES = (
    Reply(
        http=400,
        code=3,
        reason="REQUEST_MALFORMED",
        zh="请求格式不正确，请对照接口文档检查路径、参数和正文。",
        en="The request is malformed: check path, parameters and body against the contract.",
    ),
    Reply(
        http=401,
        code=16,
        reason="NOT_AUTHENTICATED",
        zh="未登录或令牌无效，请重新登录后再试。",
        en="No valid token: sign in and try again.",
    ),
    # Envoy says 403 only of a token for another audience, which services call unauthenticated.
    Reply(
        http=403,
        code=16,
        reason="NOT_AUTHENTICATED",
        zh="令牌不是为本平台签发的，请重新登录后再试。",
        en="The token was issued for another audience: sign in here and try again.",
        becomes=401,
    ),
    Reply(
        http=404,
        code=5,
        reason="ROUTE_NOT_FOUND",
        zh="没有这个地址，请对照接口文档检查路径。",
        en="There is nothing at this path: check it against the contract.",
        is_bare=True,
    ),
    Reply(
        http=405,
        code=12,
        reason="METHOD_NOT_ALLOWED",
        zh="该地址不支持此方法，请对照接口文档检查。",
        en="The path does not take this method: check the contract.",
    ),
    Reply(
        http=408,
        code=4,
        reason="REQUEST_TIMEOUT",
        zh="请求发送超时，请重试。",
        en="The request took too long to arrive: try again.",
    ),
    Reply(
        http=413,
        code=8,
        reason="BODY_TOO_LARGE",
        zh="请求正文过大，请分批提交。",
        en="The body is too large: send it in parts.",
    ),
    Reply(
        http=415,
        code=3,
        reason="MEDIA_TYPE_NOT_SUPPORTED",
        zh="不支持这种正文类型，请使用 application/json。",
        en="The media type is not supported: send application/json.",
    ),
    Reply(
        http=429,
        code=8,
        reason="RATE_LIMITED",
        zh="请求过于频繁，请稍后再试。",
        en="Too many requests: wait a moment and try again.",
    ),
    Reply(
        http=431,
        code=8,
        reason="HEADERS_TOO_LARGE",
        zh="请求头过大，请减少后再试。",
        en="The headers are too large: send less.",
    ),
    Reply(
        http=500,
        code=13,
        reason="GATEWAY_FAULT",
        zh="网关内部错误，请凭请求编号联系管理员。",
        en="The gateway failed: tell the administrator the request id.",
    ),
    Reply(
        http=502,
        code=14,
        reason="UPSTREAM_FAULT",
        zh="服务的应答无法识别，请稍后再试。",
        en="The service's answer could not be read: try again later.",
    ),
    Reply(
        http=503,
        code=14,
        reason="SERVICE_UNAVAILABLE",
        zh="服务暂不可用，请稍后再试。",
        en="The service is not available: try again later.",
    ),
    Reply(
        http=504,
        code=4,
        reason="UPSTREAM_TIMEOUT",
        zh="服务未能及时应答；请用同一请求编号重试。",
        en="The service did not answer in time: try again with the same request_id.",
    ),
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
        "filter": {"and_filter": {"filters": [_has_status(reply.http), asks_for_json()]}},
        "body_format_override": {
            "json_format": {
                "code": reply.code,
                "message": reply.en if reply.is_bare else "%LOCAL_REPLY_BODY%",
                "details": [
                    {
                        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                        "reason": reply.reason,
                        "domain": ERROR_DOMAIN,
                        "metadata": {"requestId": "%REQ(X-REQUEST-ID)%"},
                    },
                    _localized("zh-CN", reply.zh),
                    _localized("en", reply.en),
                ],
            }
        },
    }


def _localized(locale: str, message: str) -> Json:
    kind = "type.googleapis.com/google.rpc.LocalizedMessage"
    return {"@type": kind, "locale": locale, "message": message}


def _has_status(http: int) -> Json:
    value = {"default_value": http, "runtime_key": f"local_reply.{http}"}
    return {"status_code_filter": {"comparison": {"op": "EQ", "value": value}}}


def asks_for_json() -> Json:
    """Match JSON callers: once transcoded they look like gRPC, but keep their original path."""
    headers = [{**_TRANSCODED, "present_match": True}, {**_OF_GRPC, "invert_match": True}]
    return {"or_filter": {"filters": [{"header_filter": {"header": each}} for each in headers]}}


def asks_for_grpc() -> Json:
    """Match all others."""
    headers = [{**_TRANSCODED, "present_match": False}, _OF_GRPC]
    return {"and_filter": {"filters": [{"header_filter": {"header": each}} for each in headers]}}


_TRANSCODED: Json = {"name": "x-envoy-original-path"}
_OF_GRPC: Json = {
    "name": "content-type",
    "string_match": {"prefix": "application/grpc"},
    "treat_missing_header_as_empty": True,
}
