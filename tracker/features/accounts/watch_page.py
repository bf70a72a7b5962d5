"""The sections of the desk for viewers, auditors and admins, ready to print; reviewers countersign too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tracker.domain.identity import Identity, Role
from tracker.domain.workflow import Action
from tracker.features.accounts.watching import (
    Change,
    Draft,
    Grant,
    list_changes,
    list_ending,
    list_new_grants,
    list_to_countersign,
)
from tracker.web.filters import moment, span_text
from tracker.web.i18n import translate
from tracker.web.navigation import role_name

Section = dict[str, Any]
Reading = Callable[[Session, Identity, datetime], Section]


def watch_sections(session: Session, identity: Identity, now: datetime) -> list[Section]:
    """What this person has to look at beside reports; each role its own, in order.

    Reviewers see bulletins only while there are any: their desk is for reports first.
    """
    sections = [read(session, identity, now) for read in WATCHED.get(identity.role, ())]
    if identity.role is Role.REVIEWER:
        return [section for section in sections if section["rows"]]
    return sections


def _countersign(session: Session, identity: Identity, now: datetime) -> Section:
    rows = [_draft_row(one, now) for one in list_to_countersign(session, identity)]
    return _section(_("待会签的通报"), rows, _("没有等您会签的通报。拟稿完成后会出现在这里。"), is_hot=True)


def _changes(session: Session, identity: Identity, now: datetime) -> Section:
    rows = [_change_row(one) for one in list_changes(session, identity, now)]
    return _section(_("近 30 天的更正和作废"), rows, _("近 30 天没有更正或作废。更早的在操作记录里。"))


def _grants(session: Session, identity: Identity, now: datetime) -> Section:
    rows = [_grant_row(one, now) for one in list_new_grants(session, identity, now)]
    return _section(_("近 30 天的新任命"), rows, _("近 30 天没有新任命审批、审核或经审人员。"))


def _ending(session: Session, identity: Identity, now: datetime) -> Section:
    rows = [_grant_row(one, now) for one in list_ending(session, identity, now)]
    return _section(_("30 天内到期的任职"), rows, _("30 天内没有任职到期。"), is_hot=True)


WATCHED: Final[Mapping[Role, tuple[Reading, ...]]] = {
    Role.REVIEWER: (_countersign,),
    Role.VIEWER: (_countersign,),
    Role.AUDITOR: (_changes, _grants),
    Role.ADMIN: (_ending, _grants),
}


def _section(title: str, rows: list[dict[str, Any]], empty_text: str, *, is_hot: bool = False) -> Section:
    return {
        "title": title,
        "count": len(rows),
        "is_hot": is_hot,
        "empty_text": empty_text,
        "notes": [],
        "rows": rows,
    }


def _draft_row(one: Draft, now: datetime) -> dict[str, Any]:
    url = url_for("bulletins.draft", key=one.key, period=one.period)
    period = translate(one.period.title)
    return _row(
        _("%(period)s通报 · 第 %(number)s 期", period=period, number=one.number),
        text=_("%(programme)s · %(by)s拟稿", programme=one.programme, by=one.drafted_by),
        detail=_("已等 %(span)s", span=span_text(now - one.drafted_at)),
        action=(_("去会签"), url),
    ) | {"is_primary": True}


def _change_row(one: Change) -> dict[str, Any]:
    word = _("作废‖经过") if one.action is Action.REVOKE else _("更正")
    url = url_for("threads.show", key=one.key, code=one.code, period=one.period)
    return _row(
        f"{one.unit} · {translate(one.period.title)}",
        text=_("%(by)s：%(reason)s", by=one.by, reason=one.text),
        detail=moment(one.at),
        action=(_("查看经过"), url),
    ) | {"tag": word, "tag_tone": "red" if one.action is Action.REVOKE else "yellow"}


def _grant_row(one: Grant, now: datetime) -> dict[str, Any]:
    ends = one.until is not None and one.until > now
    detail = (
        _("%(until)s 到期", until=moment(one.until)) if ends else _("%(since)s 起", since=moment(one.since))
    )
    return _row(f"{one.person} · {role_name(one.role)}", text=one.unit, detail=detail, action=("", None))


def _row(title: str, *, text: str, detail: str, action: tuple[str, str | None]) -> dict[str, Any]:
    label, url = action
    return {
        "title": title,
        "url": url,
        "text": text,
        "detail": detail,
        "tag": None,
        "tag_tone": None,
        "action_label": label,
        "action_url": url,
        "is_primary": False,
    }
