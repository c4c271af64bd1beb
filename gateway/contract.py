"""The contract as the gateway sees it: methods with their HTTP bindings, comments, permissions.

Read from the descriptor set, never from generated code, so that one process serves whatever
contract it is given.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from google.api import annotations_pb2
from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
)
from guantong.options.v1 import options_pb2

# Field numbers in descriptor.proto: they make up the paths of comments.
_FILE_MESSAGE, _FILE_ENUM, _FILE_SERVICE = 4, 5, 6
_MESSAGE_FIELD, _MESSAGE_NESTED, _MESSAGE_ENUM, _SERVICE_METHOD = 2, 3, 4, 2

_PACKAGE = re.compile(r"guantong\.([a-z0-9_]+)\.v\d+")
_SHARED_PACKAGES = {"common", "options"}


@dataclass(frozen=True, kw_only=True)
class Method:
    """An RPC; `service` is its full name, such as guantong.transfer.v1.ApplicationService."""

    service: str
    descriptor: MethodDescriptorProto
    comment: str

    @property
    def path(self) -> str:
        return f"/{self.service}/{self.descriptor.name}"

    @property
    def permission(self) -> str:
        permission: str = self.descriptor.options.Extensions[options_pb2.permission]
        return permission

    @property
    def bindings(self) -> list[HttpRule]:
        """Its HTTP bindings; none when it cannot be reached as JSON."""
        if not self.descriptor.options.HasExtension(annotations_pb2.http):
            return []
        rule = self.descriptor.options.Extensions[annotations_pb2.http]
        return [rule, *rule.additional_bindings]


class Contract:
    """A descriptor set with imports and source information; names have no leading dot."""

    def __init__(self, files: FileDescriptorSet) -> None:
        """Index messages, enums and comments by full name (a field's is `message.field`)."""
        self.files = [file for file in files.file if _PACKAGE.match(file.package)]
        self.messages: dict[str, DescriptorProto] = {}
        self.enums: dict[str, EnumDescriptorProto] = {}
        self.comments: dict[str, str] = {}
        for file in files.file:
            self._index(file)

    @classmethod
    def load(cls, path: Path) -> Self:
        return cls(FileDescriptorSet.FromString(path.read_bytes()))

    @cached_property
    def methods(self) -> list[Method]:
        """Every RPC of our packages, in the order of the files."""
        return [
            Method(
                service=(name := f"{file.package}.{service.name}"),
                descriptor=method,
                comment=self.comments.get(f"{name}.{method.name}", ""),
            )
            for file in self.files
            for service in file.service
            for method in service.method
        ]

    def transcoded_services(self) -> list[str]:
        """Return the services with at least one HTTP binding."""
        return sorted({method.service for method in self.methods if method.bindings})

    def streaming_paths(self) -> list[str]:
        """Return the gRPC paths of the RPCs that stream, which no timeout may cut."""
        return sorted(
            method.path
            for method in self.methods
            if method.descriptor.server_streaming or method.descriptor.client_streaming
        )

    def common_services(self) -> list[str]:
        """Return the services of packages that no process is named after."""
        return sorted(
            {
                method.service
                for method in self.methods
                if (match := _PACKAGE.match(method.service)) and match[1] in _SHARED_PACKAGES
            }
        )

    def _index(self, file: FileDescriptorProto) -> None:
        comments = {
            tuple(location.path): _text(location.leading_comments or location.trailing_comments)
            for location in file.source_code_info.location
        }
        for name, path, descriptor in _walk(file):
            if comment := comments.get(path):
                self.comments[name] = comment
            if isinstance(descriptor, DescriptorProto):
                self.messages[name] = descriptor
            elif isinstance(descriptor, EnumDescriptorProto):
                self.enums[name] = descriptor


def _text(comment: str) -> str:
    """Return a comment without the blank that follows `//` in each line."""
    return "\n".join(line.strip() for line in comment.strip().splitlines())


_Descriptor = DescriptorProto | EnumDescriptorProto | FieldDescriptorProto | None
Named = tuple[str, tuple[int, ...], _Descriptor]


def _walk(file: FileDescriptorProto) -> Iterator[Named]:
    package = file.package
    for index, message in enumerate(file.message_type):
        yield from _walk_message(f"{package}.{message.name}", (_FILE_MESSAGE, index), message)
    for index, enum in enumerate(file.enum_type):
        yield f"{package}.{enum.name}", (_FILE_ENUM, index), enum
    for index, service in enumerate(file.service):
        name = f"{package}.{service.name}"
        path = (_FILE_SERVICE, index)
        yield name, path, None
        for number, method in enumerate(service.method):
            yield f"{name}.{method.name}", (*path, _SERVICE_METHOD, number), None


def _walk_message(name: str, path: tuple[int, ...], message: DescriptorProto) -> Iterator[Named]:
    yield name, path, message
    for index, field in enumerate(message.field):
        yield f"{name}.{field.name}", (*path, _MESSAGE_FIELD, index), field
    for index, enum in enumerate(message.enum_type):
        yield f"{name}.{enum.name}", (*path, _MESSAGE_ENUM, index), enum
    for index, nested in enumerate(message.nested_type):
        yield from _walk_message(f"{name}.{nested.name}", (*path, _MESSAGE_NESTED, index), nested)
