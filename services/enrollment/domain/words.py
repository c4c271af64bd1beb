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
STEP_LEVELS: Final[Words] = {
    "SCHOOL": "学校",
    "RECEIVING_SCHOOL": "转入学校",
    "COUNTY_BUREAU": "县级教育行政部门",
    "CITY_BUREAU": "市级教育行政部门",
    "PROVINCE_BUREAU": "省级教育行政部门",
}
INTERNSHIP_ARRANGEMENTS: Final[Words] = {
    "TWO_AND_HALF": "2.5+0.5",
    "FOUR_AND_HALF": "4.5+0.5",
    "ONE_ONE_ONE": "1+1+1",
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
WHYS: Final[Words] = {
    "ADMITTED": "录取",
    "AWAY": "休学等暂离",
    "RETURNED": "复学",
    "GRADUATED": "毕业",
    "CHANGED_SCHOOL": "转学",
    "CHANGED_MAJOR": "转专业",
    "WITHDREW": "退学",
    "EXPELLED": "开除学籍",
    "CANCELLED": "取消学籍或入学资格",
    "DIED": "死亡",
    "COMPLETED": "结业",
    "ATTENDED": "肄业",
    "LEFT_OTHERWISE": "其他原因退出",
    "CLASSES_BALANCED": "均衡编班",
    "CLASS_DIRECTION": "按专业方向编班",
    "CLASS_WISH": "学生或监护人申请",
    "CLASS_CORRECTED": "更正录入",
    "CLASS_RENAMED": "班级更名",
    "CLASS_CHANGED": "转班级异动",
}
STATUS_STATES: Final[Words] = {
    "IN_SCHOOL": "在读",
    "GRADUATED": "已毕业",
    "ENDED": "已终止",
    "AWAY": "暂离",
}
ROSTER_FIELDS: Final[Words] = {
    "display_name": "姓名",
    "admission_number": "录取平台号码",
    "ethnicity_code": "民族",
    "made_up": "虚构标记",
}
ID_NUMBER_PROBLEMS: Final[Words] = {
    "form": "格式不符",
    "check digit": "校验码不符",
    "birth date": "出生日期不符",
}
SCHOOL_KINDS: Final[Words] = {"SECONDARY": "中职", "HIGHER": "高职"}
SCHOOL_CODE_PROBLEMS: Final[Words] = {
    "form": "格式不符",
    "province": "省份代码不符",
    "serial number": "序号不符",
}
SUCCESSOR_PROBLEMS: Final[Words] = {
    "one is named twice": "同一单位出现两次",
    "a major is given twice": "同一专业指定了两次",
    "who takes the majors that are not named": "未指定其余专业由谁承继",
    "it is its own successor": "不能承继自身",
}
MAJOR_PROBLEMS: Final[Words] = {
    "first day after the last": "起始日期晚于截止日期",
    "last day before the first": "截止日期早于起始日期",
    "the code had another meaning": "该代码原指其他专业",
    "it is not in force afterwards": "承继专业届时未生效",
}
AGREEMENT_STATES: Final[Words] = {
    "NEGOTIATING": "协商中",
    "IN_FORCE": "生效",
    "EXITING": "退出程序中",
    "ENDED": "已终止",
}
OUTCOME_KINDS: Final[Words] = {
    "COURSE": "课程",
    "CERTIFICATE_X": "职业技能等级证书",
    "QUALIFICATION": "职业资格证书",
    "CONTEST": "竞赛",
    "TRAINING": "培训",
    "INTERNSHIP": "实习",
    "PROJECT": "项目",
}
OUTCOME_STATES: Final[Words] = {
    "DECLARED": "已申报",
    "VERIFIED": "已核验",
    "RECOGNISED": "已认定",
    "ACCUMULATED": "已积累",
    "CONVERTED": "已转换",
    "REJECTED": "已退回",
    "REVOKED": "已撤销",
}
OUTCOME_GRADES: Final[Words] = {
    "ELEMENTARY": "初级",
    "INTERMEDIATE": "中级",
    "ADVANCED": "高级",
    "TECHNICIAN": "技师",
    "SENIOR_TECHNICIAN": "高级技师",
    "SCHOOL": "校级",
    "CITY": "市级",
    "PROVINCE": "省级",
    "NATION": "国家级",
    "WORLD": "国际级",
}
INTERNSHIP_STATES: Final[Words] = {
    "PLANNED": "待签约",
    "AGREED": "已签约",
    "RUNNING": "实习中",
    "COMPLETED": "已完成",
    "BROKEN_OFF": "已终止",
}
PLACEMENT_PROBLEMS: Final[Words] = {
    "no employer or school": "就业或者升学的，须填写用人单位或者升学学校",
    "no post": "就业的，须填写岗位",
    "no region of work": "就业或者创业的，须填写工作地区",
    "whether the work fits, and why": "就业或者创业的，须说明是否专业对口及理由；其他去向不填",
    "post or pay without work": "该去向没有岗位和报酬",
}
CORRECTION_STATES: Final[Words] = {
    "PROPOSED": "待审批",
    "APPROVED": "已批准",
    "REJECTED": "已退回",
}
ERASURE_STATES: Final[Words] = {"PROPOSED": "待审批", "ERASED": "已删除"}
STUDENT_NUMBER_PROBLEMS: Final[Words] = {
    **ID_NUMBER_PROBLEMS,
    "not the ID number of this person": "不是本人的证件号",
}
REGISTRATION_STATES: Final[Words] = {
    "FILED": "待核准",
    "APPROVED": "已核准",
    "RETURNED": "已退回",
}
STATUS_CHANGE_STATES: Final[Words] = {
    "PROPOSED": "已申请",
    "IN_CHAIN": "审批中",
    "APPROVED": "已批准",
    "EFFECTIVE": "已生效",
    "REJECTED": "已驳回",
    "WITHDRAWN": "已撤回",
}
STATUS_CHANGE_DOCUMENTS: Final[Words] = {
    "HOSPITAL_CERTIFICATE": "县级以上医院证明",
    "ENLISTMENT_NOTICE": "入伍通知书",
    "DISCHARGE_CERTIFICATE": "退役证明",
    "EMPLOYMENT_PROOF": "创业或就业证明",
    "GUARDIAN_AGREEMENT": "与监护人签订的协议",
    "ATTENDANCE_RECORD": "考勤记录",
    "DEATH_CERTIFICATE": "死亡证明",
    "MISSING_PROOF": "下落不明证明",
    "DECISION": "学校决定",
    "TRAINING_AGREEMENT": "联合培养协议",
    "OTHER": "其他材料",
}
STATUS_CHANGE_GROUNDS: Final[Words] = {
    "ILLNESS": "疾病",
    "ARMY_SERVICE": "服兵役",
    "START_UP": "创业",
    "SPECIAL": "特殊原因",
    "JOINT_TRAINING": "联合培养",
    "OWN_WISH": "本人申请",
    "OVERDUE_RETURN": "逾期未返校",
    "SUSPENSION_LIMIT": "休学期满",
    "UNEXCUSED_HOURS": "旷课",
    "AWAY_DAYS": "连续离校",
    "DISCIPLINE": "违纪",
    "DEATH": "死亡",
    "MISSING": "下落不明",
    "STUDIES": "学业原因",
    "TERM_ENDED": "期满",
}
# 学籍异动类别 (JY/T 1001).
STATUS_CHANGE_KINDS: Final[Words] = {
    "STUDY_ABROAD": "公派留学",
    "REPEAT_YEAR": "留级",
    "DEMOTE": "降级",
    "SKIP_YEAR": "跳级",
    "STUDY_ON_TRIAL": "试读",
    "EXTEND_YEARS": "延长年限",
    "PASS_TRIAL": "试读通过",
    "RETURN_FROM_ABROAD": "回国复学",
    "SUSPEND": "休学",
    "RETURN": "复学",
    "STOP": "停学",
    "RETAIN_ADMISSION": "保留入学资格",
    "RESTORE_ADMISSION": "恢复入学资格",
    "CANCEL_ADMISSION": "取消入学资格",
    "RESTORE_RECORD": "恢复学籍",
    "CANCEL_RECORD": "取消学籍",
    "RETAIN_RECORD": "保留学籍",
    "TRANSFER_OUT": "转学（转出）",
    "TRANSFER_IN": "转学（转入）",
    "CHANGE_MAJOR": "转专业",
    "DIPLOMA_TO_BACHELOR": "专升本",
    "BACHELOR_TO_DIPLOMA": "本转专",
    "CHANGE_DEPARTMENT": "转系",
    "CHANGE_CLASS": "转班级",
    "WITHDRAW": "退学",
    "EXPEL": "开除学籍",
    "DIE": "死亡",
    "VISIT": "国内访学",
    "RETURN_FROM_VISIT": "国内访学后返校",
    "OTHER": "其他",
}
