"""What the matrix shows: rows by pledge, their cells as fields or as text, sums, notices; ready to print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from flask import url_for
from flask_babel import gettext as _
from wtforms import Field

from tracker.domain.allocation import Balance, Verdict, Way
from tracker.domain.figures import round_half_away, show_grouped, show_percent
from tracker.domain.messages import Fault
from tracker.features.targets.complete_parts import differing_parts, parts_message
from tracker.features.targets.content import OWN, WHOLE, Cell, Content, Place
from tracker.features.targets.forms import MatrixForm
from tracker.features.targets.histories import Notice, current_notices
from tracker.features.targets.queries import Board, Column, Row
from tracker.features.targets.sharing import (
    check_row,
    falls_below_last_year,
    mean_rate,
    unbalanced,
)
from tracker.features.targets.target_words import (
    NOTICE_LIGHTS,
    balance_text,
    cell_words,
    is_overdue,
    notice_note,
    notice_word,
    number_text,
    place_at,
    signed,
    trail,
    transfer_text,
    way_text,
)
from tracker.features.targets.typed_cells import (
    base_name,
    cell_name,
    typed_columns,
    weight_name,
    weight_text,
)
from tracker.web.figure_words import NOTHING
from tracker.web.filters import moment
from tracker.web.i18n import translate
from tracker.web.people_words import acting_name
from tracker.web.punctuation import bracketed, labelled, phrases

FULL_BAR: Final = 500
"""A difference of ± 50.0 % fills half of the bar that compares with last year."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What the page is made of besides the board: what is typed, what went wrong, who answered by ``today``."""

    content: Content
    faults: Sequence[Fault] = ()
    clashes: Mapping[Place, Cell] = field(default_factory=dict)
    stale_text: str | None = None
    notices: Sequence[Notice] = ()
    today: datetime | None = None


def matrix_context(board: Board, form: MatrixForm | None, situation: Situation) -> dict[str, Any]:
    """The context of ``targets/matrix.html``; ``form`` None: read only."""
    page = _Page(board, form, situation)
    at = place_at(board)
    return {
        "heading": _("目标分解"),
        "trail": trail(board, _("目标分解")),
        "trail_note": None,
        "form": form,
        "is_editable": form is not None,
        "is_divisible": bool(board.rows and board.children),
        "list_url": url_for("programmes.show", key=board.head.key),
        "versions_url": url_for("programmes.history", key=board.head.key),
        "save_url": url_for("targets.save", key=board.head.key, at=at),
        "unit_name": board.at.name,
        "whole_label": _("本清单目标") if board.is_publisher else _("上级目标"),
        "columns": page.columns(),
        "groups": page.groups(),
        "column_count": len(board.columns) + 5,
        "faults": page.summary(),
        "stale_text": situation.stale_text,
        "uneven": page.uneven(),
        "warnings": page.warnings(),
        "compared": page.compared(),
        "saved_text": page.saved_text(),
        "has_draft": board.draft is not None and board.draft.posting_id is None,
        "is_ahead": board.draft is not None and board.newest_target > board.draft.targets_seen,
        "notices": page.notices(),
        "unit_count": len(board.children),
        "ended": page.ended(),
        "transfers": [transfer_text(one) for one in board.transfers],
        "own_label": _("看本单位的目标"),
        "own_url": url_for("targets.unit", key=board.head.key, code=board.at.code),
    }


