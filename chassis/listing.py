"""Lists: typed filters, the reader's scope, a keyset and a bound, as one statement a combination.

A statement is compiled once for each combination of filters that is asked for, so that the
planner sees only conditions that are there.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Integer, Select, bindparam, select, union_all

from chassis import db
from chassis.errors import PageTokenInvalid, ResourceNotFound
from chassis.names import name_of
from chassis.paging import Page, read_page, split

_INTEGER_BITS_MAX = 63
# A column that must equal a value, or the condition that the value's parameter, by name, is in.
Filter: TypeAlias = Column[Any] | Callable[[str], ColumnElement[bool]]


class Listing:
    """A list of rows in order of a unique key.

    `filters` maps names to columns that must equal a value, or to other conditions; `id` is the
    key unless it is said otherwise. `parties` are the columns of which one must be the reader's
    organisation when the reader has a scope; none means open to all.
    """

    def __init__(
        self,
        source: Select[Any],
        *,
        key: Column[Any],
        filters: Mapping[str, Filter],
        parties: Sequence[Column[Any]] = (),
    ) -> None:
        self._source = source
        self._key = key
        self._filters: Mapping[str, Filter] = {"id": key, **filters}
        self._parties = parties
        self._statements: dict[tuple[str, ...], db.Statement] = {}

    async def fetch(
        self, reader: db.Reader, page: Page, *, scope: str | None, **filters: Any
    ) -> tuple[Sequence[db.Row], str]:
        """Return the rows of a page and the token of the next; filters that are None are off."""
        parameters = {name: value for name, value in filters.items() if value is not None}
        if scope is not None and self._parties:
            parameters["scope"] = scope
        if page.after is not None:
            parameters["after"] = self._key_of(page.after)
        statement = self.statement(*sorted(parameters))
        rows = await reader.fetch(statement, **parameters, limit=page.limit)
        return split(page, rows, self._key.name)

    async def find(
        self, reader: db.Reader, identity: UUID | str, *, scope: str | None, **filters: Any
    ) -> db.Row | None:
        """Return the row of an id, or None where the reader may see none."""
        page = read_page(1, "", {})
        rows, _ = await self.fetch(reader, page, scope=scope, id=identity, **filters)
        return rows[0] if rows else None

    async def get(
        self,
        reader: db.Reader,
        collection: str,
        identity: UUID | str,
        *,
        scope: str | None,
        **filters: Any,
    ) -> db.Row:
        """Return the row of an id; raises ResourceNotFound where the reader may see none."""
        row = await self.find(reader, identity, scope=scope, **filters)
        if row is None:
            raise ResourceNotFound(name=name_of(collection, identity))
        return row

    def _key_of(self, after: str) -> Any:
        """Return the key in a page token, which anybody may have made."""
        try:
            key = self._key.type.python_type(after)
        except ValueError:
            raise PageTokenInvalid from None
        is_too_large = isinstance(key, int) and key.bit_length() > _INTEGER_BITS_MAX
        if is_too_large or not after.isprintable():
            raise PageTokenInvalid
        return key

    def statement(self, *names: str) -> db.Statement:
        """Return the statement of a combination of filters, in order of their names."""
        statement = self._statements.get(names)
        if statement is None:
            statement = self._compile(names)
            self._statements[names] = statement
        return statement

    def _compile(self, names: tuple[str, ...]) -> db.Statement:
        rows = self._source
        for name in names:
            if name == "after":
                rows = rows.where(self._key > bindparam("after", type_=self._key.type))
            elif name != "scope":
                rows = rows.where(_condition(self._filters[name], name))
        if "scope" not in names:
            return db.compile(self._page(rows, self._key))
        shares = [self._page(share, self._key) for share in _shares(rows, self._parties)]
        if len(shares) == 1:
            return db.compile(shares[0])
        # Each party's rows come in order by an index of its own; with OR all of them would be
        # read, and sorted, for each page.
        of_all = union_all(*shares).subquery("of_all")
        return db.compile(self._page(select(of_all), of_all.c[self._key.name]))

    def _page(self, rows: Select[Any], key: ColumnElement[Any]) -> Select[Any]:
        return rows.order_by(key).limit(bindparam("limit", type_=Integer))


def _shares(rows: Select[Any], parties: Sequence[Column[Any]]) -> Iterator[Select[Any]]:
    """Return for each party's column the rows in which the reader is that party, each row once."""
    for number, column in enumerate(parties):
        scope = bindparam("scope", type_=column.type)
        others = (each.is_distinct_from(scope) for each in parties[:number])
        yield rows.where(column == scope, *others)


def _condition(wanted: Filter, name: str) -> ColumnElement[bool]:
    if isinstance(wanted, Column):
        return wanted == bindparam(name, type_=wanted.type)
    return wanted(name)
