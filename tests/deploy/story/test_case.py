"""The facts of the case: complete, well formed, and honest about what was made up."""

from datetime import timedelta
from itertools import pairwise

import chinese_calendar
import pytest

from deploy.local.issuer import personas
from deploy.story.case import Case, load
from services.enrollment.domain.codes import check_region_code, check_uscc
from services.enrollment.domain.organisation import Kind
from services.transfer.domain.policy import Policy


@pytest.fixture(scope="module")
def case() -> Case:
    return load()


def test_codes_are_well_formed(case: Case) -> None:
    for each in case.organisations:
        assert each.kind in Kind.__members__
        check_region_code(each.region)
        if each.uscc:
            check_uscc(each.uscc)
    codes = [each.school_code for each in case.organisations if each.school_code]
    assert len(set(codes)) == len(codes)


def test_every_organisation_that_is_spoken_of_is_registered(case: Case) -> None:
    ids = [each.id for each in case.organisations]
    assert len(set(ids)) == len(ids)
    spoken_of = {case.pathway.front, case.pathway.back, *case.governance["members"]}
    for pairing in case.pairings:
        spoken_of |= {pairing.helper, pairing.receiver}
    for persona in personas().values():
        spoken_of.add(persona.organisation)
    assert spoken_of <= set(ids)


def test_the_raw_name_of_shuyang_is_kept(case: Case) -> None:
    (shuyang,) = [each for each in case.organisations if each.id == "shuyang"]
    assert (shuyang.name, shuyang.raw_names) == ("沭阳中等专业学校", ["沐阳中等专业学校"])


def test_what_the_source_lacks_is_marked(case: Case) -> None:
    marked = {each.id for each in case.organisations if each.is_wholly_made_up}
    assert marked == {"suite", "jsedu", "jsexam", "sqedu"}
    assert all(each.made_up for each in case.organisations if each.school_code or each.uscc)
    assert case.pathway.made_up
    assert case.scheme.made_up


def test_the_steps_follow_one_another(case: Case) -> None:
    days = [day for _, day in case.calendar]
    assert all(earlier <= later for earlier, later in pairwise(days))


def test_the_notice_has_its_working_days(case: Case) -> None:
    begin, end = case.calendar.notice_begin, case.calendar.notice_end
    days = chinese_calendar.get_workdays(begin, end)
    assert len(days) >= Policy().notice_working_days_min


def test_leave_and_retention_keep_their_limits(case: Case) -> None:
    calendar, policy = case.calendar, Policy()
    leave = calendar.leave_end - calendar.arrival_deadline
    retention = calendar.retention_end - calendar.arrival_deadline
    assert leave <= timedelta(days=policy.leave_days_max)
    assert retention <= timedelta(days=policy.army_retention_days_max)
    assert calendar.late_arrival <= calendar.leave_end < calendar.forfeiture


def test_the_quota_is_within_the_plan(case: Case) -> None:
    assert case.scheme.quota <= case.pathway.back_plan
    assert sum(each.weight for each in case.scheme.components) == 100
