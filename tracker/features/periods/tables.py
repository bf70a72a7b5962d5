"""The page of a period as a file: who has reported how much, and at which desk the rest lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flask_babel import gettext as _

from tracker.domain.periods import Period
from tracker.domain.workflow import State
from tracker.features.periods.queries import PeriodState, UnitState, list_reopened, list_waived
from tracker.features.periods.views import read_asked
from tracker.services.tables.csv_writing import Cell
from tracker.web.current import current_session, now
from tracker.web.figure_words import state_word
from tracker.web.filters import moment, span_text
from tracker.web.i18n import translate
from tracker.web.punctuation import clauses, listed
from tracker.web.table_files import Offer, Offers, Table

DESKS: Final = (State.SUBMITTED, State.SIGNED, State.RETURNED)


def missing_table(key: str, period: Period) -> Table:
    """The units that have not handed everything in."""
    state = read_asked(key, period)
    return _units(_("还没报的单位"), state, state.missing)


def units_table(key: str, period: Period) -> Table:
    """Every unit that has to report: what is in, and what lies where."""
    state = read_asked(key, period)
    return _units(_("报送情况"), state, state.units)


def _units(title: str, state: PeriodState, units: Sequence[UnitState]) -> Table:
    window = state.openings.window(state.head.publisher_id, state.period)
    missing = len(state.missing)
    facts = [
        (_("清单"), f"{state.head.title}（{state.head.key}）"),
        (_("报告期"), translate(state.period.title)),
        (_("起算迟报"), _("不算迟报") if window.late is None else moment(window.late, with_year=True)),
        (_("应报"), str(len(state.units))),
        (_("已报"), str(len(state.units) - missing)),
        *_exceptions(state),
    ]
    headings = [
        _("单位代码"), _("单位"), _("应报件数"), _("已报件数"), _("还差件数"),
        *(_("%(state)s件数", state=state_word(desk)) for desk in DESKS), _("最久已等"),
    ]  # fmt: skip
    rows = [_row(one) for one in units]
    return Table(title, facts, headings, rows, len(rows), widths=(12, 22))


def _row(one: UnitState) -> Sequence[Cell]:
    lying = {found.state: found.reports_count for found in one.lying}
    oldest = min((found.since for found in one.lying), default=None)
    return [
        one.unit.code, one.unit.short_name, one.owed, one.handed_in, one.owed - one.handed_in,
        *(lying.get(desk, 0) for desk in DESKS), "" if oldest is None else span_text(now() - oldest),
    ]  # fmt: skip


def _exceptions(state: PeriodState) -> list[tuple[str, str]]:
    """For whom the period is open again, and who needs no signature."""
    session = current_session()
    reopened = [
        _("%(unit)s 到 %(until)s", unit=one.unit, until=moment(one.until))
        for one in list_reopened(session, state.head, state.period)
    ]
    waived = [one.unit for one in list_waived(session, state.head)]
    told = [(_("重新开放"), clauses(reopened)), (_("免审批"), listed(waived))]
    return [(label, text) for label, text in told if text]


# fmt: off
TABLES: Final[Offers] = {
    ("periods.show", "missing"): Offer(missing_table),
    ("periods.show", "units"):   Offer(units_table),
}
"""What can be taken away of which page."""
# fmt: on
