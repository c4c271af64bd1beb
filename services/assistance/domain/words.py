"""Chinese words for names of the contract, as the texts of refusals need them. Pure."""

from collections.abc import Mapping
from typing import Final

Words = Mapping[str, str]

PAIRING_LEVELS: Final[Words] = {"REGION": "区域", "SCHOOL": "校际"}
INDICATOR_KINDS: Final[Words] = {"STUDENTS_REGISTERED": "转段后注册学生数"}
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
