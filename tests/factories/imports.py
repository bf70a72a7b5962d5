"""A list of every kind of indicator, and figures for it by import."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories.rows import NOW, Nested, plant_list, plant_tree
from tracker.domain.identity import OPERATOR
from tracker.features.reports.commands.import_figures import Outcome, import_figures
from tracker.features.reports.figure_files import FigureRow, rows_of
from tracker.models.ledger import Entry, Tally
from tracker.models.programme import Indicator, Pledge, Programme
from tracker.services.clock import CHINA
from tracker.services.ledger.folding import try_fold
from tracker.services.tables.reading import read_table

KEY = "330200-2018"
CALENDAR = NOW.astimezone(CHINA)
TREE: Nested = {"330000": {"330200": {"330203": {"330203001": {}}, "330205": {}}, "330500": {}}}

PLEDGES: dict[int, dict[str, dict[str, Any]]] = {
    1: {"enrolments": {"kind": "flow"}, "funds": {"kind": "flow", "measure": "元", "decimals": 2}},
    2: {"members": {"kind": "stock", "measure": "人"}, "cared": {"kind": "kept", "measure": "户"}},
    3: {
        "coverage": {"kind": "ratio", "measure": "%"},
        "wages": {"kind": "growth", "measure": "%", "decimals": 1},
        "opened": {"kind": "milestone", "measure": "项"},
        "sites": {"kind": "checklist", "measure": "个", "items": ["练市镇", "双林镇", "菱湖镇"]},
        "hotline": {"kind": "narrative", "measure": "项"},
        "visits": {"kind": "checklist", "measure": "个"},
    },
}


class Planted(NamedTuple):
    """The list with its units by code and indicators by code."""

    programme: Programme
    units: dict[str, int]
    indicators: dict[str, Indicator]


def plant_all_kinds(session: Session, **columns: object) -> Planted:
    """The list 330200-2018 with one indicator of each kind in three pledges; nobody is assigned."""
    units = plant_tree(session, TREE)
    programme = plant_list(session, units["330200"], key=KEY)
    for column, value in columns.items():
        setattr(programme, column, value)
    indicators = {}
    for number, members in PLEDGES.items():
        pledge = Pledge(programme_id=programme.id, number=number, title=f"第{number}项", lead="职工保障部")
        session.add(pledge)
        session.flush()
        for position, (code, facts) in enumerate(members.items(), 1):
            filled = {"measure": "人次", "decimals": 0, "comparator": ">=", "position": position} | facts
            indicators[code] = Indicator(
                programme_id=programme.id, pledge_id=pledge.id, code=code, name=code, **filled
            )
    session.add_all(indicators.values())
    session.flush()
    return Planted(programme, units, indicators)


def rows(text: str) -> list[FigureRow]:
    """Rows of a figures file: first line the columns, separated by commas, indented as one likes."""
    lines = "\n".join(line.strip() for line in text.strip().splitlines())
    return rows_of(read_table(lines.encode()))


def bring(
    session: Session,
    text: str | Sequence[FigureRow],
    *,
    is_history: bool = True,
    calendar_now: datetime = CALENDAR,
    **options: Any,
) -> Outcome:
    """Import rows into the list and fold what was posted."""
    outcome = import_figures(
        session,
        key=KEY,
        rows=rows(text) if isinstance(text, str) else text,
        file_digest="0" * 64,
        actor=OPERATOR,
        now=NOW,
        calendar_now=calendar_now,
        is_history=is_history,
        **({"by": None} | options),
    )
    try_fold(session, NOW)
    return outcome


def entry_sum(session: Session, indicator: Indicator, part: str = "amount", until: int = 12) -> int:
    """What the ledger's accepted entries of an indicator add up to, months 1 to ``until``."""
    wanted = select(func.coalesce(func.sum(Entry.amount), 0)).where(
        Entry.indicator_id == indicator.id,
        Entry.basis == "accepted",
        Entry.part == part,
        Entry.month <= until,
    )
    return int(session.scalars(wanted).one())


def tally_of(
    session: Session, indicator: Indicator, parent_id: int, unit_id: int, part: str = "amount"
) -> list[int]:
    """The twelve folded months of one accepted row of the tally; zeros where there is none."""
    key = (indicator.programme_id, parent_id, unit_id, indicator.id, "accepted", part)
    session.expire_all()
    row = session.get(Tally, key)
    return [0] * 12 if row is None else [getattr(row, f"m{month}") for month in range(1, 13)]
