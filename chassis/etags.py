"""The etag of a record is its version: what a caller saw, said back when changing it."""

from chassis.errors import EtagMismatch


def etag_of(version: int) -> str:
    """Return the etag of a version."""
    return f'"{version}"'


def check_etag(etag: str, version: int) -> None:
    """Raise EtagMismatch (ABORTED) unless the caller has seen the present version."""
    actual = etag_of(version)
    if etag != actual:
        raise EtagMismatch(expected=etag, actual=actual)
