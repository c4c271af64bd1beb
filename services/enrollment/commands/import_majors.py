"""Imports rows of a catalogue: each is new, changed, the same, or refused by itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from chassis import db
from chassis.errors import DomainError, Kind
from services.enrollment.commands.changing import each
from services.enrollment.domain.major import Level, Major
from services.enrollment.domain.major_refusals import (
    MajorAlreadyRetired,
    MajorCodeTaken,
    MajorDatesWrong,
    MajorRowRepeated,
    MajorUnknown,
)
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.store import majors

_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class ImportMajor:
    """A row, with what the catalogue says of all its rows."""

    code: str
    level: Level
    catalogue_year: int
    display_name: str
    category: str
    subcategory: str
    valid_from_date: date
    # Codes in force until the day before that this entry follows.
    replaces: Sequence[str]


class RowSame(DomainError):
    """Not refused, but nothing to do: the entry is there just so. It never leaves as an error."""

    kind = Kind.ALREADY_EXISTS
    zh = "与目录现有内容相同。"
    en = "The entry is there just so."


async def import_majors(
    tx: db.Transaction, items: Sequence[ImportMajor], *, policies: PolicyTable
) -> list[Major | DomainError]:
    """Enter or correct each row's major, and let those that it replaces give way to it.

    The natural key is the catalogue's year and the code. Rows do not depend on their order: what
    they replace ends on the day before all of them begin. Absence removes nothing.
    """
    codes = [code for item in items for code in (item.code, *item.replaces)]
    catalogue = _Catalogue(await majors.list_of_codes_locked(tx, codes), policies)
    results = each(items, catalogue.take)
    catalogue.give_way()
    await majors.save_many(tx, catalogue.changed())
    await majors.add_many(tx, catalogue.entered)
    return results


class _Catalogue:
    """The entries of the codes in question, to which rows are added one after another."""

    def __init__(self, known: Iterable[Major], policies: PolicyTable) -> None:
        self._by_id = {major.id: major for major in known}
        self._policies = policies
        self._codes: set[str] = set()
        self._followers: dict[str, list[Major]] = {}
        self.entered: list[Major] = []

    def take(self, item: ImportMajor) -> Major:
        """Enter or correct one major; raises a refusal, or RowSame."""
        if item.code in self._codes:
            raise MajorRowRepeated(code=item.code)
        self._codes.add(item.code)
        read = self._read(item)
        present = self._by_id.get(read.id)
        former = self._former(item, read)
        new_links = [major for major in former if read.id not in major.successors]
        if present is None:
            self._check_free(item, former)
            self.entered.append(read)
            answer = read
        else:
            self._check_first_day(present, read)
            is_corrected = present.correct(read)
            if not is_corrected and not new_links:
                raise RowSame
            # Where only what it follows is news, that is what was changed.
            answer = present if is_corrected else new_links[0]
        for major in new_links:
            self._followers.setdefault(major.id, []).append(read)
        return answer

    def give_way(self) -> None:
        """End what is replaced on the day before its followers begin."""
        for former_id, followers in self._followers.items():
            self._by_id[former_id].give_way(
                valid_to_date=followers[0].valid_from_date - _DAY,
                successors=[follower.id for follower in followers],
            )

    def changed(self) -> list[Major]:
        """Return the entries that were there and are changed, those that end first.

        An entry that ends frees its code for the one that follows.
        """
        return [major for major in self._by_id.values() if major.event is not None]

    def _read(self, item: ImportMajor) -> Major:
        facts = {name: value for name, value in vars(item).items() if name != "replaces"}
        first_digits: Mapping[str, Sequence[str]] = self._policies.table(
            "majors.first_digits", on=item.valid_from_date
        )
        return Major.enter(first_digits=first_digits, **facts)

    def _former(self, item: ImportMajor, read: Major) -> list[Major]:
        """Return the entries that the row says it follows; the same major of before is one."""
        last = item.valid_from_date - _DAY
        former = []
        for code in item.replaces:
            found = [
                major
                for major in self._by_id.values()
                if major.code == code and major.is_in_force(last) and major.id != read.id
            ]
            if not found:
                raise MajorUnknown(code=code, date=last.isoformat())
            former += found
        former += [
            major
            for major in self._by_id.values()
            if (major.code, major.level, major.display_name)
            == (read.code, read.level, read.display_name)
            and major.is_in_force(last)
            and major.id != read.id
            and major not in former
        ]
        for major in former:
            # One row cannot change what another one ends.
            if major.event is not None:
                raise MajorRowRepeated(code=major.code)
            if major.valid_to_date not in {None, last}:
                raise MajorAlreadyRetired(
                    name=major.resource_name, valid_to_date=str(major.valid_to_date)
                )
        return former

    def _check_first_day(self, present: Major, read: Major) -> None:
        """Refuse to move the first day of a code that was another major's at some time."""
        is_moved = present.valid_from_date != read.valid_from_date
        if is_moved and any(
            major.code == read.code and major is not present for major in self._by_id.values()
        ):
            raise MajorDatesWrong(
                name=present.resource_name, problem="the code had another meaning"
            )
        if present.id in self._followers:
            raise MajorRowRepeated(code=read.code)

    def _check_free(self, item: ImportMajor, former: Sequence[Major]) -> None:
        for major in self._by_id.values():
            is_other = major.code == item.code and major not in former
            if is_other and major.overlaps(item.valid_from_date):
                raise MajorCodeTaken(code=item.code, name=major.resource_name)
