"""Chinese words for names of the contract, as the texts of refusals need them. Pure."""

from collections.abc import Mapping
from typing import Final

Words = Mapping[str, str]

PROJECT_STATES: Final[Words] = {
    "DECLARED": "已申报",
    "APPROVED": "已批准",
    "RECRUITING": "招生中",
    "RUNNING": "培养中",
    "STOPPED": "已停止招生",
    "CLOSED": "已结束",
}
PATHWAY_TYPES: Final[Words] = {
    "ZG_3_3": "中高职 3+3",
    "ZG_4_2": "中高职 4+2",
    "ZB_3_4": "中职本科 3+4",
    "GB_5_2": "高职本科 5+2",
    "GB_3_2": "高职本科 3+2",
    "GB_4_0": "高职本科 4+0",
    "ZG_3_2": "中高职 3+2",
    "FIVE_YEAR": "五年一贯制",
    "DX_2_1": "东西协作 2+1",
}
LEVELS: Final[Words] = {
    "SECONDARY_VOCATIONAL": "中职",
    "HIGHER_VOCATIONAL": "高职专科",
    "BACHELOR": "本科",
}
ORGANISATION_KINDS: Final[Words] = {
    "SECONDARY_VOCATIONAL": "中等职业学校",
    "HIGHER_VOCATIONAL": "高等职业专科学校",
    "UNIVERSITY": "本科院校",
    "FIVE_YEAR_VOCATIONAL": "五年制高等职业学校",
    "TECHNICIAN": "技工学校、技师学院",
    "ENTERPRISE": "企业",
    "EDUCATION_BUREAU": "教育行政部门",
    "ASSISTANCE_OFFICE": "对口帮扶工作机构",
    "FINANCE_BUREAU": "财政部门",
    "EXAM_AUTHORITY": "教育考试院",
    "ZONE": "功能区",
    "AUDIT": "审计机关",
    "SUITE": "平台运营方",
}
ORGANISATION_FIELDS: Final[Words] = {
    "id": "机构代号",
    "organisation_id": "机构代号",
    "school_code": "学校（机构）标识码",
    "uscc": "统一社会信用代码",
}
MEMBER_STATES: Final[Words] = {
    "ACTIVE": "在读",
    "SUSPENDED": "休学",
    "LEFT": "已退出",
    "GRADUATED": "已毕业",
}
STATUS_STATES: Final[Words] = {"IN_SCHOOL": "在读", "GRADUATED": "已毕业", "ENDED": "已终止"}
ID_NUMBER_PROBLEMS: Final[Words] = {
    "form": "格式不符",
    "check digit": "校验码不符",
    "birth date": "出生日期不符",
}
