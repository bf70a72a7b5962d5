"""The cells of a sheet's row: which fields a kind has, and what the browser may work out by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from wtforms import Field

from tracker.domain.figures import show_exact
from tracker.domain.kinds import Kind
from tracker.features.reports.forms import KIND_COLUMNS
from tracker.services.sheets import Row


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of a row with its suffix; the label is shown where a row has several."""

    field: Field
    suffix: str | None = None
    label: Any = None


def columns_of(row: Row) -> tuple[str, ...]:
    """The fields a row of its kind has."""
    return (*KIND_COLUMNS[row.kind], "is_unknown", "note")


def inputs_of(row: Row, cells: Mapping[str, Field]) -> list[Cell]:
    """The fields of the column to fill, in order."""
    if not cells:
        return []
    rule = row.listed.rule
    if row.kind in (Kind.FLOW, Kind.STOCK, Kind.KEPT):
        return [Cell(cells["value"], rule.measure)]
    if row.kind.facts.is_rate:
        labels = [(column, cells[column].label.text) for column in ("numerator", "denominator", "rate")]
        return [Cell(cells[column], "%" if column == "rate" else None, label) for column, label in labels]
    if row.kind is Kind.MILESTONE:
        return [Cell(cells["done_on"], None, cells["done_on"].label.text)]
    if row.kind is Kind.CHECKLIST:
        return [Cell(cells["item_count"], rule.measure, cells["item_count"].label.text)]
    return [Cell(cells["judgement"])]


def plain_target_of(row: Row) -> str | None:
    """The target as digits for the browser, where it can work out the same percent."""
    is_plain = row.kind is Kind.FLOW or (row.kind is Kind.STOCK and row.target.base in (None, 0))
    return (
        None
        if row.target.value is None or not is_plain or row.target.is_base_missing
        else str(row.target.value)
    )


def reading_of(row: Row, other: int) -> dict[str, str]:
    """The other reading of a 万 slip, as a button offers it."""
    rule = row.listed.rule
    text = show_exact(other, rule.decimals)
    return {"value": f"{rule.code}={text}", "label": _("改为 %(value)s", value=f"{text} {rule.measure}")}
