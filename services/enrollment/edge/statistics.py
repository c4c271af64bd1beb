"""The servicer of statistics: parse, count, answer with what each number means."""

from typing import Any, Final, TypeAlias

import grpc.aio
from guantong.enrollment.v1 import statistics_service_pb2 as pb
from guantong.enrollment.v1.placement_pb2 import Placement
from guantong.enrollment.v1.statistics_service_pb2_grpc import StatisticsServiceServicer

from chassis import db
from chassis.civil import from_date, to_date
from chassis.clock import civil_date
from chassis.errors import ResourceNotFound
from chassis.interceptors import current_call
from chassis.names import name_of
from services.enrollment.domain.placement import Destination
from services.enrollment.domain.placement_refusals import StatisticsPeriodWrong
from services.enrollment.domain.practice_statistics import Share, placement_shares, point_share
from services.enrollment.queries.cooperation_statistics import count_cooperation
from services.enrollment.queries.order_classes import count_order_classes
from services.enrollment.queries.placement_statistics import count_placements
from services.enrollment.queries.schools_asked import Question

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]
_GRADUATES: Final = (
    "期内毕业的学生，按人计、不重复；期内两次毕业的按最后一次。去向取截至统计时点已由他人确认、未被更正、"
    "调查日期最新的一条；没有的计为未知。"
)
_COOPERATION: Final = (
    "学校：期末有在籍学生，或者期内有实习点、实习学生的；专业、学生：期末在籍（在读、休学、保留学籍、"
    "保留入学资格），按代码、按人计，不重复；企业：期内有实习点或者实习学生的；实习点：期内有效的；"
    "实习学生：期内在岗的，按人计，不重复；订单、冠名班学生：期末在册的，按人计，不重复。"
    "期末晚于统计时点的，以统计时点为准。"
)


class Statistics(StatisticsServiceServicer):
    """Counts, and discloses nobody."""

    def __init__(self, *, reader: db.Reader) -> None:
        self._reader = reader

    async def GetPlacementStatistics(
        self, request: pb.GetPlacementStatisticsRequest, context: Context
    ) -> pb.GetPlacementStatisticsResponse:
        question = _question(request)
        counts = await count_placements(self._reader, question)
        destinations = {
            each: sum(count for (found, _), count in counts.items() if found is each)
            for each in Destination
        }
        return pb.GetPlacementStatisticsResponse(
            at_date=from_date(question.at_date),
            definition=_GRADUATES,
            graduates_count=sum(counts.values()),
            destination_counts=[
                pb.DestinationCount(
                    destination=Placement.Destination.Value(f"DESTINATION_{each}"), count=count
                )
                for each, count in destinations.items()
            ],
            shares=map(_share, placement_shares(counts)),
        )

    async def GetCooperationStatistics(
        self, request: pb.GetCooperationStatisticsRequest, context: Context
    ) -> pb.GetCooperationStatisticsResponse:
        question = _question(request)
        figures = await count_cooperation(self._reader, question)
        classes = await count_order_classes(self._reader, question)
        share = point_share(matched=figures.matched_points, points=figures.points)
        return pb.GetCooperationStatisticsResponse(
            at_date=from_date(question.at_date),
            definition=_COOPERATION,
            schools_count=figures.schools,
            majors_count=figures.majors,
            pupils_count=figures.pupils,
            firms_count=figures.firms,
            points_count=figures.points,
            interns_count=figures.interns,
            shares=[_share(share)],
            order_pupils_count=classes.pupils,
            order_schools_count=classes.schools,
            order_class_counts=[
                pb.OrderClassCount(
                    organisation=name_of("organisations", row["school"]),
                    pupils_count=row["pupils"],
                    class_names=sorted(row["class_names"]),
                )
                for row in classes.by_school
            ],
        )


def _question(request: Any) -> Question:
    """Return what is asked; whoever reads within a scope asks about the own school only."""
    call = current_call()
    organisation = request.organisation.removeprefix("organisations/")
    if call.scope is not None and organisation not in {"", call.scope}:
        raise ResourceNotFound(name=request.organisation)
    from_day = to_date(request.from_date, field="from_date")
    to_day = to_date(request.to_date, field="to_date")
    if to_day < from_day:
        raise StatisticsPeriodWrong(from_date=from_day.isoformat(), to_date=to_day.isoformat())
    today = civil_date(call.origin.business_time)
    is_given = request.HasField("at_date")
    return Question(
        organisation=call.scope or organisation,
        region_code=request.region_code,
        from_date=from_day,
        to_date=to_day,
        at_date=to_date(request.at_date, field="at_date") if is_given else today,
    )


def _share(share: Share) -> pb.Share:
    return pb.Share(
        kind=pb.Share.Kind.Value(f"KIND_{share.kind}"),
        numerator_definition=share.numerator_definition,
        numerator_count=share.numerator_count,
        denominator_definition=share.denominator_definition,
        denominator_count=share.denominator_count,
        source=share.source,
    )
