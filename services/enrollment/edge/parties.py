"""For whom the names in a message are opened: the schools that it is about."""

from collections.abc import Collection

from google.protobuf.message import Message
from guantong.enrollment.v1.person_pb2 import Person

from chassis.interceptors import current_call
from chassis.presenting import parties_by_fields

_by_fields = parties_by_fields("front_organisation", "back_organisation")


def parties_of(message: Message) -> Collection[str]:
    """Return the parties of a message.

    A person names no school. But whoever reads within a scope is only ever given persons of whom
    the own organisation is a party; who reads everything is given no names.
    """
    if isinstance(message, Person):
        scope = current_call().scope
        return () if scope is None else (scope,)
    return _by_fields(message)
