"""A line on file as it stands in the fields of its row, to be typed on from there."""

from __future__ import annotations

from tracker.domain.figures import show_grouped
from tracker.domain.kinds import Kind
from tracker.features.reports.typed_lines import TypedLine
from tracker.services.sheets import NO_LINE, Row
from tracker.services.snapshots import LineContent

_CARRIED = (Kind.MILESTONE, Kind.CHECKLIST)


def stored_line(row: Row) -> TypedLine:
    """A line on file as it would be typed.

    On a new line stands again what was done by the last period, and a narrative's text without its judgement.
    """
    line, rule = _line_shown(row), row.listed.rule
    places = rule.target_decimals
    total = None if line.value is None or row.kind is not Kind.FLOW else row.last_total + line.value
    is_value = row.kind in (Kind.FLOW, Kind.STOCK, Kind.KEPT)
    return TypedLine(
        value=_shown(line.value, places) if is_value else "",
        cumulative=_shown(total, places),
        numerator=_shown(line.numerator, rule.decimals),
        denominator=_shown(line.denominator, rule.decimals),
        rate=_shown(line.rate, places),
        done_on=line.done_on.isoformat() if line.done_on else "",
        is_not_done=row.kind is Kind.MILESTONE and line.value == 0,
        items=line.items_done or (),
        item_count=_shown(_bare_count(row, line), 0),
        judgement=line.judgement or "",
        is_unknown=line.is_unknown,
        note=line.note,
    )


def _line_shown(row: Row) -> LineContent:
    if row.carried is None or row.line != NO_LINE:
        return row.line
    if row.kind in _CARRIED:
        return row.carried._replace(note="")
    return LineContent(note=row.carried.note) if row.kind is Kind.NARRATIVE else row.line


def _bare_count(row: Row, line: LineContent) -> int | None:
    return line.value if row.kind is Kind.CHECKLIST and line.items_done is None else None


def _shown(value: int | None, decimals: int) -> str:
    return "" if value is None else show_grouped(value, decimals)
