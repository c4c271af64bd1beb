"""The cooperations of the founding documents, with made-up codes: who takes part, and as what."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from chassis.errors import DomainError
from services.enrollment.domain.agreement_terms import Document
from services.enrollment.domain.codes import uscc_check_character
from services.enrollment.domain.cooperation import Cooperation
from services.enrollment.domain.cooperation_parts import Agreement, Entrant, Grade, Kind, Role
from services.enrollment.domain.organisation import Kind as OrganisationKind
from services.enrollment.domain.organisation import Organisation
from services.enrollment.edge.regions import RegionList

TODAY = date(2023, 1, 31)
SHA, OTHER_SHA, PAPER = "a" * 64, "b" * 64, "c" * 64
AGREEMENT = Agreement(
    number="苏旅财合〔2022〕8号",
    sha256=SHA,
    valid_from_date=date(2022, 9, 1),
    valid_to_date=date(2025, 8, 31),
)
# Of S0 and S2, under made-up slugs, each with its kind and region.
ORGANISATIONS: dict[str, tuple[OrganisationKind, str]] = {
    "lvcai": (OrganisationKind.FIVE_YEAR_VOCATIONAL, "320500"),
    "jingmao": (OrganisationKind.FIVE_YEAR_VOCATIONAL, "321302"),
    "gaobo": (OrganisationKind.HIGHER_VOCATIONAL, "320500"),
    "shuyang": (OrganisationKind.SECONDARY_VOCATIONAL, "321322"),
    "suqianxinxi": (OrganisationKind.SECONDARY_VOCATIONAL, "321302"),
    "suzhougongye": (OrganisationKind.HIGHER_VOCATIONAL, "320500"),
    "suzhoujingmao": (OrganisationKind.HIGHER_VOCATIONAL, "320500"),
    "cslg": (OrganisationKind.UNIVERSITY, "320581"),
    "shazhou": (OrganisationKind.HIGHER_VOCATIONAL, "320582"),
    "tongcheng": (OrganisationKind.ENTERPRISE, "320500"),
    "bazhuayu": (OrganisationKind.ENTERPRISE, "320500"),
    "chuangyuan": (OrganisationKind.ENTERPRISE, "320500"),
    "hengtong": (OrganisationKind.ENTERPRISE, "320509"),
    "shenghong": (OrganisationKind.ENTERPRISE, "320509"),
    "chenyi": (OrganisationKind.ENTERPRISE, "320509"),
    "szedu": (OrganisationKind.EDUCATION_BUREAU, "320500"),
}


def uscc(serial: int) -> str:
    """Return a made-up code of an enterprise with a right check character."""
    seventeen = f"91320500MA{serial:07d}"
    return seventeen + uscc_check_character(seventeen)


def organisation(slug: str, **changes: Any) -> Organisation:
    kind, region_code = ORGANISATIONS[slug]
    serial = list(ORGANISATIONS).index(slug)
    facts: dict[str, Any] = {
        "regions": RegionList(),
        "on": TODAY,
        "new_id": slug,
        "display_name": slug,
        "english_name": "",
        "raw_names": [],
        "kind": kind,
        "region_code": region_code,
        "school_code": "",
        "uscc": uscc(serial) if kind is OrganisationKind.ENTERPRISE else "",
        "made_up": True,
    }
    registered = Organisation.register(**{**facts, **changes})
    registered.event = None
    return registered


KNOWN = {slug: organisation(slug) for slug in ORGANISATIONS}


def school(slug: str, **changes: Any) -> Entrant:
    return replace(Entrant(organisation=slug, role=Role.SCHOOL), **changes)


def college(slug: str, **changes: Any) -> Entrant:
    return replace(Entrant(organisation=slug, role=Role.COLLEGE), **changes)


def enterprise(slug: str, **changes: Any) -> Entrant:
    return replace(Entrant(organisation=slug, role=Role.ENTERPRISE), **changes)


def bureau(slug: str, **changes: Any) -> Entrant:
    return replace(Entrant(organisation=slug, role=Role.BUREAU), **changes)


# 苏州旅游与财经 - 宿迁经贸: 现代学徒制帮扶结对协议 (S0).
APPRENTICESHIP: dict[str, Any] = {
    "kind": Kind.APPRENTICESHIP,
    "display_name": "导游、酒店管理现代学徒制",
    "entrants": (college("lvcai"), school("jingmao"), enterprise("tongcheng")),
    "agreement": AGREEMENT,
    "party": "lvcai",
}
# 苏州工业职业技术学院 with 创元集团 (S0).
COLLEGE: dict[str, Any] = {
    "kind": Kind.ENTERPRISE_COLLEGE,
    "display_name": "创元企业学院",
    "entrants": (college("suzhougongye"), enterprise("chuangyuan")),
    "grade": Grade.MAJOR,
    "party": "suzhougongye",
}
# 高博 with 沭阳 and 宿迁信息工程: 衔接 (S0).
ARTICULATION: dict[str, Any] = {
    "kind": Kind.ARTICULATION,
    "display_name": "衔接合作",
    "entrants": (college("gaobo"), school("shuyang"), school("suqianxinxi")),
    "party": "gaobo",
}
# 五星冠名班 (S0); the number of students is made up.
NAMED_CLASS: dict[str, Any] = {
    "kind": Kind.NAMED_CLASS,
    "display_name": "亨通冠名班",
    "entrants": (college("suzhougongye"), enterprise("hengtong")),
    "class_name": "亨通班",
    "student_count": 2,
    "party": "suzhougongye",
}
# 高端纺织产教融合联合体 (S0).
CONSORTIUM: dict[str, Any] = {
    "kind": Kind.COMMUNITY,
    "display_name": "高端纺织产教融合联合体",
    "entrants": (
        college("suzhoujingmao", is_lead=True),
        college("cslg"),
        college("shazhou"),
        enterprise("shenghong", is_lead=True),
    ),
    "party": "suzhoujingmao",
}
# The joint library of 旅游与财经 and 宿迁经贸 (S0).
LIBRARY: dict[str, Any] = {
    "kind": Kind.RESOURCE_LIBRARY,
    "display_name": "共享教学资源库",
    "entrants": (college("lvcai"), school("jingmao")),
    "party": "lvcai",
}


def drafted(case: dict[str, Any], **changes: Any) -> Cooperation:
    """Return a draft as a later command would load it."""
    facts: dict[str, Any] = {
        "new_id": uuid4(),
        "organisations": KNOWN,
        "agreement": None,
        "documents": [Document(title="合作方案", sha256=OTHER_SHA)],
        "class_name": "",
        "student_count": 0,
        "grade": None,
        "today": TODAY,
    }
    return settled(Cooperation.draft(**{**facts, **case, **changes}))


def sign(found: Cooperation, party: str, **changes: Any) -> None:
    facts: dict[str, Any] = {
        "enterprise": "",
        "organisations": KNOWN,
        "agreement_sha256": found.agreement.sha256 if found.agreement else "",
        "paper_sha256": "",
        "today": TODAY,
    }
    found.sign(party=party, **{**facts, **changes})
    settled(found)


def signed(case: dict[str, Any], **changes: Any) -> Cooperation:
    """Return what all have signed who must."""
    found = drafted(case, **changes)
    for each in [each.organisation for each in found.parties if each.is_awaited]:
        sign(found, each)
    return found


def in_force(case: dict[str, Any], **changes: Any) -> Cooperation:
    found = signed(case, **changes)
    start(found)
    return found


def start(found: Cooperation, **changes: Any) -> None:
    facts: dict[str, Any] = {
        "party": found.drafted_by,
        "organisations": KNOWN,
        "obligatory": [Kind.APPRENTICESHIP],
        "today": TODAY,
    }
    found.start(**{**facts, **changes})
    settled(found)


def settled(found: Cooperation) -> Cooperation:
    found.event = None
    return found


def parties(found: Cooperation) -> Sequence[str]:
    return [each.organisation for each in found.parties if each.is_present]


def reason_of(change: Callable[[], object]) -> str:
    """Return the reason of a refusal, with the problem that it names."""
    with pytest.raises(DomainError) as refused:
        change()
    problem = refused.value.metadata.get("problem", "")
    return f"{refused.value.reason}: {problem}" if problem else refused.value.reason
