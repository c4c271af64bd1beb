"""Organisations: schools, colleges, bureaus, enterprises, zones, each under a fixed id."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from services.enrollment.domain.aggregate import Aggregate
from services.enrollment.domain.codes import check_region_code, check_uscc
from services.enrollment.domain.events import Event


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


@dataclass(kw_only=True)
class Organisation(Aggregate):
    """An organisation that takes part in pathways or assistance."""

    id: str
    display_name: str
    english_name: str
    raw_names: list[str]
    kind: Kind
    region_code: str
    school_code: str
    uscc: str
    made_up: bool

    @classmethod
    def register(
        cls,
        *,
        new_id: str,
        display_name: str,
        english_name: str,
        raw_names: list[str],
        kind: Kind,
        region_code: str,
        school_code: str,
        uscc: str,
        made_up: bool,
    ) -> Self:
        """Register an organisation.

        Refuses a region of no province, and a USCC whose check digit is wrong. Names as printed
        in a source are kept beside the right one (S0 prints 沐阳 for 沭阳).
        """
        check_region_code(region_code)
        if uscc:
            check_uscc(uscc)
        organisation = cls(
            id=new_id,
            display_name=display_name,
            english_name=english_name,
            raw_names=list(dict.fromkeys(raw_names)),
            kind=kind,
            region_code=region_code,
            school_code=school_code,
            uscc=uscc,
            made_up=made_up,
        )
        organisation._happened(Event.ORGANISATION_REGISTERED)
        return organisation
