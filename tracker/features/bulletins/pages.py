"""What the bulletin pages show around the paper: lists, trails, choices; no queries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flask import url_for

from tracker.domain.periods import Month, Period, Rhythm, periods_of
from tracker.features.bulletins.queries import Issue
from tracker.services.programme_heads import Head
from tracker.web.filters import moment, month_end
from tracker.web.i18n import gettext as _
from tracker.web.i18n import translate
from tracker.web.people_words import acting_name

Context = dict[str, Any]

RHYTHMS: Final = (Rhythm.HALF, Rhythm.YEAR, Rhythm.QUARTER, Rhythm.MONTH)
"""The periods a bulletin can be written for, the usual ones first."""

MOST_DRAFTED: Final = 3
"""Of how many lists a draft is offered on the page of all bulletins."""


def issue_row(issue: Issue, *, title: str) -> Context:
    """One line of a list of bulletins."""
    words, tone = _state(issue.state)
    return {
        "title": title,
        "url": draft_url(issue.programme_key, issue.period) if issue.state == "draft" else issue_url(issue),
        "period": translate(Period.parse(issue.period).title),
        "cutoff_text": month_end(Month.parse(issue.cutoff)),
        "issue_text": _("第 %(number)s 期", number=issue.number),
        "state_text": words,
        "state_tone": tone,
        "issued_text": issued_text(issue),
        "digest_short": issue.digest[:8],
        "is_superseded": issue.state == "superseded",
    }


def _state(state: str) -> tuple[str, str | None]:
    return {
        "draft": (_("拟稿"), "yellow"),
        "issuing": (_("正在生成文件"), "yellow"),
        "issued": (_("已印发"), "green"),
        "superseded": (_("已有新版"), None),
        "withdrawn": (_("已撤回"), None),
    }[state]


def issued_text(issue: Issue) -> str:
    """Who countersigned and when; of a draft, who drafted it."""
    if issue.issued_at is None:
        return _(
            "%(name)s 拟稿 · %(at)s",
            name=acting_name(issue.drafted_by, issue.drafted_for),
            at=moment(issue.drafted_at),
        )
    name = acting_name(issue.countersigned_by or "", issue.countersigned_for)
    return _("%(at)s · %(name)s 会签", name=name, at=moment(issue.issued_at))


def issue_url(issue: Issue) -> str:
    """The page of an issue."""
    period = Period.parse(issue.period)
    return url_for("bulletins.issue", key=issue.programme_key, period=period, number=issue.number)


def draft_url(key: str, period: str) -> str:
    """The page of a period's draft."""
    return url_for("bulletins.draft", key=key, period=Period.parse(period))


def trail_of(head: Head, *more: tuple[str, str | None]) -> list[Context]:
    """Breadcrumbs from the list of promises down to this page."""
    steps = [
        (head.title, url_for("dashboards.overview", key=head.key)),
        (_("通报"), url_for("bulletins.listing", key=head.key)),
        *more,
    ]
    return [
        {"label": label, "url": url if at < len(steps) - 1 else None} for at, (label, url) in enumerate(steps)
    ]


def period_choices(head: Head) -> list[Context]:
    """Every period of the list's year, for whoever begins a draft."""
    return [
        {"url": url_for("bulletins.draft", key=head.key, period=period), "label": translate(period.title)}
        for rhythm in RHYTHMS
        for period in periods_of(head.year, rhythm)
    ]


def draft_groups(heads: Sequence[Head]) -> list[Context]:
    """Where a draft of each of these lists is begun; of many the first ones: older ones are redrafted from their issues."""
    return [
        {"title": head.title if len(heads) > 1 else None, "choices": period_choices(head)}
        for head in heads[:MOST_DRAFTED]
    ]


def cutoff_choices(period: Period) -> list[tuple[str, str]]:
    """The months a period can be cut off at, the last first."""
    months = [Month(period.year, month) for month in range(period.last_month, period.first_month - 1, -1)]
    return [(str(month), month_end(month)) for month in months]


def period_title(period: str) -> str:
    """2018年上半年"""
    return translate(Period.parse(period).title)
