"""A plan curve out of last year's accepted months: the share of the year's result reached by each month's end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.domain.figures import round_half_away
from tracker.domain.messages import Refusal
from tracker.domain.periods import Month
from tracker.domain.rules import FULL
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Indicator, Programme
from tracker.services.programme_documents.document import Document
from tracker.services.programme_heads import find_head
from tracker.services.progress_table import load
from tracker.services.tree import get_unit


class NoLastYear(Refusal):
    """Last year's list knows no figures to take a curve from."""


def last_years_curve(session: Session, document: Document, code: str) -> tuple[int, ...]:
    """Twelve cumulative tenths of a percent, as the indicator of the same code grew a year before.

    Raises NoLastYear when no list of the publisher has it, or nothing was accepted in it.
    """
    key = _last_years_list(session, document, code)
    head = None if key is None else find_head(session, key)
    curve = None
    if head is not None:
        node = get_unit(session, head.publisher_id)
        table = load(session, head, node, cutoff=Month(head.year, 12), with_branches=True)
        standings = [
            one.standing
            for pledges in table.past
            for pledge in pledges
            for one in pledge.indicators
            if one.listed.rule.code == code
        ]
        curve = curve_of([one.actual for one in standings], start=standings[-1].base or 0)
    if curve is None:
        raise NoLastYear("没有这项指标上一年已通过的各月数据，请改选“按时间均匀”或“自定”")
    return curve


def curve_of(levels: Sequence[int | None], *, start: int = 0) -> tuple[int, ...] | None:
    """The curve through twelve levels counted from ``start``; None when they lead nowhere upwards.

    A month without a figure stands at the one before, and the curve never falls.
    """
    last = levels[-1] if levels else None
    if last is None or last <= start:
        return None
    shares = [
        0 if level is None else round_half_away((level - start) * FULL, last - start) for level in levels
    ]
    risen = accumulate((min(max(share, 0), FULL) for share in shares), max)
    return (*list(risen)[:-1], FULL)


def _last_years_list(session: Session, document: Document, code: str) -> str | None:
    """The key of last year's list with this indicator; the one of the same slug before others."""
    wanted = (
        select(Programme.key, Programme.slug)
        .join(OrgUnit, OrgUnit.id == Programme.publisher_id)
        .join(Indicator, Indicator.programme_id == Programme.id)
        .where(
            OrgUnit.code == document.publisher,
            Programme.year == document.year - 1,
            Indicator.code == code,
            Indicator.is_dropped.is_(False),
        )
        .order_by(Programme.slug)
    )
    rows = session.execute(wanted).all()
    same = [row.key for row in rows if row.slug == document.slug]
    return next(iter([*same, *(row.key for row in rows)]), None)
