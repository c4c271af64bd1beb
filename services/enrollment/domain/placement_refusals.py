"""What enrollment refuses of placements and of questions for statistics."""

from typing import ClassVar

from chassis.errors import Kind
from services.enrollment.domain import words
from services.enrollment.domain.refusals import EnrollmentRefusal, FieldRefusal


class NotGraduate(EnrollmentRefusal):
    """Destinations are those of graduates, from the day after the graduation on."""

    kind = Kind.FAILED_PRECONDITION
    words: ClassVar = {"state": words.STATUS_STATES}
    zh = (
        "该学籍当前状态为“{state}”，没有早于 {survey_date} 的毕业登记。请先登记毕业，或者更正日期。"
    )
    en = (
        "The status record is {state}: no graduation before {survey_date} is recorded. Record the "
        "graduation first, or correct the date."
    )


class SurveyDateWrong(FieldRefusal):
    """A survey is not of a day ahead."""

    field = "survey_date"
    zh = "调查日期 {survey_date} 尚未到来。请核对日期。"
    en = "The day {survey_date} has not come. Correct it."


class PlacementFactsWrong(FieldRefusal):
    """What is said of a graduate does not fit the destination; `problem` says what."""

    field = "destination"
    words: ClassVar = {"problem": words.PLACEMENT_PROBLEMS}
    zh = "去向信息不一致：{problem}。请更正。"
    en = "What is said does not fit the destination: {problem}. Correct it."


class CorrectedPlacementWrong(FieldRefusal):
    """A correction is of the same graduate's record, and of one that no other has corrected."""

    field = "corrected_placement"
    zh = "被更正的去向“{corrected_placement}”不属于同一学籍，或者已被更正。请核对。"
    en = (
        "The placement {corrected_placement} is not of this status record, or was corrected "
        "already. Check it."
    )


class PlacementAlreadyConfirmed(EnrollmentRefusal):
    """What is confirmed is not confirmed again; a wrong one is corrected by another."""

    kind = Kind.FAILED_PRECONDITION
    zh = "该去向已确认。有误的，请另行登记一条更正记录。"
    en = "The placement is confirmed. If it is wrong, record another one that corrects it."


class ConfirmerIsRecorder(EnrollmentRefusal):
    """Who recorded a placement does not confirm it."""

    kind = Kind.PERMISSION_DENIED
    zh = "该去向由您本人登记，不能由同一人确认。请由本校其他人员确认。"
    en = "You recorded this placement. Another person of the school has to confirm it."


class StatisticsPeriodWrong(FieldRefusal):
    """A period ends on its first day or later."""

    field = "to_date"
    zh = "统计截止日期 {to_date} 早于起始日期 {from_date}。请更正。"
    en = "The last day {to_date} is before the first {from_date}. Correct it."
