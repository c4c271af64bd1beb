"""Which parties and facts each kind of cooperation has.

Roles follow what the organisations are; an enterprise is one with a USCC (GB 32100). This module
must not know states.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from services.enrollment.domain.cooperation_parts import (
    CLASSES,
    ROSTERS,
    SCHOOLS,
    Entrant,
    Grade,
    Kind,
    Role,
)
from services.enrollment.domain.cooperation_refusals import (
    CooperationFactsWrong,
    CooperationPartiesWrong,
)
from services.enrollment.domain.organisation import Kind as OrganisationKind
from services.enrollment.domain.organisation import Organisation

# What takes part as what; a five-year school is school and college in one (JSLH).
ROLES: Final[Mapping[Role, frozenset[OrganisationKind]]] = {
    Role.SCHOOL: frozenset(
        {
            OrganisationKind.SECONDARY_VOCATIONAL,
            OrganisationKind.TECHNICIAN,
            OrganisationKind.FIVE_YEAR_VOCATIONAL,
        }
    ),
    Role.COLLEGE: frozenset(
        {
            OrganisationKind.HIGHER_VOCATIONAL,
            OrganisationKind.UNIVERSITY,
            OrganisationKind.FIVE_YEAR_VOCATIONAL,
        }
    ),
    Role.ENTERPRISE: frozenset({OrganisationKind.ENTERPRISE}),
    # 昆山学院 was founded with a zone (S4); bureaus sign agreements of help (S0).
    Role.BUREAU: frozenset(
        {
            OrganisationKind.EDUCATION_BUREAU,
            OrganisationKind.ASSISTANCE_OFFICE,
            OrganisationKind.FINANCE_BUREAU,
            OrganisationKind.ZONE,
        }
    ),
}


def check_entrant(entrant: Entrant, organisation: Organisation | None) -> None:
    """Raise CooperationPartiesWrong unless it is registered as what it takes part."""
    name = f"organisations/{entrant.organisation}"
    if organisation is None:
        raise CooperationPartiesWrong(name=name, problem="not registered")
    if organisation.kind not in ROLES[entrant.role]:
        raise CooperationPartiesWrong(name=name, problem="the role does not fit what it is")
    if entrant.role is Role.ENTERPRISE and not organisation.uscc:
        raise CooperationPartiesWrong(name=name, problem="an enterprise without a USCC")


def check_parties(kind: Kind, entrants: Sequence[Entrant]) -> None:
    """Raise CooperationPartiesWrong unless there are the parties that the kind needs.

    An order or named class is of one enterprise (冠名班, 订单班: S4); an enterprise
    college of one college with enterprises (S0); an articulation of a college and a school (S0:
    高博, 沭阳, 宿迁信息工程); a consortium is led by an enterprise and a school (S0: 高端纺织).
    An apprenticeship may be of two schools alone (S0: 现代学徒制帮扶结对协议).
    """
    ids = [each.organisation for each in entrants]
    for each in ids:
        if ids.count(each) > 1:
            raise _wrong(each, "one is named twice")
    roles = [each.role for each in entrants]
    schools, enterprises = sum(each in SCHOOLS for each in roles), roles.count(Role.ENTERPRISE)
    if not schools:
        raise _wrong("-", "no school or college")
    if kind in CLASSES and enterprises != 1:
        raise _wrong("-", "not exactly one enterprise")
    if kind is Kind.ENTERPRISE_COLLEGE and (schools != 1 or not enterprises):
        raise _wrong("-", "not one college with enterprises")
    if kind is Kind.ARTICULATION and not {Role.SCHOOL, Role.COLLEGE} <= set(roles):
        raise _wrong("-", "not a school and a college")
    leads = {each.role for each in entrants if each.is_lead}
    if kind is Kind.COMMUNITY and not (leads & SCHOOLS and Role.ENTERPRISE in leads):
        raise _wrong("-", "no leading enterprise or no leading school")


def check_facts(kind: Kind, *, class_name: str, student_count: int, grade: Grade | None) -> None:
    """Raise CooperationFactsWrong unless class, number of students and grade fit the kind.

    An order or named class names its class and its students (S4: 27 schools, 6526 pupils). An
    articulation carries no quota (S0: 衔接合作). Enterprise colleges have grades (S0).
    """
    problem = ""
    if (kind in CLASSES) != bool(class_name):
        problem = "the class"
    elif kind in CLASSES and not student_count:
        problem = "the number of students"
    elif kind not in ROSTERS and student_count:
        problem = "the kind has no quota"
    elif (kind is Kind.ENTERPRISE_COLLEGE) != (grade is not None):
        problem = "the grade"
    if problem:
        raise CooperationFactsWrong(kind=kind, problem=problem)


def _wrong(organisation: str, problem: str) -> CooperationPartiesWrong:
    return CooperationPartiesWrong(name=organisation, problem=problem)
