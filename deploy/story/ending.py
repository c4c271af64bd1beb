"""How the story ends: the indicator that counted by itself, the table by state, the totals."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from guantong.assistance.v1 import indicator_service_pb2
from guantong.assistance.v1.indicator_pb2 import Indicator
from guantong.transfer.v1 import application_service_pb2 as application_service
from guantong.transfer.v1.application_pb2 import Application
from guantong.transfer.v1.transfer_batch_pb2 import TransferBatch

from deploy.local.door import Door, StoryFailed
from deploy.story.copies import read_books
from deploy.story.desk import Persona
from deploy.story.narrator import Narrator

WITHIN_S = 60.0
_LOOK_S = 0.1
_SHOWN_MAX = 5
_STATES = {
    Application.STATE_REGISTERED: "已在高职注册",
    Application.STATE_RETAINED: "保留入学资格",
    Application.STATE_FORFEITED: "放弃入学资格",
    Application.STATE_NOT_ADMITTED: "省级审核未通过",
    Application.STATE_DISQUALIFIED: "异议成立，取消资格",
    Application.STATE_NOT_PROPOSED: "名额外",
    Application.STATE_ASSESSED_NOT_MET: "考核未达标",
    Application.STATE_BACK_REJECTED: "高职资格审查不合格",
    Application.STATE_FRONT_REJECTED: "中职退回",
    Application.STATE_DIVERTED: "已分流",
}


class IndicatorBehind(StoryFailed):
    """The indicator did not reach the number of registrations in time."""


@dataclass(frozen=True, kw_only=True)
class StoryResult:
    """What the story says of itself at the end."""

    applications: int
    registered: int
    not_registered: int
    events: int
    dead_letters: int
    copies_equal: bool
    seconds: float
    by_state: Mapping[str, int]


async def conclude(
    narrator: Narrator, door: Door, batch: TransferBatch, indicator: Indicator, *, began: float
) -> StoryResult:
    """Wait for what follows by itself, count, compare and tell."""
    narrator.chapter("八、结果")
    states = await _count_states(narrator, batch)
    registered = states[Application.STATE_REGISTERED]
    counted = await _follow_indicator(narrator, indicator, registered)
    books = await read_books(door)
    total = sum(states.values())
    for state, text in _STATES.items():
        if states[state]:
            narrator.out(f"  {text:　<12}{states[state]:>4} 人")
    for state in states.keys() - _STATES.keys():
        narrator.out(f"  {Application.State.Name(state):<24}{states[state]:>4} 人")
    narrator.out(f"  {'合计':　<12}{total:>4} 人")
    narrator.out(f"帮扶指标“转段后注册学生数”自动计数：{counted.actual}（目标 {counted.target}）")
    narrator.out(
        f"变更记录 {books.events} 条，未送达 {books.dead_letters} 条，"
        f"各系统副本{'与来源一致' if not books.differences else '与来源不一致：'}"
    )
    for text in books.differences[:_SHOWN_MAX]:
        narrator.out(f"  {text}")
    return StoryResult(
        applications=total,
        registered=registered,
        not_registered=total - registered,
        events=books.events,
        dead_letters=books.dead_letters,
        copies_equal=not books.differences,
        seconds=round(time.monotonic() - began, 1),
        by_state={
            Application.State.Name(state).removeprefix("STATE_"): count
            for state, count in sorted(states.items())
        },
    )


async def _count_states(
    narrator: Narrator, batch: TransferBatch
) -> Counter[Application.State.ValueType]:
    states: Counter[Application.State.ValueType] = Counter()
    token = ""
    while True:
        page = await narrator.desk.ask(
            Persona.SZAI_REGISTRAR,
            narrator.desk.applications.ListApplications,
            application_service.ListApplicationsRequest(
                transfer_batch=batch.name, page_token=token
            ),
        )
        states.update(each.state for each in page.applications)
        token = page.next_page_token
        if not token:
            return states


async def _follow_indicator(narrator: Narrator, indicator: Indicator, registered: int) -> Indicator:
    until = time.monotonic() + WITHIN_S
    while True:
        present = await narrator.desk.ask(
            Persona.SZEDU_ASSISTANCE,
            narrator.desk.indicators.GetIndicator,
            indicator_service_pb2.GetIndicatorRequest(name=indicator.name),
        )
        if present.actual == registered:
            return present
        if time.monotonic() > until:
            raise IndicatorBehind(f"The indicator counts {present.actual}, not {registered}.")
        await asyncio.sleep(_LOOK_S)
