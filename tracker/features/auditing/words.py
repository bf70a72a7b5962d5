"""The trail in words: acts, kinds of subject, roles, and what stands in before and after."""

from __future__ import annotations

from typing import Any, Final

from flask_babel import lazy_gettext as _l

from tracker.domain.identity import Duty, Role
from tracker.domain.sampling import Method, Risk
from tracker.features.auditing.selection import ListName
from tracker.web.i18n import gettext as _
from tracker.web.navigation import role_name
from tracker.web.people_words import DUTIES, PEOPLE_ACTIONS

# fmt: off
ACTIONS: Final[dict[str, Any]] = {
    "report.saved": _l("保存报告"), "report.submitted": _l("提交报告"), "report.withdrawn": _l("撤回报告"),
    "report.signed": _l("审批报告"), "report.returned": _l("退回报告"), "report.accepted": _l("通过报告"),
    "report.undone": _l("撤销通过"), "report.revoked": _l("作废报告"), "report.corrected": _l("更正报告"),
    "report.dropped": _l("放弃更正"), "report.commented": _l("留言"),
    "evidence.added": _l("添加佐证"), "evidence.removed": _l("作废佐证"),
    "figures.imported": _l("导入数据"), "programme.created": _l("新建清单"), "programme.imported": _l("导入清单"),
    "programme.edited": _l("修改清单"), "programme.changed": _l("变更清单"), "programme.uploaded": _l("上传清单文件"), "programme.copied": _l("复制清单"),
    "programme.published": _l("公布清单"), "programme.started": _l("开始执行清单"), "programme.closed": _l("结束清单"),
    "programme.exported": _l("导出清单"), "programme.ranking_switched": _l("设定排名"),
    "targets.drafted": _l("编制目标"), "targets.issued": _l("下达目标"), "targets.confirmed": _l("确认目标"),
    "targets.adjustment_asked": _l("提出调整目标"), "targets.adjustment_declined": _l("不同意调整目标"),
    "period.closed": _l("关闭报告期"), "period.reopened": _l("重新开放报告期"),
    "signature.waived": _l("设为免审批"), "signature.required": _l("恢复审批"),
    "bulletin.drafted": _l("起草通报"), "bulletin.edited": _l("修改通报"), "bulletin.countersigned": _l("会签通报"),
    "bulletin.issued": _l("印发通报"), "bulletin.exported": _l("导出通报"), "bulletin.files_asked_again": _l("重新生成通报文件"),
    "session.begun": _l("登录"), "session.ended": _l("退出登录"),
    "session.code_asked": _l("密码正确，等动态口令"), "language.chosen": _l("选择语言"),
    "guide.folded": _l("收起“可以做什么”"), "guide.unfolded": _l("展开“可以做什么”"),
    "access.refused": _l("越权被拒"), "personal.viewed": _l("查看个人信息"),
    "org_unit.added": _l("新增单位"), "org_unit.renamed": _l("单位更名"), "org_unit.changed": _l("修改单位"),
    "org_unit.moved": _l("划转单位"), "org_unit.closed": _l("撤销单位"), "org_unit.merged": _l("合并单位"),
    "org_units.uploaded": _l("上传单位文件"), "org_units.exported": _l("导出单位"), "org_units.imported": _l("导入单位"), "holidays.imported": _l("导入节假日"), "clock.set": _l("设定演示时钟"),
    "table.exported": _l("导出表格"), "table.export_asked": _l("要求导出长表格"), "sample.drawn": _l("抽样"), "figure.marked": _l("核验数据"),
    "finding.raised": _l("提出审计发现"), "finding.answered": _l("答复整改"), "finding.closed": _l("审计发现销号"),
    "finding.reopened": _l("要求继续整改"),
    "backup.taken": _l("备份"), "backup.restored": _l("由备份恢复"),
    **PEOPLE_ACTIONS,
}
KINDS: Final[dict[str, Any]] = {
    "report": _l("报告"), "programme": _l("清单"), "targets": _l("目标‖栏目"), "target_notice": _l("目标通知"),
    "bulletin": _l("通报"), "account": _l("账号"), "appointment": _l("任职"), "evidence": _l("佐证"),
    "permission": _l("权限"), "tree_edition": _l("单位树"), "holidays": _l("节假日"), "setting": _l("设置"),
    "org_unit": _l("单位"), "notice": _l("催报"), "queue": _l("待办"),
    "audit": _l("操作记录"), "table_export": _l("导出的表格"), "sample": _l("抽样"), "sampled_figure": _l("抽样数据"), "finding": _l("审计发现"),
    "backup": _l("备份"),
}
KEYS: Final[dict[str, Any]] = {
    "state": _l("状态"), "revision": _l("版次"), "digest": _l("校验码"), "text": _l("意见"), "reason": _l("原因"),
    "value": _l("数值"), "numerator": _l("分子"), "denominator": _l("分母"), "rate": _l("比率"), "done_on": _l("完成日期"),
    "items_done": _l("已完成项目"), "judgement": _l("判断"), "is_unknown": _l("数量不详"), "note": _l("说明"),
    "achievements": _l("进展情况"), "problems": _l("存在问题"), "next_steps": _l("下步打算"),
    "unit": _l("单位"), "org_unit": _l("单位"), "period": _l("报告期"), "periods": _l("报告期"), "until": _l("截至"),
    "login": _l("登录名"), "name": _l("名称"), "role": _l("职务"), "department": _l("部门"), "seconds": _l("秒数"),
    "answered_by": _l("负责人"), "corrected": _l("更正数"), "new": _l("新增数"), "skipped": _l("未变数"),
    "reports": _l("报告数"), "overtaken": _l("被取代的更正"), "assigned": _l("新增承担单位"), "is_history": _l("历史数据"),
    "file": _l("文件校验码"), "files": _l("文件"), "posting": _l("入账号"), "posting_id": _l("入账号"),
    "added": _l("新增"), "added_codes": _l("新增单位"), "unchanged": _l("未变"), "line": _l("指标"),
    "is_ranked": _l("参加排名"), "expected": _l("应报"), "handed_in": _l("已报"), "missing": _l("未报单位"),
    "number": _l("编号"), "weights": _l("权重"), "programme": _l("清单"), "size": _l("大小"), "ending": _l("格式"),
    "format": _l("格式"), "endpoint": _l("页面"), "method": _l("方式"), "seal": _l("封存号"), "cutoff": _l("截止月"),
    "filters": _l("筛选"), "rows": _l("行数"), "newest_entry": _l("截至记录"), "reach": _l("范围"), "list": _l("名单"),
    "person": _l("人员"), "action": _l("事项"), "kind": _l("对象"), "since": _l("自"), "newest": _l("截至记录"),
    "seed": _l("起始号"), "population": _l("总体"), "wanted": _l("抽取数"), "verdict": _l("结论"), "due": _l("期限"),
    "asked": _l("要求"), "position": _l("序号"), "waived": _l("免审批"), "issue": _l("期号"), "fault": _l("故障"),
    "target": _l("目标"), "base": _l("基数"), "draft": _l("稿次"), "correction": _l("更正"), "sample": _l("抽样"),
    "population_digest": _l("总体校验码"), "subject_id": _l("对象编号"), "sha256": _l("文件校验码"),
    "address": _l("网络地址"), "browser": _l("浏览器"), "second_factor": _l("动态口令"), "language": _l("语言"), "figures": _l("抽到的数据"), "figure": _l("抽样数据"),
    "close_day": _l("关闭日"), "due_day": _l("截止日"), "elapsed": _l("时间进度"), "lead": _l("牵头部门"),
    "title": _l("标题"), "publisher": _l("发布单位"), "year": _l("年度"), "reporting": _l("报送频率"),
    "page": _l("页面地址"), "table": _l("表格"), "email": _l("邮箱"),
    "duty": _l("管理分工"), "stands_in_for": _l("被代理人"), "is_pending": _l("待确认"),
    "requested_by": _l("申请人"), "own_level_counts": _l("本级计入合计"), "lights": _l("亮灯规则"), "words": _l("正文"), "version": _l("稿次"),
    "aligned": _l("对接上级指标"), "aspiration": _l("力争目标"), "code": _l("代码"), "comparator": _l("比较方式"),
    "counting_rule": _l("口径"), "decimals": _l("小数位"), "evidence": _l("佐证要求"), "items": _l("项目"),
    "last_year": _l("上年实绩"), "measure": _l("计量单位"), "part_of": _l("属于"), "parts_complete": _l("分项齐全"),
    "place": _l("次序"), "plan": _l("计划曲线"), "stages": _l("阶段"), "tolerance_percent": _l("容差"),
    "allocations": _l("分解目标"), "supporting": _l("配合部门"), "slug": _l("别名"), "effective_month": _l("自几月起"),
    "taken_back_below": _l("收回的下级目标"), "answer_by": _l("答复期限"), "notified": _l("通知的单位"),
    "overtaken_notices": _l("被取代的通知"), "drafted_by": _l("起草人"), "countersigned_by": _l("会签人"),
}
VALUES: Final[dict[str, Any]] = {
    "draft": _l("草稿"), "submitted": _l("待审批"), "signed": _l("待审核"), "returned": _l("已退回"),
    "accepted": _l("已通过"), "superseded": _l("已更正"), "revoked": _l("已作废"), "dropped": _l("已放弃"),
    "published": _l("已公布"), "running": _l("进行中"), "closed": _l("已结束"), "issuing": _l("正在生成文件"),
    "issued": _l("已印发"), "open": _l("待整改"), "answered": _l("待复核"), "reopened": _l("继续整改"),
    "verified": _l("已核"), "doubtful": _l("存疑"), "random": _l("随机"), "size": _l("按大小"), "risk": _l("按风险"),
    "on_track": _l("达序时"), "lagging": _l("预警"), "done": _l("已完成"), "confirmed": _l("已确认"), "asked": _l("提出调整"),
    "declined": _l("不同意调整"), "code": _l("动态口令"), "recovery_code": _l("备用码"),
}
LIST_VALUES: Final[dict[str, dict[str, Any]]] = {
    "elapsed": {"months": _l("按月"), "days": _l("按日")},
    "reporting": {"month": _l("按月"), "quarter": _l("按季"), "half": _l("按半年"), "year": _l("按年")},
    "evidence": {"none": _l("不要求"), "required": _l("必须"), "optional": _l("可附")},
    "comparator": {">=": _l("不少于"), ">": _l("超过"), "=": _l("等于"), "~": _l("约"), "<=": _l("不多于")},
    "kind": {
        "flow": _l("累计数"), "stock": _l("存量数"), "kept": _l("动态保持"), "ratio": _l("比率"), "growth": _l("增幅"),
        "milestone": _l("节点事项"), "checklist": _l("逐个完成"), "narrative": _l("文字判断"),
    },
}
"""What a list's own settings are called, by their key."""

