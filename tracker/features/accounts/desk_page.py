"""What one's own desk shows: its lists in order, each row with one next action, ready to print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask import url_for
from flask_babel import gettext as _

from tracker.domain.findings import WAITING
from tracker.domain.identity import Identity, Role
from tracker.domain.password_policy import Policy
from tracker.domain.workflow import State
from tracker.features.accounts.desk_reasons import Asked, asked_of
from tracker.services.desk import DeskAction, DeskList, DeskRow
from tracker.services.findings import FindingRow
from tracker.services.handovers import Handover
from tracker.services.notices import Reminder
from tracker.services.sessions import SignedIn
from tracker.web.figure_words import state_word
from tracker.web.filters import moment, span_text, time_left
from tracker.web.handover_words import handover_text
from tracker.web.i18n import translate

LISTS = {
    Role.REPORTER: (DeskList.RETURNED, DeskList.DUE, DeskList.WAITING),
    Role.APPROVER: (DeskList.TO_JUDGE, DeskList.DUE, DeskList.RETURNED, DeskList.WAITING),
    Role.REVIEWER: (DeskList.TO_JUDGE, DeskList.LATE),
    Role.VIEWER: (DeskList.LATE,),
    Role.AUDITOR: (DeskList.LATE,),
}
"""Which lists each role has, in their order; others have none."""


class Moments(NamedTuple):
    """Now for how long things lie, and the calendar by which deadlines go."""

    now: datetime
    today: datetime


def desk_sections(
    rows: Sequence[DeskRow],
    identity: Identity,
    moments: Moments,
    *,
    handovers: Sequence[Handover] = (),
    reasons: Mapping[Asked, Sequence[str]] | None = None,
    has_lists: bool = True,
) -> list[dict[str, Any]]:
    """The sections of ``accounts/desk.html``; ``has_lists``: there is a list in sight that could ask for figures.

    ``reasons``: why something was returned or revoked, as list_reasons reads them.
    """
    nothing_due = (
        _("该填的都交了。下一期开放后，截止日期会写在这里。")
        if has_lists
        else _("还没有要填的。清单公布并分到本单位以后，该填哪一期、哪天截止会写在这里。")
    )
    titles = {
        DeskList.RETURNED: (
            _("退回要改"),
            _("没有退回的报告。有退回时，意见和期限写在这里；要改哪几项，打开表就看见。"),
        ),
        DeskList.TO_JUDGE: (_("等您办理"), _("没有等您办理的报告。有人提交后，等得最久的排在最前。")),
        DeskList.DUE: (_("待填报"), nothing_due),
        DeskList.WAITING: (_("办理中"), _("没有在办的报告。提交之后，走到哪一步会写在这里。")),
        DeskList.LATE: (_("迟报单位"), _("没有迟报的单位。过了截止时间还没交的，会按单位列在这里。")),
    }
    sections = []
    for listed in LISTS.get(identity.role, ()):
        title, empty_text = titles[listed]
        mine = [row for row in rows if row.list is listed]
        sections.append(
            {
                "title": title,
                "count": len(mine),
                "is_hot": listed in (DeskList.RETURNED, DeskList.TO_JUDGE),
                "empty_text": empty_text,
                "notes": _handover_notes(handovers, identity) if listed is DeskList.TO_JUDGE else [],
                "rows": [_row(row, identity, moments) | _reason(row, reasons or {}) for row in mine],
            }
        )
    return sections


def password_notice(signed_in: SignedIn | None, policy: Policy, now: datetime) -> str | None:
    """How many days are left to a password that will be too old, from the day people are warned of it."""
    ends_at = None if signed_in is None else policy.ends_at(signed_in.password_changed_at)
    if ends_at is None or ends_at - now > policy.warned:
        return None
    return _("您的密码还有 %(count)s 天到期，到期后登录时须先更换。", count=max(1, (ends_at - now).days + 1))


def _handover_notes(handovers: Sequence[Handover], identity: Identity) -> list[str]:
    """What this person handed over or looks after."""
    mine = identity.person_id
    return [handover_text(one, person_id=mine) for one in handovers if one.involves(mine)]


def reminder_rows(reminders: Sequence[Reminder], identity: Identity) -> list[dict[str, Any]]:
    """What ``accounts/_reminders.html`` shows: who reminds of what, and the one thing to do."""
    signs = identity.role is Role.APPROVER
    return [
        {
            "title": f"{translate(one.period.title)} · {one.programme}",
            "text": one.text,
            "detail": f"{one.by} · {moment(one.at)}",
            "is_read": one.is_read,
            "action_url": url_for("reminders.open_notice", notice_id=one.id),
            "action_label": _reminder_label(one, signs=signs),
        }
        for one in reminders
    ]


def _reminder_label(one: Reminder, *, signs: bool) -> str:
    if not signs:
        return _("去填报")
    return _("去审批") if one.needs_signature else _("查看")


def _row(row: DeskRow, identity: Identity, moments: Moments) -> dict[str, Any]:
    endpoint = "reviews.review" if row.action is DeskAction.JUDGE else "reports.sheet"
    url = url_for(endpoint, key=row.key, code=row.code, period=row.period)
    labels = {
        DeskAction.FILL: _("接着改") if row.state is State.DRAFT else _("去填报"),
        DeskAction.MEND: _("去修改"),
        DeskAction.JUDGE: _("去审批") if identity.role is Role.APPROVER else _("去审核"),
        DeskAction.SEE: _("查看"),
    }
    is_own = row.code == identity.appointment.org_unit_code and identity.role is not Role.REVIEWER
    period = translate(row.period.title)
    tag, tone = _tag(row)
    return {
        "title": _("%(period)s · 月报表", period=period) if is_own else f"{row.unit} · {period}",
        "url": url,
        "text": _("%(programme)s · %(count)s 件", programme=row.programme, count=row.reports_count),
        "detail": _detail(row, moments),
        "tag": tag,
        "tag_tone": tone,
        "action_label": labels[row.action],
        "action_url": url,
        "is_primary": row.action is not DeskAction.SEE,
    }


def _reason(row: DeskRow, reasons: Mapping[Asked, Sequence[str]]) -> dict[str, Any]:
    """The first line of what was written when the row's reports came back, and what of it is only on the sheet."""
    told = reasons.get(asked_of(row), ()) if row.list is DeskList.RETURNED or row.is_revoked else ()
    if not told:
        return {"reason": None}
    more = _("另有 %(count)s 条意见", count=len(told) - 1) if len(told) > 1 else None
    label = _("作废原因：") if row.is_revoked else _("退回意见：")
    return {"reason": {"label": label, "text": told[0].strip().splitlines()[0], "more": more}}


