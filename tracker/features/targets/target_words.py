"""How targets, their sums and the answers of units are written on pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from flask_babel import gettext as _

from tracker.domain.allocation import Balance, Verdict, Way
from tracker.domain.figures import MINUS, show_grouped, show_percent
from tracker.domain.kinds import Kind
from tracker.domain.target_notices import NoticeState
from tracker.features.targets.content import WHOLE, Cell
from tracker.features.targets.histories import Notice
from tracker.features.targets.queries import Board, Row
from tracker.features.targets.transfers import Transfer
from tracker.web.figure_words import NOTHING
from tracker.web.filters import moment, time_left
from tracker.web.i18n import translate
from tracker.web.people_words import acting_name
from tracker.web.punctuation import clauses, labelled

NOTICE_LIGHTS: Final = {
    NoticeState.ISSUED: "not_reported",
    NoticeState.CONFIRMED: "on_track",
    NoticeState.ASKED: "lagging",
    NoticeState.DECLINED: "not_reported",
    NoticeState.CHANGED: "done",
    NoticeState.SUPERSEDED: "not_judged",
}


def notice_word(state: NoticeState) -> str:
    """Where a notice stands."""
    words = {
        NoticeState.ISSUED: _("待确认"),
        NoticeState.CONFIRMED: _("已确认"),
        NoticeState.ASKED: _("提出调整"),
        NoticeState.DECLINED: _("维持原目标，待确认"),
        NoticeState.CHANGED: _("已调整"),
        NoticeState.SUPERSEDED: _("已重新下达"),
    }
    return words[state]


def place_at(board: Board) -> str | None:
    """The unit's code in the address; none for the publisher, whose matrix is the list's own."""
    return None if board.is_publisher else board.at.code


def trail(board: Board, label: str) -> list[dict[str, Any]]:
    """Where the page stands."""
    return [
        {"label": board.at.name, "url": None},
        {"label": board.head.title, "url": f"/programmes/{board.head.key}"},
        {"label": label, "url": None},
    ]


def number_text(row: Row, value: int | None) -> str:
    """A target's number, with % behind rates."""
    if value is None:
        return NOTHING
    suffix = "%" if row.way is Way.RATE else ""
    return show_grouped(value, row.listed.rule.target_decimals) + suffix


def cell_words(row: Row, cell: Cell, column: str) -> str:
    """A cell for reading: a number, 承担, 不定数, 不承担, or nothing yet."""
    if not cell.is_assigned:
        return _("不承担") if cell.is_typed else NOTHING
    if column == WHOLE:
        return number_text(row, cell.value)
    if row.way is Way.TICKED:
        return _("承担")
    return _("不定数") if cell.value is None else number_text(row, cell.value)


def answer_due(notice: Notice, today: datetime) -> str | None:
    """The deadline of a notice that waits for its unit: 7月10日 18:00 前，还有 2 天."""
    if notice.answer_by is None or notice.state not in (NoticeState.ISSUED, NoticeState.DECLINED):
        return None
    left = time_left(notice.answer_by, today)
    return _("请在 %(due)s 前确认，%(left)s", due=moment(notice.answer_by), left=left)


def is_overdue(notice: Notice, today: datetime) -> bool:
    """Whether the unit should have confirmed by now."""
    waits = notice.state in (NoticeState.ISSUED, NoticeState.DECLINED)
    return waits and notice.answer_by is not None and notice.answer_by < today


def who_acted(notice: Notice, act: str) -> str:
    """Who ``issued``, ``answered`` or ``decided`` it, and in whose place; nobody: nothing."""
    name: str | None = getattr(notice, f"{act}_by")
    return NOTHING if name is None else acting_name(name, notice.stand_ins.get(act))


def notice_note(notice: Notice, today: datetime) -> str:
    """Who acted last, when, and what was asked; by when it is to be answered."""
    if notice.state is NoticeState.ASKED:
        return labelled(f"{moment(notice.answered_at)} {who_acted(notice, 'answered')}", notice.request)
    if notice.state is NoticeState.CONFIRMED:
        return f"{moment(notice.answered_at)} {who_acted(notice, 'answered')}"
    issued = _("%(at)s 下达", at=moment(notice.issued_at))
    due = answer_due(notice, today)
    return issued if due is None else clauses((issued, due))


def way_text(row: Row) -> str:
    """How the row goes down, where it is not simply divided."""
    if row.way is Way.RATE:
        return _("比率，不求和") if row.listed.rule.kind is Kind.RATIO else _("增幅，不求和")
    if row.way is Way.EACH:
        return _("各自的数，不求和")
    return _("勾选由谁承担") if row.way is Way.TICKED else ""


def balance_text(row: Row, found: Balance) -> str:
    """相符, 缺口 3, 层层加码 3."""
    if found.verdict is Verdict.EQUAL:
        return _("相符")
    size = number_text(row, abs(found.difference))
    return (
        _("缺口 %(size)s", size=size) if found.verdict is Verdict.GAP else _("层层加码 %(size)s", size=size)
    )


def transfer_text(one: Transfer) -> str:
    """石浦镇 2018年5月起划归宁海县总工会: why a sum over the parts is less, or more, than what was issued."""
    words = {"unit": one.name, "other": one.other, "month": translate(one.since.title)}
    if one.is_away:
        return _("%(unit)s自%(month)s起划归%(other)s，分给它的目标不再计入本表的合计。", **words)
    return _("%(unit)s自%(month)s起由%(other)s划入，原来分给它的目标计入本表，合计会多这一份。", **words)


def signed(tenths: int) -> str:
    """Tenths with their sign: +3.2, −0.4."""
    return f"{MINUS if tenths < 0 else '+'}{show_percent(abs(tenths))}"