WORDED: Final = frozenset({"state", "judgement", "verdict", "method", "second_factor"})
"""The keys whose values are words of ours."""

RISKS: Final[dict[Risk, Any]] = {
    Risk.CORRECTED: _l("更正过"), Risk.LAST_DAY_JUMP: _l("最后一天突增"), Risk.EXACTLY_FULL: _l("正好 100.0%"),
    Risk.LATE: _l("迟报"), Risk.NO_EVIDENCE: _l("缺少佐证"), Risk.IMPORTED: _l("导入"), Risk.UNSIGNED: _l("免审批"),
    Risk.NEAR_MISS: _l("填审几乎同人"),
}
METHODS: Final[dict[Method, Any]] = {
    Method.RANDOM: _l("随机"), Method.SIZE: _l("按大小"), Method.RISK: _l("按风险"),
}

LISTS: Final[dict[ListName, tuple[Any, Any]]] = {
    ListName.IMPORTS:     (_l("导入的数据"), _l("不经填报、审批直接入账的数据，以及由谁负责。")),
    ListName.REVOCATIONS: (_l("作废的报告"), _l("已通过又作废的报告和原因。")),
    ListName.CORRECTIONS: (_l("关闭或通报之后的更正"), _l("报告期关闭或通报印发之后才提出的更正。")),
    ListName.UNSIGNED:    (_l("免审批的单位"), _l("不经本单位审批即可上报的设定和恢复。")),
    ListName.NEAR_MISSES: (_l("填审几乎同人"), _l("审批、通过的人写过同一报告的其他版次，或者也任这个单位的填报人。")),
    ListName.ACCOUNTS:    (_l("账号与任命"), _l("谁开设了账号、任命了谁、由谁确认；操作员不经页面直接开设的也在内。")),
    ListName.EXPORTS:     (_l("交出去的导出"), _l("谁在什么时候导出过什么。")),
}
# fmt: on


def action_word(action: str) -> str:
    """An act of the trail; one nobody has named yet keeps its code."""
    return str(ACTIONS.get(action, action))


def kind_word(kind: str) -> str:
    """A kind of subject."""
    return str(KINDS.get(kind, kind))


def key_word(key: str) -> str:
    """One part of before and after."""
    return str(KEYS.get(key, key))


def value_word(key: str, value: object) -> str:
    """A plain value beside its key: words of ours, yes and no, else as it is."""
    if value is None or value == "":
        return _("无")
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if key == "role" and value in set(Role):
        return role_name(Role(str(value)))
    if key == "duty" and value in set(Duty):
        return str(DUTIES[Duty(str(value))])
    if key in LIST_VALUES and value in LIST_VALUES[key]:
        return str(LIST_VALUES[key][str(value)])
    if key in WORDED:
        return str(VALUES.get(str(value), value))
    if key == "action":
        return action_word(str(value))
    if key == "kind":
        return kind_word(str(value))
    return str(LISTS[ListName(str(value))][0]) if key == "list" else str(value)


def role_word(role: str | None) -> str:
    """The role acted under; operators have none."""
    return _("操作员") if role is None else role_name(Role(role))