def _detail(row: DeskRow, moments: Moments) -> str:
    if row.list is DeskList.LATE and row.until is not None:
        return _("%(due)s 截止，%(left)s", due=moment(row.until), left=time_left(row.until, moments.today))
    if row.until is not None:
        left = time_left(row.until, moments.today)
        return _("%(due)s 前，%(left)s", due=moment(row.until), left=left)
    if row.state is State.DRAFT:
        return _("更正还没有提交，原数照常有效")
    if row.since is None:
        return ""
    return _("已等 %(span)s", span=span_text(moments.now - row.since))


def _tag(row: DeskRow) -> tuple[str | None, str | None]:
    if row.list is DeskList.RETURNED:
        return _("已退回"), "red"
    if row.is_revoked:
        return _("作废重报"), "red"
    if row.is_late:
        return _("逾期"), "red"
    if row.state is State.DRAFT:
        return _("更正"), "yellow"
    if row.state in (State.SUBMITTED, State.SIGNED):
        return state_word(row.state), "yellow"
    return None, None


def finding_sections(found: Sequence[FindingRow], today: datetime) -> list[dict[str, Any]]:
    """Auditors' findings on the own unit, to be answered or under review; no section while there are none."""
    if not found:
        return []
    waiting = [one for one in found if one.state in WAITING]
    return [
        {
            "title": _("审计发现"),
            "count": len(waiting),
            "is_hot": bool(waiting),
            "empty_text": "",
            "rows": [_finding_row(one, today) for one in found],
        }
    ]


def _finding_row(one: FindingRow, today: datetime) -> dict[str, Any]:
    url, is_mine, is_late = (
        url_for("auditing.finding", number=one.id),
        one.state in WAITING,
        one.is_overdue(today),
    )
    left = _("%(due)s 前，%(left)s", due=moment(one.due), left=time_left(one.due, today))
    return {
        "title": one.title,
        "url": url,
        "text": _("经审提出，请写明整改情况") if is_mine else _("已答复，等经审复核"),
        "detail": left if is_mine else "",
        "tag": _("逾期") if is_late else _("待整改") if is_mine else _("待复核"),
        "tag_tone": "red" if is_late else "yellow",
        "action_label": _("去答复") if is_mine else _("查看"),
        "action_url": url,
        "is_primary": is_mine,
    }
