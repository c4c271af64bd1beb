"""Chinese words for names that only the lines of timelines show. Pure."""

from typing import Final

from services.enrollment.domain.words import Words

# 学生当前状态 (JY/T 1001), with 保留学籍 and 取消学籍.
STUDENT_STATUSES: Final[Words] = {
    "STUDYING": "在读",
    "SUSPENDED": "休学",
    "WITHDRAWN": "退学",
    "STOPPED": "停学",
    "RETURNED": "复学",
    "LOST": "流失",
    "GRADUATED": "毕业",
    "COMPLETED": "结业",
    "ATTENDED": "肄业",
    "TRANSFERRED_OUT": "转学（转出）",
    "DECEASED": "死亡",
    "ADMISSION_RETAINED": "保留入学资格",
    "STUDYING_ABROAD": "公派出国",
    "EXPELLED": "开除",
    "MISSING": "下落不明",
    "OTHER": "其他",
    "RECORD_RETAINED": "保留学籍",
    "CANCELLED": "取消学籍",
}
BLOCKING_REASONS: Final[Words] = {
    "FRONT_STAGE_NOT_GRADUATED": "前段尚未毕业",
    "NOT_A_MEMBER": "不在贯通培养名单中",
    "REGISTERED_ELSEWHERE": "同一层次另有在籍学籍",
}
SEASONS: Final[Words] = {"AUTUMN": "秋", "SPRING": "春"}
RETURN_REASONS: Final[Words] = {
    "DOCUMENTS_MISSING": "材料不全",
    "IDENTITY_UNCLEAR": "身份信息存疑",
    "ALREADY_REGISTERED": "已有注册记录",
    "ADMISSION_NOT_FOUND": "查无录取信息",
    "OTHER": "其他",
}
CONSENT_PURPOSES: Final[Words] = {
    "SENSITIVE_DATA": "处理敏感个人信息",
    "DATA_OF_MINOR": "处理未成年人个人信息",
    "ENTERPRISE": "向企业提供信息",
    "INTERNSHIP": "参加实习",
    "PUBLICITY": "公示与宣传",
}
