"""Organisations: schools, colleges, bureaus, enterprises, zones, each under a fixed id.

Names and regions are kept with their dates, so that a fact of the past is read as it was. What
ends has successors from a date on: records stay where they were written, and who asks for them
asks who answers for them now (successions.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, Self

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.codes import check_school_code, check_uscc
from services.enrollment.domain.events import Event
from services.enrollment.domain.organisation_parts import (
    DatedName,
    DatedRegion,
    EndKind,
    NameKind,
    Succession,
)
from services.enrollment.domain.organisation_refusals import (
    EffectiveDateWrong,
    NameUnchanged,
    OrganisationBlocked,
    OrganisationEnded,
    OrganisationNotBlocked,
    OrganisationTakesOverLater,
    ReportsToItself,
    SuccessorNotInOperation,
    SuccessorsWrong,
)
from services.enrollment.domain.regions import Regions, check_region

_DAY = timedelta(days=1)


class Kind(StrEnum):
    """What kind of organisation it is."""

    SECONDARY_VOCATIONAL = "SECONDARY_VOCATIONAL"
    HIGHER_VOCATIONAL = "HIGHER_VOCATIONAL"
    UNIVERSITY = "UNIVERSITY"
    FIVE_YEAR_VOCATIONAL = "FIVE_YEAR_VOCATIONAL"
    TECHNICIAN = "TECHNICIAN"
    ENTERPRISE = "ENTERPRISE"
    EDUCATION_BUREAU = "EDUCATION_BUREAU"
    ASSISTANCE_OFFICE = "ASSISTANCE_OFFICE"
    FINANCE_BUREAU = "FINANCE_BUREAU"
    EXAM_AUTHORITY = "EXAM_AUTHORITY"
    ZONE = "ZONE"
    AUDIT = "AUDIT"
    SUITE = "SUITE"


# Whose school codes carry a national code of higher education.
HIGHER_EDUCATION: Final = frozenset({Kind.HIGHER_VOCATIONAL, Kind.UNIVERSITY})


class State(StrEnum):
    """What is recorded of an organisation; one whose end lies ahead is ENDED and acts until it."""

    ACTIVE = "ACTIVE"
    BLOCKED = "BLOCKED"
    ENDED = "ENDED"


@dataclass(kw_only=True)
class Organisation(Aggregate):
    """An organisation that takes part in pathways or assistance."""

    id: str
    state: State = State.ACTIVE
    display_name: str
    english_name: str
    raw_names: list[str]
    names: list[DatedName]
    kind: Kind
    region_code: str
    regions: list[DatedRegion]
    zone: str = ""
    school_code: str
    uscc: str
    reports_to: list[str] = field(default_factory=list)
    established_date: date | None = None
    end_date: date | None = None
    end_kind: EndKind | None = None
    successors: list[Succession] = field(default_factory=list)
    block_reason: str = ""
    made_up: bool

    @classmethod
    def register(
        cls,
        *,
        regions: Regions,
        on: date,
        new_id: str,
        display_name: str,
        english_name: str,
        raw_names: list[str],
        kind: Kind,
        region_code: str,
        school_code: str,
        uscc: str,
        made_up: bool,
        zone: str = "",
        reports_to: Sequence[str] = (),
        established_date: date | None = None,
    ) -> Self:
        """Register an organisation whose region is said by the codes of the day `on`.

        Refuses a region code of another time, a school code whose parts do not fit, and a USCC
        whose check digit is wrong. Names as printed in a source are kept beside the right one (S0
        prints 沐阳 for 沭阳). A functional zone has its host's code (AREA: no national one).
        """
        check_region(regions, region_code, on=on)
        if school_code:
            is_higher = kind in HIGHER_EDUCATION
            check_school_code(school_code, region_code=region_code, is_higher=is_higher)
        if uscc:
            check_uscc(uscc)
        organisation = cls(
            id=new_id,
            display_name=display_name,
            english_name=english_name,
            raw_names=list(dict.fromkeys(raw_names)),
            names=[
                DatedName(
                    text=display_name, kind=NameKind.REGISTERED, valid_from_date=established_date
                )
            ],
            kind=kind,
            region_code=region_code,
            regions=[DatedRegion(region_code=region_code, valid_from_date=established_date)],
            zone=zone,
            school_code=school_code,
            uscc=uscc,
            established_date=established_date,
            made_up=made_up,
        )
        organisation._report(reports_to)
        organisation._happened(Event.ORGANISATION_REGISTERED)
        return organisation

    def rename(
        self, *, display_name: str, english_name: str, effective_date: date, today: date
    ) -> None:
        """Take another registered name from a day on, not one ahead; the former stays findable."""
        self.check_not_ended(on=effective_date)
        if display_name == self.display_name:
            raise NameUnchanged
        present = next(each for each in self.names if self._is_present(each))
        after = present.valid_from_date or self.established_date
        self._check_effective(effective_date, after=after, until=today)
        former = replace(present, valid_to_date=effective_date - _DAY)
        named = DatedName(
            text=display_name, kind=NameKind.REGISTERED, valid_from_date=effective_date
        )
        self.names = [named, former, *(each for each in self.names if each is not present)]
        self.display_name = display_name
        self.english_name = english_name
        self._happened(Event.ORGANISATION_RENAMED)

    def add_alias(self, alias: DatedName) -> None:
        """Keep another name that people use, with its days; the same once more replaces it."""
        others = [
            each
            for each in self.names
            if each.kind is not NameKind.ALIAS or each.text != alias.text
        ]
        self.names = [*others, alias]
        self._happened(Event.ORGANISATION_ALIAS_ADDED)

    def relocate(
        self, regions: Regions, *, region_code: str, zone: str, effective_date: date, today: date
    ) -> None:
        """Belong to another region or zone from a day on: it moved, or its region was renumbered.

        The code must be one of that day: 吴江 320584 became 320509 in 2012 (AREA).
        """
        self.check_not_ended(on=effective_date)
        check_region(regions, region_code, on=effective_date)
        present = self.regions[0]
        after = present.valid_from_date or self.established_date
        self._check_effective(effective_date, after=after, until=today)
        former = replace(present, valid_to_date=effective_date - _DAY)
        located = DatedRegion(region_code=region_code, valid_from_date=effective_date)
        self.regions = [located, former, *self.regions[1:]]
        self.region_code = region_code
        self.zone = zone
        self._happened(Event.ORGANISATION_RELOCATED)

    def reassign(self, reports_to: Sequence[str]) -> None:
        """Report to these from now on, each for some business.

        沭阳, 昆山 and 泰兴 bureaus are addressed by the province directly, beside the city that
        their code belongs to (JS21, JS22): a tree by region codes would be wrong.
        """
        self._report(reports_to)
        self._happened(Event.ORGANISATION_REASSIGNED)

    def block(self, *, reason: str) -> None:
        """Keep the organisation from everything new until it is unblocked."""
        self.check_not_blocked()
        self.block_reason = reason
        self._settle()
        self._happened(Event.ORGANISATION_BLOCKED)

    def unblock(self) -> None:
        """Lift the block."""
        if not self.block_reason:
            raise OrganisationNotBlocked(name=self.resource_name)
        self.block_reason = ""
        self._settle()
        self._happened(Event.ORGANISATION_UNBLOCKED)

    def merge(self, successor: "Organisation", *, effective_date: date) -> None:
        """End from a day on, taken over by another; the day may lie ahead."""
        link = Succession(organisation=successor.id, effective_date=effective_date)
        self._end(EndKind.MERGED, [link], [successor], effective_date)
        self._happened(Event.ORGANISATION_MERGED)

    def close(self, keeper: "Organisation | None", *, effective_date: date) -> None:
        """End from a day on; `keeper`, if there is one, answers for the records."""
        keepers = [keeper] if keeper else []
        links = [
            Succession(organisation=each.id, effective_date=effective_date) for each in keepers
        ]
        self._end(EndKind.CLOSED, links, keepers, effective_date)
        self._happened(Event.ORGANISATION_CLOSED)

    def split(
        self, links: Sequence[Succession], parts: Sequence["Organisation"], *, continues: bool
    ) -> None:
        """Give majors to others from a day on, and go on without them or end.

        Every record has one holder: a major is named by one part only, and if the organisation
        ends, exactly one part names none and takes all the others.
        """
        effective_date = links[0].effective_date
        self._check_parts(links, continues=continues)
        if continues:
            self._check_successors(parts, on=effective_date)
            self.successors = [*self.successors, *links]
        else:
            self._end(EndKind.SPLIT, links, parts, effective_date)
        self._happened(Event.ORGANISATION_SPLIT)

    def check_does_not_take_over(self, others: Sequence["Organisation"], *, until: date) -> None:
        """Refuse to end by a day on which others, which name it as successor, come to it."""
        for other in others:
            for link in other.successors:
                if link.organisation == self.id and link.effective_date >= until:
                    raise OrganisationTakesOverLater(
                        name=other.resource_name, date=link.effective_date.isoformat()
                    )

    def check_open_to_new(self, *, on: date) -> None:
        """Refuse a new fact of a day on which the organisation is blocked or there no more."""
        self.check_not_ended(on=on)
        self.check_not_blocked()

    def check_not_blocked(self) -> None:
        """Refuse what a blocked organisation may not do."""
        if self.block_reason:
            raise OrganisationBlocked(name=self.resource_name)

    def check_not_ended(self, *, on: date) -> None:
        """Refuse what an organisation may not do after its end."""
        if self.end_date is not None and on >= self.end_date:
            successors = [f"organisations/{each.organisation}" for each in self.successors]
            raise OrganisationEnded(
                name=self.resource_name,
                end_date=self.end_date.isoformat(),
                successors=", ".join(successors) or "-",
            )

    @property
    def resource_name(self) -> str:
        """The name under which everybody knows it."""
        return f"organisations/{self.id}"

    @staticmethod
    def _is_present(name: DatedName) -> bool:
        return name.kind is NameKind.REGISTERED and name.valid_to_date is None

    def _report(self, reports_to: Sequence[str]) -> None:
        if self.id in reports_to:
            raise ReportsToItself
        self.reports_to = list(dict.fromkeys(reports_to))

    def _end(
        self,
        kind: EndKind,
        links: Sequence[Succession],
        successors: Sequence["Organisation"],
        effective_date: date,
    ) -> None:
        if self.end_date is not None:
            self.check_not_ended(on=self.end_date)
        earlier = [each.effective_date for each in self.successors]
        after = max(
            [*earlier, *([self.established_date] if self.established_date else [])], default=None
        )
        self._check_effective(effective_date, after=after, until=date.max)
        self._check_successors(successors, on=effective_date)
        self.end_kind = kind
        self.end_date = effective_date
        self.successors = [*self.successors, *links]
        self._settle()

    def _check_parts(self, links: Sequence[Succession], *, continues: bool) -> None:
        majors = [code for link in links for code in link.major_codes]
        given_before = {code for link in self.successors for code in link.major_codes}
        rest_count = sum(not link.major_codes for link in links)
        if len({link.organisation for link in links}) < len(links):
            raise SuccessorsWrong(problem="one is named twice")
        if len(set(majors)) < len(majors) or given_before.intersection(majors):
            raise SuccessorsWrong(problem="a major is given twice")
        if rest_count != (0 if continues else 1):
            raise SuccessorsWrong(problem="who takes the majors that are not named")

    def _check_successors(self, successors: Sequence["Organisation"], *, on: date) -> None:
        for each in successors:
            if each.id == self.id:
                raise SuccessorsWrong(problem="it is its own successor")
            begins = each.established_date
            is_there = (begins is None or begins <= on) and (
                each.end_date is None or on < each.end_date
            )
            if not is_there or each.block_reason:
                raise SuccessorNotInOperation(name=each.resource_name, date=on.isoformat())

    @staticmethod
    def _check_effective(effective_date: date, *, after: date | None, until: date) -> None:
        if (after is not None and effective_date <= after) or effective_date > until:
            raise EffectiveDateWrong(
                effective_date=effective_date.isoformat(),
                after=after.isoformat() if after else "-",
                until=until.isoformat() if until != date.max else "-",
            )

    def _settle(self) -> None:
        if self.end_date is not None:
            self.state = State.ENDED
        else:
            self.state = State.BLOCKED if self.block_reason else State.ACTIVE
