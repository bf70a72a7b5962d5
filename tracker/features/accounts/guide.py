"""您在这里可以做什么: the few things each role comes for, as links; only what the appointment permits."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from flask import current_app, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tracker.domain.identity import Actor, Identity, Role
from tracker.domain.messages import Message
from tracker.domain.permissions import EVERY_ROLE, RIGHTS, Permission, Reach, holds
from tracker.models.account import Account
from tracker.services import audit
from tracker.web.guard import permission_of
from tracker.web.i18n import translate

MOST: Final = 5


class Thing(NamedTuple):
    """Something to do: the page it is done on, what it is called, and how it goes in one sentence."""

    endpoint: str
    title: Any
    text: Any


# fmt: off
_PROGRESS = Thing("programmes.list_all", _l("看实事清单和进度"), _l("本单位承担哪些实事、目标多少、现在亮什么灯；每个数字都能点到来源。"))
_ACCOUNT = Thing("accounts.own_account", _l("管好自己的账号"), _l("换密码，设动态口令，看在哪里登录过，选语言。"))
_CONFIRM = Thing("people.requests", _l("确认任命和重设"), _l("别人提出的任命、重设密码和改邮箱，由您核实后才生效。"))

THINGS: Final[dict[Role, tuple[Thing, ...]]] = {
    Role.REPORTER: (
        Thing("reports.index",       _l("填报月报表"),         _l("打开该填的那一期：一张表填完，随填随存，也可以从表格粘贴；核对后提交给本单位审批。")),
        Thing("targets.index",       _l("确认下达的目标"),     _l("上级下达目标以后，在限期内确认，或写明理由提出调整。")),
        _PROGRESS,
        Thing("auditing.findings",   _l("答复审计发现"),       _l("经审提出的问题写明整改情况，需要时附上更正。")),
        _ACCOUNT,
    ),
    Role.APPROVER: (
        Thing("reviews.index",       _l("审批本单位的报告"),   _l("一屏看完和上月差多少、为什么；属实就审批，不属实就退回并写明哪几项，手机上也能办。")),
        Thing("targets.index",       _l("确认和分解目标"),     _l("确认上级下达的目标，再分到下级各单位。")),
        _PROGRESS,
        Thing("reviews.handover",    _l("不在时把待办交出去"), _l("出差、休假时交给同岗同事，回来再接手。")),
        _ACCOUNT,
    ),
    Role.REVIEWER: (
        Thing("reviews.index",       _l("审核下级的报告"),     _l("等得久的排在前面；逐项看差异和佐证，通过或退回，没有提示的可以一并通过。")),
        Thing("programmes.list_all", _l("编制和公布清单"),     _l("新建、导入或复制上年的清单，公布以后各单位就能填报。")),
        Thing("targets.index",       _l("分解和下达目标"),     _l("按权重、按上年或手工分到各单位，合计不平时会提醒。")),
        Thing("bulletins.index",     _l("起草通报"),           _l("选一期，正文和附表自动写好，每个数字都能点到来源；由另一人会签。")),
        _CONFIRM,
    ),
    Role.VIEWER: (
        Thing("programmes.list_all", _l("看进度总览"),         _l("哪件、哪里、差多少、谁没报；每个数字三步以内点到月报和佐证，一页纸能打印上会。")),
        Thing("dashboards.compare_lists", _l("比较各地"),      _l("同一把尺看各地清单，只比差距，不比绝对数。")),
        Thing("bulletins.index",     _l("会签和查阅通报"),     _l("会签别人起草的通报，查阅、导出已印发的。")),
        _ACCOUNT,
    ),
    Role.AUDITOR: (
        Thing("auditing.index",      _l("抽样核验"),           _l("从已封存的数据里随机、按大小或按风险抽样，逐条记已核或存疑。")),
        Thing("auditing.findings",   _l("提出和复核审计发现"), _l("对单位提出问题和期限，看答复，销号或要求继续整改。")),
        Thing("auditing.entries",    _l("查操作记录"),         _l("按人、单位、事项、时间查谁改过什么，看一个对象的全部经过，导出。")),
        Thing("auditing.anchors",    _l("核对封存"),           _l("看最新的封存号和校验码，与印在通报、导出文件上的对一对。")),
        Thing("programmes.list_all", _l("看清单和进度"),       _l("从任一数字点到月报、经手人和佐证。")),
    ),
    Role.ADMIN: (
        Thing("people.new",          _l("开设账号"),           _l("选单位、填姓名和第一项任职；设密码的链接只寄给本人。")),
        Thing("people.choose_file",  _l("从表格导入人员"),     _l("一行一项任职，先核对，确认后一次写入。")),
        Thing("people.index",        _l("任命、调任和重设"),   _l("找到这个人：加任职、调任、结束、停用，重设密码或动态口令。")),
        _CONFIRM,
        Thing("org_units.index",     _l("维护组织"),           _l("新增、更名、划转、撤销、合并单位，或从文件导入。")),
        Thing("auditing.entries",    _l("查操作记录"),         _l("看谁对账号、任职和单位做过什么。")),
        _ACCOUNT,
    ),
}
"""What each role comes for, the most frequent first."""
# fmt: on


def things_to_do(identity: Identity) -> list[dict[str, Any]]:
    """Of the role's things those this appointment permits, five at most: title, text and address of each."""
    permitted = [
        one
        for one in THINGS[identity.role]
        if one.endpoint in current_app.view_functions
        and holds(identity, permission_of(current_app, one.endpoint))
    ]
    return [
        {"title": str(one.title), "text": str(one.text), "url": url_for(one.endpoint)}
        for one in permitted[:MOST]
    ]


def rights_in_words(identity: Identity) -> list[str]:
    """Everything this appointment permits beside what every account may, in the words of the table of rights."""
    return [
        translate(Message(right.meaning))
        for permission, right in RIGHTS.items()
        if _is_of_role(permission) and holds(identity, permission)
    ]


def _is_of_role(permission: Permission) -> bool:
    right = RIGHTS[permission]
    return right.reach not in (Reach.EVERYONE, Reach.STEP) and right.roles != EVERY_ROLE


def has_folded_guide(session: Session, account_id: int) -> bool:
    """Whether the account's owner has folded the panel up."""
    return bool(session.scalar(select(Account.has_folded_guide).where(Account.id == account_id)))


def fold_guide(session: Session, *, is_folded: bool, account_id: int, actor: Actor, now: datetime) -> None:
    """Keep the panel folded or open, in every browser."""
    mine = update(Account).where(Account.id == account_id)
    session.execute(mine.values(has_folded_guide=is_folded))
    action = "guide.folded" if is_folded else "guide.unfolded"
    subject = audit.Subject("account", str(account_id))
    audit.record(session, actor=actor, now=now, action=action, subject=subject)
