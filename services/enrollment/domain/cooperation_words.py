"""Chinese words for names of cooperations, as the texts of refusals need them. Pure."""

from typing import Final

from services.enrollment.domain.words import Words

COOPERATION_STATES: Final[Words] = {
    "DRAFTED": "待签署",
    "SIGNED": "已签署",
    "IN_FORCE": "生效",
    "SUSPENDED": "中止",
    "ENDED": "已终止",
}
COOPERATION_KINDS: Final[Words] = {
    "APPRENTICESHIP": "现代学徒制",
    "ORDER_CLASS": "订单班",
    "NAMED_CLASS": "冠名班",
    "ENTERPRISE_COLLEGE": "企业学院",
    "ARTICULATION": "衔接合作",
    "RESOURCE_LIBRARY": "共享教学资源库",
    "COMMUNITY": "产教融合联合体",
}
COOPERATION_GRADES: Final[Words] = {
    "SCHOOL": "校级（战略合作型）",
    "DEPARTMENT": "系院级（伙伴合作型）",
    "MAJOR": "专业级（技术合作型）",
}
COOPERATION_PARTY_PROBLEMS: Final[Words] = {
    "not registered": "单位未登记",
    "the role does not fit what it is": "角色与单位类型不符",
    "an enterprise without a USCC": "企业缺少统一社会信用代码",
    "one is named twice": "同一单位出现两次",
    "no school or college": "没有学校参加",
    "not exactly one enterprise": "订单班、冠名班须有且仅有一家企业",
    "not one college with enterprises": "企业学院须由一所院校与企业共建",
    "not a school and a college": "衔接合作须有中职学校和高校",
    "no leading enterprise or no leading school": "联合体须有龙头企业和牵头院校",
    "who drafts is no school of it": "起草单位须为参加合作的学校或主管部门",
    "no enterprise of the cooperation": "不是该合作的企业",
}
COOPERATION_FACT_PROBLEMS: Final[Words] = {
    "the class": "班级名称仅限且须由订单班、冠名班填写",
    "the number of students": "须填写学生人数",
    "the kind has no quota": "该类合作不设学生名额",
    "the grade": "等级仅限且须由企业学院填写",
    "no consortium": "不是产教融合联合体",
    "no library": "不是共享教学资源库",
}
COOPERATION_ENTITLED: Final[Words] = {
    "a school or college": "参加合作的学校",
    "a leading party": "龙头企业或牵头院校",
    "a present party": "现有合作单位",
    "the school of the pupil": "该生所在学校",
    "the party that heads the body": "该机构的牵头单位",
}
COOPERATION_BODY_PROBLEMS: Final[Words] = {
    "one is named twice": "同一单位出现两次",
    "its head is no member of it": "牵头单位不在成员之列",
    "a member is no party": "有成员不是合作单位",
}
COOPERATION_MEMBER_PROBLEMS: Final[Words] = {
    "it takes part already": "已是合作单位",
    "it takes no part": "不是现有合作单位",
    "it heads a body": "仍牵头下设机构",
    "it is the last of its side that leads": "是最后一家龙头企业或牵头院校",
}
PUPIL_DATE_PROBLEMS: Final[Words] = {
    "it lies ahead": "晚于今日",
    "not in force": "当日合作未生效",
    "has left": "该生已退出名册",
    "before joining or ahead": "早于加入日期或晚于今日",
}
APPRENTICE_PAPERS: Final[Words] = {
    "enterprise": "培养企业",
    "agreement": "学徒培养协议",
    "guardian's consent": "未成年人监护人的同意",
}
