"""Refusals and faults as typed facts, each with a reason, a gRPC kind and texts in two languages.

Every layer, the pure domain included, raises these; one interceptor turns them into a
status on the wire. This module must not import anything but the standard library, must not
know gRPC, and must never put personal data into metadata: metadata leaves the process.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Kind(StrEnum):
    """The canonical gRPC codes by name, so that the domain can name one without gRPC."""

    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"
    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    NOT_FOUND = "NOT_FOUND"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    RESOURCE_EXHAUSTED = "RESOURCE_EXHAUSTED"
    FAILED_PRECONDITION = "FAILED_PRECONDITION"
    ABORTED = "ABORTED"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    UNIMPLEMENTED = "UNIMPLEMENTED"
    INTERNAL = "INTERNAL"
    UNAVAILABLE = "UNAVAILABLE"
    DATA_LOSS = "DATA_LOSS"
    UNAUTHENTICATED = "UNAUTHENTICATED"


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """One field of a request that cannot be accepted: its path, a reason and both texts."""

    field: str
    reason: str
    zh: str
    en: str


class DomainError(Exception):
    """A refusal or fault that the caller may be told.

    A subclass names a fact (`EtagMismatch`) and sets `kind`, `zh` and `en`. The texts are
    format templates over the metadata and say what to do; metadata that a template names and
    the raiser left out shows as "?". The reason on the wire is the class name in upper snake.
    Metadata keeps the names of the contract (a state, a kind); `words` says them in Chinese.
    """

    domain: ClassVar[str] = "guantong"
    kind: ClassVar[Kind]
    zh: ClassVar[str]
    en: ClassVar[str]
    words: ClassVar[Mapping[str, Mapping[str, str]]] = {}
    """By the name of a fact, and by its value: several values are joined by ", "."""
    reason: ClassVar[str] = "DOMAIN_ERROR"
    retry_after_ms_default: ClassVar[int | None] = None

    def __init_subclass__(cls, **kwargs: object) -> None:
        """Name the reason of the new class once."""
        super().__init_subclass__(**kwargs)
        cls.reason = _WORD_START.sub("_", cls.__name__).upper()

    def __init__(
        self,
        *,
        violations: Sequence[FieldViolation] = (),
        retry_after_ms: int | None = None,
        **metadata: str,
    ) -> None:
        """Keep the facts; texts are rendered only when somebody asks for them."""
        super().__init__()
        self.violations = tuple(violations)
        self.metadata = metadata
        self.retry_after_ms = (
            self.retry_after_ms_default if retry_after_ms is None else retry_after_ms
        )

    def message(self, locale: str) -> str:
        """Return the text for a BCP 47 locale: English for `en` and `en-*`, else Chinese."""
        if locale == "en" or locale.startswith(("en-", "en_")):
            return self.en.format_map(_Metadata(self.metadata))
        return self.zh.format_map(_Metadata(self.metadata | self._in_chinese()))

    def _in_chinese(self) -> dict[str, str]:
        return {
            name: "、".join(words.get(each, each) for each in self.metadata[name].split(", "))
            for name, words in self.words.items()
            if name in self.metadata
        }

    def __str__(self) -> str:
        """Return reason and metadata, for logs and tests."""
        facts = " ".join(f"{name}={value}" for name, value in self.metadata.items())
        fields = " ".join(f"{each.field}:{each.reason}" for each in self.violations)
        return " ".join(part for part in (self.reason, facts, fields) if part)


class _Metadata(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "?"


# What the request itself gets wrong.


class FieldsInvalid(DomainError):
    """Fields of the request break their limits; `violations` lists each of them."""

    kind = Kind.INVALID_ARGUMENT
    zh = "请求中有字段不符合要求，请按所列字段逐项更正后重新提交。"
    en = "Some fields are not acceptable. Correct each listed field and send the request again."


class PageTokenInvalid(DomainError):
    """A page token that was altered, or made for other filters."""

    kind = Kind.INVALID_ARGUMENT
    zh = "翻页标记无效，或与当前筛选条件不符。请从第一页重新查询。"
    en = "The page token is not valid for these filters. Start again from the first page."


class CursorExpired(DomainError):
    """A feed cursor of another epoch, or one that points where the feed never was."""

    kind = Kind.OUT_OF_RANGE
    zh = "同步游标已失效，不能从此处继续。请重新全量加载，再从新游标继续。"
    en = "The cursor has expired. Load everything again and continue from the new cursor."


# Who may do what.


class NotAuthenticated(DomainError):
    """No token, or one that does not prove who calls; `problem` says which check failed."""

    kind = Kind.UNAUTHENTICATED
    zh = "登录凭证缺失、无效或已过期（{problem}）。请重新登录后再试。"
    en = "The access token is missing, not valid or expired ({problem}). Sign in and try again."


class PermissionDenied(DomainError):
    """The caller is known, and no role of theirs has `permission`."""

    kind = Kind.PERMISSION_DENIED
    zh = "您的角色没有所需权限“{permission}”。如确需办理，请联系本单位管理员授权。"
    en = "None of your roles has the permission {permission}. Ask your administrator to grant it."


# What the state of things refuses.


class ResourceNotFound(DomainError):
    """No such resource, or none that the caller may see; `name` is the resource name."""

    kind = Kind.NOT_FOUND
    zh = "未找到“{name}”，或您无权查看。请核对名称。"
    en = "{name} does not exist or is not visible to you. Check the name."


class EtagMismatch(DomainError):
    """Someone changed the resource first; `expected` is the caller's etag, `actual` today's."""

    kind = Kind.ABORTED
    zh = "该记录已被他人修改（您的版本 {expected}，当前版本 {actual}）。请重新读取、核对后再提交。"
    en = (
        "The resource was changed by someone else (yours {expected}, current {actual}). "
        "Read it again, compare, and repeat the change if it is still right."
    )


class RequestIdReused(DomainError):
    """The request id was used before with another body."""

    kind = Kind.ALREADY_EXISTS
    zh = "请求编号 {request_id} 已用于另一内容的请求。新的操作请使用新的请求编号。"
    en = (
        "The request id {request_id} was already used with another body. Use a new id for a "
        "new intent."
    )


class NotYetKnown(DomainError):
    """A fact owned elsewhere (`name`) has not arrived here yet; it is no refusal."""

    kind = Kind.UNAVAILABLE
    zh = "所需信息“{name}”尚未同步到本系统。请稍后重试。"
    en = "{name} is not known here yet. Try again shortly."
    retry_after_ms_default = 1_000


# What the service cannot do now.


class ServiceBusy(DomainError):
    """More calls are in progress than the service accepts."""

    kind = Kind.RESOURCE_EXHAUSTED
    zh = "系统繁忙。请稍后重试。"
    en = "The service is busy. Try again shortly."
    retry_after_ms_default = 500


class ServiceUnavailable(DomainError):
    """A part that the service needs is not there, or the service is stopping."""

    kind = Kind.UNAVAILABLE
    zh = "服务暂不可用。请稍后以同一请求编号重试。"
    en = "The service is not available now. Try again shortly with the same request id."
    retry_after_ms_default = 1_000


class DeadlinePassed(DomainError):
    """The caller's deadline passed before the answer was ready."""

    kind = Kind.DEADLINE_EXCEEDED
    zh = "未能在规定时间内完成，结果未知。请以同一请求编号重试。"
    en = "The deadline passed and the outcome is unknown. Repeat the call with the same request id."


class InternalFault(DomainError):
    """A defect of ours; the details are in the log under `request_id`, never in the answer."""

    kind = Kind.INTERNAL
    zh = "系统内部错误。请稍后重试；如仍出现，请将编号 {request_id} 告知管理员。"
    en = "Internal fault. Try again; if it persists, give the id {request_id} to the administrator."