@dataclass(frozen=True, slots=True)
class _Page:
    board: Board
    form: MatrixForm | None
    situation: Situation

    @property
    def content(self) -> Content:
        return self.situation.content

    def columns(self) -> list[dict[str, Any]]:
        """The heads of the columns with their weights."""
        total = sum(weight or 0 for weight in self.content.weights.values())
        return [self._column(column, total) for column in self.board.columns]

    def ended(self) -> list[dict[str, Any]]:
        """Closed units whose targets were taken back, each with the ways to what its targets were."""
        board = self.board
        return [
            {
                "name": unit.short_name,
                "last_day": last_day,
                "histories": [
                    {
                        "label": row.listed.rule.name,
                        "url": url_for(
                            "targets.history",
                            key=board.head.key,
                            code=unit.code,
                            indicator=row.listed.rule.code,
                        ),
                    }
                    for row in board.every_row
                    if Place(row.id, unit.code) in board.in_force
                ],
            }
            for unit, last_day in board.ended
        ]

    def _column(self, column: Column, total: int) -> dict[str, Any]:
        weight = self.content.weights.get(column.key)
        share = round_half_away(1000 * weight, total) if weight and total else None
        name = _("%(unit)s本级", unit=column.name) if column.is_own_level else column.name
        link = (
            None if column.is_own_level else url_for("targets.unit", key=self.board.head.key, code=column.key)
        )
        return {
            "key": column.key,
            "name": name,
            "url": link,
            "weight": self._field(weight_name(column.key)),
            "weight_text": weight_text(weight) or NOTHING,
            "share_text": "" if share is None else f"{show_percent(share)}%",
        }

    def _field(self, name: str) -> Field | None:
        return self.form[name] if self.form is not None and name in self.form else None

    def groups(self) -> list[dict[str, Any]]:
        """Rows by pledge."""
        groups: dict[int, dict[str, Any]] = {}
        for row in self.board.rows:
            promise = row.promise
            group = groups.setdefault(
                promise.id, {"number": promise.number, "title": promise.title, "rows": []}
            )
            group["rows"].append(self._row(row))
        return list(groups.values())

    def _row(self, row: Row) -> dict[str, Any]:
        rule, found = row.listed.rule, check_row(self.board, self.content, row)
        target = self.board.target(row, self.content)
        return {
            "id": row.id,
            "anchor": f"row-{row.id}",
            "name": rule.name,
            "measure": rule.measure,
            "way": row.way.value,
            "way_text": way_text(row),
            "decimals": rule.target_decimals,
            "target": "" if target is None else str(target),
            "whole": self._field(cell_name(row.id, WHOLE)),
            "whole_id": cell_name(row.id, WHOLE),
            "whole_text": number_text(row, target),
            "whole_clash": self._clash(row, WHOLE),
            "is_staged": self.content.at(row.id, WHOLE).value is None and target is not None,
            "last_year_text": number_text(row, self.board.last_year(row)),
            "cells": [self._cell(row, column) for column in self.board.columns],
            "bases": self._bases(row),
            "reserve_text": self._reserve(row, found),
            "verdict": None if found is None else found.verdict.value,
            "check_text": self._check_text(row, found),
            "is_below": falls_below_last_year(self.board, self.content, row),
        }

    def _cell(self, row: Row, column: Column) -> dict[str, Any]:
        cell = self.content.at(row.id, column.key)
        last = self.board.last_years.get(Place(row.id, column.key))
        name = _("%(unit)s本级", unit=column.name) if column.is_own_level else column.name
        return {
            "field": self._field(cell_name(row.id, column.key)),
            "label": phrases((name, row.listed.rule.name)),
            "text": cell_words(row, cell, column.key),
            "is_tick": row.way is Way.TICKED,
            "is_typed": cell.is_typed,
            "is_off": not cell.is_assigned and cell.is_typed,
            "is_counted": self.board.counts(column) and row.way is Way.SUMMED,
            "clash": self._clash(row, column.key),
            "last_text": None if last is None else _("上年 %(value)s", value=number_text(row, last)),
            "history_url": None
            if self.form is not None
            else url_for(
                "targets.history",
                key=self.board.head.key,
                code=self.board.at.code if column.is_own_level else column.key,
                indicator=row.listed.rule.code,
            ),
        }

    def _clash(self, row: Row, column: str) -> str | None:
        theirs = self.situation.clashes.get(Place(row.id, column))
        return None if theirs is None else _("对方存为 %(value)s", value=cell_words(row, theirs, column))

    def _bases(self, row: Row) -> list[dict[str, Any]] | None:
        if not self.board.has_base(row):
            return None
        return [
            {
                "field": self._field(base_name(row.id, column.key)),
                "label": phrases((column.name, row.listed.rule.name, _("基数"))),
                "text": self._base_text(row, column.key),
            }
            for column in self.board.columns
        ]

    def _base_text(self, row: Row, column: str) -> str:
        base = self.content.at(row.id, column).base
        return NOTHING if base is None else show_grouped(base, row.listed.rule.decimals)

    def _reserve(self, row: Row, found: Balance | None) -> str:
        if found is None:
            return NOTHING
        return number_text(row, max(0, found.difference))

    def _check_text(self, row: Row, found: Balance | None) -> str:
        if row.way is Way.SUMMED:
            return NOTHING if found is None else balance_text(row, found)
        if row.way is Way.RATE:
            mean = mean_rate(self.board, self.content, row)
            if mean is not None:
                return _("加权 %(rate)s", rate=number_text(row, mean))
        count = sum(
            self.content.at(row.id, column.key).is_assigned
            for column in self.board.columns
            if column.key != OWN
        )
        if row.way is Way.RATE and not count:
            return _("未设")
        return _("%(count)s 家承担", count=count)

    def summary(self) -> list[dict[str, str]]:
        """Everything wrong, each with the place where it can be mended."""
        names = {
            cell_name(row.id, column): (row, column)
            for row in self.board.rows
            for column in typed_columns(self.board, row)
        }
        heads = {column.key: column.name for column in self.board.columns} | {WHOLE: _("目标")}
        told = []
        for fault in self.situation.faults:
            row_column = names.get(fault.place.replace("base-", "cell-", 1))
            said = translate(fault.message)
            if row_column is not None:
                head = row_column[0].listed.rule.name + bracketed(heads[row_column[1]])
                said = labelled(head, said)
            elif fault.place.startswith("weight-"):
                said = labelled(_("权重"), said)
            told.append({"text": said, "field_id": fault.place})
        return told

    def uneven(self) -> list[dict[str, Any]]:
        """Rows that do not meet their target, each with what would mend it."""
        return [
            {
                "anchor": f"row-{row.id}",
                "name": row.listed.rule.name,
                "text": balance_text(row, found),
                "is_gap": found.verdict is Verdict.GAP,
                "then": f"weight:{row.id}",
            }
            for row, found in unbalanced(self.board, self.content)
        ]

    def warnings(self) -> list[str]:
        """Parts that do not add up, which stands in the way of issuing."""
        names = {column.key: column.name for column in self.board.columns} | {WHOLE: _("本清单目标")}
        return [
            labelled(names[found.column], translate(parts_message(found)))
            for found in differing_parts(self.board, self.content)
        ]

    def compared(self) -> list[dict[str, Any]]:
        """Each row's target beside last year's result."""
        return [told for row in self.board.rows for told in self._compared(row)]

    def _compared(self, row: Row) -> Iterator[dict[str, Any]]:
        target, last = self.board.target(row, self.content), self.board.last_year(row)
        if target is None or last is None or row.way is Way.TICKED:
            return
        if row.way is Way.RATE:
            tenths = (target - last) * 10 // 10**row.listed.rule.target_decimals
            text = _("%(points)s 点", points=signed(tenths))
        elif last <= 0:
            return
        else:
            tenths = round_half_away(1000 * (target - last), last)
            text = f"{signed(tenths)}%"
        length = min(abs(tenths), FULL_BAR)
        yield {
            "name": row.listed.rule.name,
            "text": text,
            "is_below": falls_below_last_year(self.board, self.content, row),
            "x": _along(FULL_BAR - length if tenths < 0 else FULL_BAR),
            "width": _along(max(length, 4)),
        }

    def saved_text(self) -> str | None:
        """Who saved the working copy when, and whether it is what was issued."""
        draft = self.board.draft
        if draft is None or (self.form is None and draft.posting_id is None):
            return None
        name = acting_name(draft.saved_by, draft.stand_in)
        if draft.posting_id is not None:
            return _("%(at)s 由%(name)s下达", at=moment(draft.saved_at), name=name)
        return _(
            "第 %(number)s 稿，%(name)s %(at)s 保存，尚未下达",
            number=draft.number,
            name=name,
            at=moment(draft.saved_at),
        )

    def notices(self) -> list[dict[str, Any]]:
        """Each unit's answer to what it was last sent."""
        newest, today = current_notices(self.situation.notices), self.situation.today
        if today is None:
            return []
        return [
            {
                "unit": column.name,
                "url": url_for("targets.unit", key=self.board.head.key, code=column.key),
                "state": notice_word(newest[column.org_unit_id].state),
                "light": NOTICE_LIGHTS[newest[column.org_unit_id].state],
                "note": notice_note(newest[column.org_unit_id], today),
                "is_late": is_overdue(newest[column.org_unit_id], today),
            }
            for column in self.board.columns
            if not column.is_own_level and column.org_unit_id in newest
        ]


def _along(tenths: int) -> str:
    return f"{tenths // 10}.{tenths % 10}%"
