"""Appointments and what is done about people, in words: for their pages, desks and the trail."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, Final

from flask_babel import lazy_gettext as _l

from tracker.domain.identity import Duty, Role
from tracker.services.grant_requests import Request
from tracker.services.stand_ins import StandIn
from tracker.web.filters import day, moment, on_the_calendar
from tracker.web.i18n import gettext as _
from tracker.web.navigation import role_name
from tracker.web.punctuation import bracketed

DUTIES: Final[dict[Duty, Any]] = {
    Duty.SYSTEM: _l("系统管理"),
    Duty.SECURITY: _l("安全管理"),
    Duty.AUDIT: _l("审计管理"),
}

PEOPLE_ACTIONS: Final[dict[str, Any]] = {
    "account.added": _l("开设账号"), "account.closed": _l("停用账号"), "account.reopened": _l("启用账号"),
    "accounts.uploaded": _l("上传人员文件"),
    "appointment.requested": _l("提出任命"), "appointment.granted": _l("任命"),
    "appointment.confirmed": _l("确认任命"), "appointment.moved": _l("调任"), "appointment.ended": _l("结束任职"),
    "reset.sent": _l("寄出设密码链接"), "reset.requested": _l("申请重设密码"), "reset.confirmed": _l("确认重设密码"),
    "address.changed": _l("登记邮箱"), "address.requested": _l("申请更改邮箱"), "address.confirmed": _l("确认更改邮箱"),
    "second_factor.reset": _l("重置动态口令"), "second_factor.requested": _l("申请重置动态口令"),
    "second_factor.confirmed": _l("确认重置动态口令"), "second_factor.enrolled": _l("设置动态口令"),
    "second_factor.codes_renewed": _l("更换备用码"), "second_factor.turned_off": _l("停用动态口令"),
    "grant.refused": _l("不同意申请"), "grant.withdrawn": _l("撤回申请"),
    "session.revoked": _l("让浏览器退出登录"), "password.set": _l("用链接设定密码"),
    "password.set_by_operator": _l("操作员设定密码"), "password.changed": _l("修改密码"),
    "appointment.switched": _l("切换任职"),
}  # fmt: skip
"""Acts about people; their subject is always an account."""

REQUESTS: Final[dict[str, Any]] = {
    "appointment": _l("任命"),
    "reset": _l("重设密码"),
    "address": _l("更改邮箱"),
    "second_factor": _l("重置动态口令"),
}


def office_text(
    role: Role, *, department: str | None = None, duty: Duty | None = None, stands_in_for: str | None = None
) -> str:
    """审核人（职工保障部），代理王芳: a role with all that narrows it."""
    narrower = department or ("" if duty is None else str(DUTIES[duty]))
    text = f"{role_name(role)}{bracketed(narrower)}" if narrower else role_name(role)
    return (
        text if stands_in_for is None else _("%(office)s，代理%(absent)s", office=text, absent=stands_in_for)
    )


def acting_name(name: str, stand_in: StandIn | None) -> str:
    """王芳（代理李强，至 2018年7月31日）: who did something, and in whose place until when."""
    if stand_in is None:
        return name
    until = last_day(stand_in.until)
    return _("%(name)s（代理%(absent)s，至 %(until)s）", name=name, absent=stand_in.absent, until=until)


def last_day(until: datetime | None) -> str:
    """The last day of something whose end is exclusive, or the moment where it ends within a day; 长期 without one."""
    if until is None:
        return _("长期")
    local = on_the_calendar(until)
    if local.time() != time(0):
        return moment(until, with_year=True)
    return _("%(year)s年%(day)s", year=(local - timedelta(days=1)).year, day=day(local - timedelta(days=1)))


def person_action(action: str) -> str:
    """An act about a person; one nobody has named yet keeps its code."""
    return str(PEOPLE_ACTIONS.get(action, action))


def request_text(one: Request) -> str:
    """What is asked for: the office, or the act on the account."""
    if one.role is None:
        return str(REQUESTS[one.kind])
    return office_text(one.role, department=one.department, duty=one.duty, stands_in_for=one.stands_in_for)
