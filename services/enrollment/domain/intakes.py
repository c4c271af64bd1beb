"""How many places a college plans for a year, and what is to be warned of.

A warning refuses nothing: the source demands smaller plans of later years (JS22).
"""

from dataclasses import dataclass
from datetime import date

from services.enrollment.domain.pathways import Type
from services.enrollment.domain.policies import Place, PolicyTable
from services.enrollment.domain.policy_refusals import PolicyNotInForce


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeWarning:
    """That the planned intake of a college is above the maximum of its year."""

    back: str
    approval_year: int
    planned_intake: int
    intake_max: int
    cut_from_year: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeLimit:
    """What holds for the colleges of a province for the projects of one year."""

    province: str
    types: frozenset[Type]
    intake_max: int
    cut_from_year: int
    source: str

    def check(self, *, back: str, approval_year: int, planned_intake: int) -> IntakeWarning | None:
        """Return the warning for a college, if there is one.

        A college whose 3+3 intake exceeds 500 a year must cut it from 2023 (JS22).
        """
        if planned_intake <= self.intake_max:
            return None
        return IntakeWarning(
            back=back,
            approval_year=approval_year,
            planned_intake=planned_intake,
            intake_max=self.intake_max,
            cut_from_year=self.cut_from_year,
            source=self.source,
        )


def find_limit(policies: PolicyTable, *, province: str, approval_year: int) -> IntakeLimit | None:
    """Return the limit of a province (two digits) for a year, or None where there is none."""
    on, place = date(approval_year, 1, 1), Place(province)
    try:
        intake_max = policies.number("pathways.intake_max", on=on, place=place)
        types = policies.texts("pathways.intake_types", on=on, place=place)
        cut_from_year = policies.number("pathways.intake_cut_from_year", on=on, place=place)
    except PolicyNotInForce:
        return None
    return IntakeLimit(
        province=province,
        types=frozenset(map(Type, types)),
        intake_max=intake_max,
        cut_from_year=cut_from_year,
        source=policies.row("pathways.intake_max", on=on, place=place).source,
    )


def list_limits(policies: PolicyTable, *, approval_year: int) -> list[IntakeLimit]:
    """Return the limits of all provinces that have one for a year."""
    provinces = {row.province for row in policies.rows.get("pathways.intake_max", ())}
    found = (
        find_limit(policies, province=province, approval_year=approval_year)
        for province in sorted(provinces - {""})
    )
    return [limit for limit in found if limit is not None]
