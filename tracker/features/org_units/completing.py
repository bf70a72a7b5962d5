"""Files that leave columns out: of units known already what is stored stays, newcomers get what follows from the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tracker.domain.messages import Fault, Message
from tracker.features.org_units.files import LONGEST_SHORT_NAME, OrgFile, OrgRow, cell_place
from tracker.features.org_units.queries import StandingUnit

FIELDS = {"order": "position"}
"""Columns that are called otherwise in a row."""


def completed(file: OrgFile, standing: Mapping[str, StandingUnit]) -> OrgFile:
    """The file as if it had every column."""
    if not file.left_out:
        return file
    last = _last_positions(standing)
    rows = {
        code: _known(row, standing[code], file.left_out)
        if code in standing
        else _new(row, file.left_out, after=last.get(row.parent, 0))
        for code, row in file.rows.items()
    }
    return OrgFile(rows, (*file.faults, *_long_names(rows, standing, file.left_out)))


def _known(row: OrgRow, unit: StandingUnit, left_out: frozenset[str]) -> OrgRow:
    kept: dict[str, Any] = {}
    for column in left_out:
        field = FIELDS.get(column, column)
        kept[field] = getattr(unit, field)
    if "short_name" in kept and unit.short_name == unit.name and len(row.name) <= LONGEST_SHORT_NAME:
        kept["short_name"] = row.name  # it was called so in short only because nobody had said otherwise
    return row._replace(**kept)


def _new(row: OrgRow, left_out: frozenset[str], *, after: int) -> OrgRow:
    """A newcomer is called in short what it is called, and stands behind those of its superior who have an order."""
    given: dict[str, Any] = {}
    if "short_name" in left_out:
        given["short_name"] = row.name
    if "order" in left_out and after:
        given["position"] = after + 1
    return row._replace(**given)


def _last_positions(standing: Mapping[str, StandingUnit]) -> dict[str, int]:
    found: dict[str, int] = {}
    for unit in standing.values():
        found[unit.parent] = max(found.get(unit.parent, 0), unit.position)
    return found


def _long_names(
    rows: Mapping[str, OrgRow], standing: Mapping[str, StandingUnit], left_out: frozenset[str]
) -> Iterator[Fault]:
    if "short_name" not in left_out:
        return
    message = Message("超过 {longest} 个字，请加一列 short_name 写明简称", {"longest": LONGEST_SHORT_NAME})
    for code, row in rows.items():
        if code not in standing and len(row.name) > LONGEST_SHORT_NAME:
            yield Fault(cell_place(row.line, "name"), message)
