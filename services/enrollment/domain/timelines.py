"""What a person's timeline says of each event: its kind, the field with its day, a line of words.

A placeholder in a line is a field of the record; no field of them is personal (tested). Events
that are no person's have no line. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.enrollment.domain.events import Event


class Kind(StrEnum):
    """Kinds of entries; the values of the contract without their prefix."""

    REGISTRATION = "REGISTRATION"
    MEMBERSHIP = "MEMBERSHIP"
    STATUS_RECORD = "STATUS_RECORD"
    STATUS_CHANGE = "STATUS_CHANGE"
    GRADUATION = "GRADUATION"
    STUDENT_NUMBER = "STUDENT_NUMBER"
    CORRECTION = "CORRECTION"
    MERGE = "MERGE"
    GUARDIAN = "GUARDIAN"
    CONSENT = "CONSENT"
    LEARNING_OUTCOME = "LEARNING_OUTCOME"
    CREDIT_CONVERSION = "CREDIT_CONVERSION"
    ELECTRONIC_REGISTRATION = "ELECTRONIC_REGISTRATION"
    BACK_STAGE = "BACK_STAGE"
    ERASURE = "ERASURE"
    COOPERATION = "COOPERATION"
    INTERNSHIP = "INTERNSHIP"
    PLACEMENT = "PLACEMENT"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Line:
    """How an event is told; without a `date_field` its day is that of the recording."""

    kind: Kind
    zh: str
    en: str
    date_field: str = ""


_K = Kind
_CHANGE_ZH: Final = "学籍异动（{kind}）"
_OUTCOME_ZH: Final = "学习成果《{title}》（{kind}）"
_OUTCOME_EN: Final = "{title} ({kind})"

LINES: Final[Mapping[Event, Line]] = {
    Event.PERSON_REGISTERED: Line(_K.REGISTRATION, "登记学生信息", "The person was registered"),
    Event.MEMBER_ENROLLED: Line(
        _K.MEMBERSHIP, "编入贯通培养班级“{class_name}”", "Enrolled in the class {class_name}"
    ),
    Event.MEMBER_REMOVED: Line(
        _K.MEMBERSHIP, "退出贯通培养", "Left the pathway", date_field="left_time"
    ),
    Event.MEMBER_GRADUATED: Line(
        _K.GRADUATION, "贯通培养前段毕业", "Graduated from the front stage of the pathway"
    ),
    Event.MEMBER_SUSPENDED: Line(_K.MEMBERSHIP, "暂停贯通培养", "Paused the pathway"),
    Event.MEMBER_RESUMED: Line(_K.MEMBERSHIP, "恢复贯通培养", "Resumed the pathway"),
    Event.MEMBER_CLASS_ASSIGNED: Line(
        _K.MEMBERSHIP,
        "贯通培养班级为“{class_name}”",
        "In the separate class {class_name}",
        "state_from_date",
    ),
    Event.MEMBER_CORRECTED: Line(
        _K.CORRECTION, "名单信息随更正更新", "The roster followed a correction"
    ),
    Event.MEMBER_REASSIGNED: Line(
        _K.MERGE, "名单记录随档案合并或拆分改属", "The membership followed a merge or a split"
    ),
    Event.MEMBER_ERASED: Line(
        _K.ERASURE, "名单中的个人信息已删除", "The personal values of the membership were erased"
    ),
    Event.STATUS_RECORD_OPENED: Line(
        _K.STATUS_RECORD,
        "建立学籍：专业代码 {major_code}，班级“{class_name}”",
        "A status record was opened: major {major_code}, class {class_name}",
        date_field="valid_from_date",
    ),
    Event.STATUS_RECORD_REGISTERED: Line(
        _K.STATUS_RECORD, "学籍注册", "The status record was registered", "register_date"
    ),
    Event.STUDENT_SUSPENDED: Line(
        _K.STATUS_RECORD, "学生状态变为{status}", "The status became {status}", "status_from_date"
    ),
    Event.STUDENT_RETURNED: Line(
        _K.STATUS_RECORD, "学生状态变为{status}", "The status became {status}", "status_from_date"
    ),
    Event.STUDENT_PLACED: Line(
        _K.STATUS_RECORD,
        "专业、班级或年级调整：专业代码 {major_code}，班级“{class_name}”",
        "Placed anew: major {major_code}, class {class_name}",
        date_field="status_from_date",
    ),
    Event.STUDENT_COMPLETED: Line(
        _K.STATUS_RECORD, "结业", "Completed without a diploma", "valid_to_date"
    ),
    Event.STUDENT_ATTENDED: Line(
        _K.STATUS_RECORD, "肄业", "Left with a certificate of attendance", "valid_to_date"
    ),
    Event.STUDENT_GRADUATED: Line(_K.GRADUATION, "毕业", "Graduated", "graduate_date"),
    Event.STATUS_RECORD_ENDED: Line(
        _K.STATUS_RECORD, "学籍终止：{status}", "The status record ended: {status}", "valid_to_date"
    ),
    Event.STATUS_RECORD_REASSIGNED: Line(
        _K.MERGE, "学籍随档案合并或拆分改属", "The status record followed a merge or a split"
    ),
    Event.COOPERATION_PUPIL_JOINED: Line(
        _K.COOPERATION,
        "加入校企合作培养名册（{kind}）",
        "Joined the roster of a cooperation ({kind})",
        date_field="join_date",
    ),
    Event.COOPERATION_PUPIL_LEFT: Line(
        _K.COOPERATION,
        "退出校企合作培养名册（{kind}）",
        "Left the roster of a cooperation ({kind})",
        date_field="leave_date",
    ),
    Event.BACK_STAGE_REGISTERED: Line(
        _K.BACK_STAGE, "后段入学登记完成", "Registered in the back stage"
    ),
    Event.BACK_STAGE_REFUSED: Line(
        _K.BACK_STAGE,
        "后段报到，暂不能登记：{blocking_reason}",
        "Arrived in the back stage, not registered yet: {blocking_reason}",
        date_field="arrive_date",
    ),
    Event.BACK_STAGE_ENDED: Line(
        _K.BACK_STAGE, "后段入学登记已撤销", "The registration in the back stage ended"
    ),
    Event.STUDENT_NUMBER_RECORDED: Line(
        _K.STUDENT_NUMBER, "登记学籍号", "A student number was recorded"
    ),
    Event.STUDENT_NUMBER_UPGRADED: Line(
        _K.STUDENT_NUMBER, "学籍号更换", "The student number was replaced"
    ),
    Event.PERSON_CORRECTED: Line(_K.CORRECTION, "个人信息已更正", "The person was corrected"),
    Event.CORRECTION_PROPOSED: Line(_K.CORRECTION, "申请更正个人信息", "A correction was proposed"),
    Event.CORRECTION_APPROVED: Line(_K.CORRECTION, "更正申请获批准", "The correction was approved"),
    Event.CORRECTION_REJECTED: Line(_K.CORRECTION, "更正申请被退回", "The correction was rejected"),
    Event.PERSONS_MERGED: Line(_K.MERGE, "重复档案合并", "Duplicates were merged"),
    Event.PERSONS_SPLIT: Line(_K.MERGE, "撤销档案合并", "A merge was undone"),
    Event.PERSON_ERASED: Line(_K.ERASURE, "个人信息已删除", "The personal values were erased"),
    Event.ERASURE_PROPOSED: Line(_K.ERASURE, "申请删除个人信息", "An erasure was proposed"),
    Event.ERASURE_CARRIED_OUT: Line(_K.ERASURE, "删除申请已执行", "The erasure was carried out"),
    Event.GUARDIAN_RECORDED: Line(_K.GUARDIAN, "登记监护人", "A guardian was recorded"),
    Event.GUARDIAN_ENDED: Line(_K.GUARDIAN, "监护关系终止", "A guardian ceased to be one"),
    Event.CONSENT_GIVEN: Line(
        _K.CONSENT, "同意：{purpose}", "Consent was given: {purpose}", "give_date"
    ),
    Event.CONSENT_WITHDRAWN: Line(
        _K.CONSENT, "撤回同意：{purpose}", "Consent was withdrawn: {purpose}", "withdraw_date"
    ),
    Event.ELECTRONIC_REGISTRATION_FILED: Line(
        _K.ELECTRONIC_REGISTRATION,
        "报送{year}年{season}季电子注册",
        "Electronic registration was filed for {season} {year}",
        date_field="file_date",
    ),
    Event.ELECTRONIC_REGISTRATION_APPROVED: Line(
        _K.ELECTRONIC_REGISTRATION,
        "{year}年{season}季电子注册已核准",
        "Electronic registration was approved for {season} {year}",
        date_field="decide_date",
    ),
    Event.ELECTRONIC_REGISTRATION_RETURNED: Line(
        _K.ELECTRONIC_REGISTRATION,
        "{year}年{season}季电子注册被退回：{return_reason}",
        "Electronic registration was returned for {season} {year}: {return_reason}",
        date_field="decide_date",
    ),
    Event.STATUS_CHANGE_PROPOSED: Line(
        _K.STATUS_CHANGE, f"{_CHANGE_ZH}提出申请", "A change was proposed: {kind}", "apply_date"
    ),
    Event.STATUS_CHANGE_ENDORSED: Line(
        _K.STATUS_CHANGE, f"{_CHANGE_ZH}审核通过一级", "A change was endorsed: {kind}"
    ),
    Event.STATUS_CHANGE_APPROVED: Line(
        _K.STATUS_CHANGE, f"{_CHANGE_ZH}获批准", "A change was approved: {kind}", "approve_date"
    ),
    Event.STATUS_CHANGE_REJECTED: Line(
        _K.STATUS_CHANGE, f"{_CHANGE_ZH}被驳回", "A change was rejected: {kind}"
    ),
    Event.STATUS_CHANGE_WITHDRAWN: Line(
        _K.STATUS_CHANGE, f"{_CHANGE_ZH}已撤回", "A change was withdrawn: {kind}"
    ),
    Event.STATUS_CHANGE_NOTICED: Line(
        _K.STATUS_CHANGE,
        f"{_CHANGE_ZH}公告送达",
        "Public notice was given of a change: {kind}",
        date_field="notice_from_date",
    ),
    Event.STATUS_CHANGE_EFFECTED: Line(
        _K.STATUS_CHANGE, f"{_CHANGE_ZH}生效", "A change took effect: {kind}", "effective_date"
    ),
    Event.OUTCOME_DECLARED: Line(
        _K.LEARNING_OUTCOME,
        f"取得并申报{_OUTCOME_ZH}",
        f"{_OUTCOME_EN} was declared",
        "achieve_date",
    ),
    Event.OUTCOME_VERIFIED: Line(
        _K.LEARNING_OUTCOME, f"{_OUTCOME_ZH}已核验", f"{_OUTCOME_EN} was verified", "verify_date"
    ),
    Event.OUTCOME_RECOGNISED: Line(
        _K.LEARNING_OUTCOME, f"{_OUTCOME_ZH}已认定", f"{_OUTCOME_EN} was recognised", "record_date"
    ),
    Event.OUTCOME_ACCUMULATED: Line(
        _K.LEARNING_OUTCOME, f"{_OUTCOME_ZH}已积累", f"{_OUTCOME_EN} was accumulated", "record_date"
    ),
    Event.OUTCOME_CONVERTED: Line(
        _K.LEARNING_OUTCOME, f"{_OUTCOME_ZH}已转换", f"{_OUTCOME_EN} was converted", "record_date"
    ),
    Event.OUTCOME_REJECTED: Line(
        _K.LEARNING_OUTCOME, f"{_OUTCOME_ZH}被退回", f"{_OUTCOME_EN} was rejected", "record_date"
    ),
    Event.OUTCOME_REVOKED: Line(
        _K.LEARNING_OUTCOME, f"{_OUTCOME_ZH}已撤销", f"{_OUTCOME_EN} was revoked", "record_date"
    ),
    Event.OUTCOME_REASSIGNED: Line(
        _K.MERGE,
        "学习成果《{title}》随档案合并或拆分改属",
        "{title} followed a merge or a split",
        "record_date",
    ),
    Event.CREDITS_REASSIGNED: Line(
        _K.MERGE, "学分转换随档案合并或拆分改属", "The conversion followed a merge or a split"
    ),
    Event.STATUS_CHANGE_REASSIGNED: Line(
        _K.MERGE, "学籍异动随档案合并或拆分改属", "The status change followed a merge or a split"
    ),
    Event.ELECTRONIC_REGISTRATION_REASSIGNED: Line(
        _K.MERGE,
        "学籍电子注册随档案合并或拆分改属",
        "The electronic registration followed a merge or a split",
    ),
    Event.CREDITS_CONVERTED: Line(
        _K.CREDIT_CONVERSION,
        "学分转换：计入 {counted_credit_tenths} 学分",
        "Credits were converted: {counted_credit_tenths} count",
        date_field="convert_date",
    ),
    Event.INTERNSHIP_PLANNED: Line(
        _K.INTERNSHIP, "安排岗位实习", "An internship was planned", "start_date"
    ),
    Event.INTERNSHIP_SIGNED: Line(
        _K.INTERNSHIP, "岗位实习协议有一方签字", "A party signed the agreement of an internship"
    ),
    Event.INTERNSHIP_AGREED: Line(
        _K.INTERNSHIP, "岗位实习协议三方签订", "The three parties agreed on an internship"
    ),
    Event.INTERNSHIP_STARTED: Line(
        _K.INTERNSHIP, "开始岗位实习", "An internship was started", "run_date"
    ),
    Event.INTERNSHIP_EXTENDED: Line(_K.INTERNSHIP, "岗位实习延期", "An internship was extended"),
    Event.INTERNSHIP_COMPLETED: Line(
        _K.INTERNSHIP, "完成岗位实习", "An internship was completed", "complete_date"
    ),
    Event.INTERNSHIP_BROKEN_OFF: Line(
        _K.INTERNSHIP, "岗位实习终止", "An internship was broken off", "break_off_date"
    ),
    Event.PLACEMENT_RECORDED: Line(
        _K.PLACEMENT, "登记毕业去向", "The destination was recorded", "survey_date"
    ),
    Event.PLACEMENT_CONFIRMED: Line(
        _K.PLACEMENT, "毕业去向已确认", "The destination was confirmed", "record_date"
    ),
}
# An event of whom no line is known yet.
UNTOLD: Final = Line(Kind.OTHER, "记录已变更", "A record was changed")


def line_of(event: str) -> Line:
    """Return how an event is told."""
    try:
        return LINES[Event(event)]
    except (KeyError, ValueError):
        return UNTOLD


def events_of(kinds: frozenset[Kind]) -> list[str]:
    """Return the events of which entries of some kinds are made."""
    return [event.value for event in Event if line_of(event.value).kind in kinds]
