"""Opens the sealed fields of messages for the parties that may read them, before an answer.

A stored message carries `guantong.common.v1.Sealed sealed`: a subject and its sealed fields. For
a party the values are opened into the fields of the same names; for everybody else they are
left out. Systems get them sealed: they open what they may by themselves. A value that does not
open, because it was damaged, is left out, logged, and named in `sealed.damaged`: one damaged value
must not take the page that it is on away from its readers.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any
from uuid import UUID

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from chassis import logs
from chassis.identity import Caller
from chassis.keys import KeyStore
from chassis.sealed import DataKey, Opener, SealBroken

SYSTEM_ROLE = "system"
_log = logs.get_logger(__name__)
_INTEGERS = (FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_INT64)
# The parties of a message, as organisation ids.
Parties = Callable[[Message], Collection[str]]


class Presenter:
    """Prepares messages for a caller, in place."""

    def __init__(self, keys: KeyStore, parties: Parties) -> None:
        self._keys = keys
        self._parties = parties

    async def __call__(self, messages: Sequence[Message], caller: Caller) -> None:
        """Open or leave out the sealed fields of messages; others are left as they are."""
        if SYSTEM_ROLE in caller.roles:
            return
        sealed = [each for each in messages if _is_sealed(each)]
        readable = [each for each in sealed if caller.organisation in self._parties(each)]
        damaged: dict[int, list[str]] = {}
        if readable:
            subjects = [UUID(_sealed(each).subject) for each in readable]
            keys = await self._keys.get_many(list(dict.fromkeys(subjects)))
            for message, subject in zip(readable, subjects, strict=True):
                # Without a key the subject was erased: its fields stay empty.
                if (key := keys.get(subject)) and (broken := _open(message, key)):
                    damaged[id(message)] = broken
        for message in sealed:
            message.ClearField("sealed")
            if broken := damaged.get(id(message), []):
                _sealed(message).damaged.extend(broken)


def _is_sealed(message: Message) -> bool:
    return "sealed" in message.DESCRIPTOR.fields_by_name and message.HasField("sealed")


def _sealed(message: Message) -> Any:
    return message.sealed  # type: ignore[attr-defined] # checked by _is_sealed


def _open(message: Message, key: DataKey) -> list[str]:
    """Open the sealed fields of a message; return those that are damaged."""
    opener, broken = Opener(key), []
    for name, value in _sealed(message).fields.items():
        try:
            text = opener.open(name, value)
        except SealBroken:
            record = getattr(message, "name", "")
            _log.error("sealed value does not open", record=record, field=name)
            broken.append(name)
            continue
        # What is sealed is text; a value of an enum is its name.
        is_number = message.DESCRIPTOR.fields_by_name[name].cpp_type in _INTEGERS
        setattr(message, name, int(text) if is_number else text)
    return broken


def parties_by_fields(*fields: str) -> Parties:
    """Return the parties that fields of a message name (`organisations/{id}`)."""

    def parties(message: Message) -> Collection[str]:
        names = (getattr(message, field, "") for field in fields)
        return {name.removeprefix("organisations/") for name in names if name}

    return parties
