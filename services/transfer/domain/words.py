"""Chinese words for names of the contract, as the texts of refusals need them. Pure."""

from collections.abc import Mapping
from typing import Final

Words = Mapping[str, str]

BATCH_STATES: Final[Words] = {
    "DRAFT": "草稿",
    "PLAN_FILED": "方案已备案",
    "REGISTRATION_OPEN": "报名中",
    "QUALIFIED": "资格审查结束",
    "ASSESSED": "考核结束",
    "SCORES_LOCKED": "成绩已锁定",
    "PROPOSED_PUBLISHED": "拟录取公示中",
    "REPORTED": "已上报",
    "ADMITTED": "已批准录取",
    "ARRIVAL_OPEN": "报到中",
    "CLOSED": "已结束",
}
APPLICATION_STATES: Final[Words] = {
    "DRAFT": "草稿",
    "SUBMITTED": "已提交",
    "FRONT_CONFIRMED": "前段学校已确认",
    "FRONT_REJECTED": "前段学校退回",
    "BACK_REJECTED": "后段院校审查不合格",
    "QUALIFIED": "资格审查合格",
    "ASSESSED_MET": "考核达标",
    "ASSESSED_NOT_MET": "考核未达标",
    "ABSENT": "缺考",
    "EXEMPT": "免试",
    "PROPOSED": "拟录取",
    "NOT_PROPOSED": "名额外",
    "OBJECTED": "异议处理中",
    "DISQUALIFIED": "异议成立，取消资格",
    "ADMITTED": "已录取",
    "NOT_ADMITTED": "省级审核未通过",
    "ARRIVED": "已报到",
    "RETAINED": "保留入学资格",
    "FORFEITED": "放弃入学资格",
    "REGISTERED": "已注册后段学籍",
    "CANCELLED": "复查未通过，已取消",
    "WITHDRAWN": "已撤回",
    "DIVERTED": "已分流",
}
MEMBER_STATES: Final[Words] = {
    "ACTIVE": "在读",
    "SUSPENDED": "休学",
    "LEFT": "已退出",
    "GRADUATED": "已毕业",
}
OBJECTION_STATES: Final[Words] = {"OPEN": "待处理", "UPHELD": "成立", "DISMISSED": "不成立"}
