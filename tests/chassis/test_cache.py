"""Promises of the bounded map whose entries expire."""

from chassis.cache import ExpiringCache


def test_an_entry_is_found_until_its_time_is_up() -> None:
    cache: ExpiringCache[str, int] = ExpiringCache(2)
    cache.put("a", 1, expiry=10.0)
    assert cache.find("a", 9.9) == 1
    assert cache.find("a", 10.0) is None
    assert len(cache) == 0


def test_the_least_used_entry_makes_room() -> None:
    cache: ExpiringCache[str, int] = ExpiringCache(2)
    cache.put("a", 1, expiry=10.0)
    cache.put("b", 2, expiry=10.0)
    cache.find("a", 0.0)
    cache.put("c", 3, expiry=10.0)
    assert (cache.find("a", 0.0), cache.find("b", 0.0), cache.find("c", 0.0)) == (1, None, 3)


def test_it_never_holds_more_than_its_size() -> None:
    cache: ExpiringCache[int, int] = ExpiringCache(10)
    for number in range(1_000):
        cache.put(number, number, expiry=10.0)
    assert len(cache) == 10


def test_dropped_and_cleared_entries_are_gone() -> None:
    cache: ExpiringCache[str, int] = ExpiringCache(3)
    cache.put("a", 1, expiry=10.0)
    cache.put("b", 2, expiry=10.0)
    cache.drop("a")
    cache.drop("never there")
    assert (cache.find("a", 0.0), cache.find("b", 0.0)) == (None, 2)
    cache.clear()
    assert len(cache) == 0
