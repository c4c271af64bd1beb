"""A bounded map whose entries expire: what a hot path remembers.

It belongs to one event loop. It must not be the only place where anything is kept.
"""

from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class ExpiringCache(Generic[K, V]):
    """Keeps up to `size_max` entries, each until its own time; the least used go first.

    Times are seconds of whatever clock the owner uses, the same at each call.
    """

    def __init__(self, size_max: int) -> None:
        self._size_max = size_max
        self._entries: OrderedDict[K, tuple[V, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, key: K, now: float) -> V | None:
        """Return the value, or None when there is none or its time is up."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry[1] <= now:
            self._entries.pop(key, None)
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def put(self, key: K, value: V, *, expiry: float) -> None:
        """Keep a value until `expiry`, if need be in place of the least used one."""
        self._entries[key] = (value, expiry)
        self._entries.move_to_end(key)
        if len(self._entries) > self._size_max:
            self._entries.popitem(last=False)

    def drop(self, key: K) -> None:
        """Forget one entry, if it is there."""
        self._entries.pop(key, None)

    def clear(self) -> None:
        """Forget all."""
        self._entries.clear()
