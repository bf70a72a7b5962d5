"""How two people's values for one place are shown beside each other: whose, when, and what each says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from tracker.features.reports.commands.merging import Clash, Merge, text_place
from tracker.features.reports.forms import KIND_COLUMNS, TEXT_COLUMNS, TEXT_LABELS, SheetForm, pick_name
from tracker.features.reports.queries import Saver, Typist
from tracker.features.reports.typed_lines import field_name
from tracker.services.figures_of_lines import figure_of
from tracker.services.sheets import Row, Sheet, SheetReport
from tracker.services.snapshots import LineContent
from tracker.web.figure_words import NOTHING, figure_text
from tracker.web.filters import moment
from tracker.web.punctuation import bracketed, listed


@dataclass(frozen=True, slots=True)
class Others:
    """Who typed and saved what on a sheet, by line and by report."""

    typists: Sequence[Typist] = ()
    savers: Mapping[int, Saver] | None = None

    def of_line(self, report: SheetReport, row: Row) -> str:
        """周晓燕 7月3日 10:42."""
        key = (report.filing.revision_id if report.filing else 0, row.listed.id)
        for one in self.typists:
            if (one.revision_id, one.indicator_id) == key:
                return f"{one.name} {moment(one.at)}" if one.at else one.name
        return self.of_report(report)

    def of_report(self, report: SheetReport) -> str:
        """The same of whoever saved the report last."""
        saver = (self.savers or {}).get(report.filing.report_id) if report.filing else None
        return _("同事") if saver is None else f"{saver.name} {moment(saver.at)}"


@dataclass(frozen=True, slots=True)
class Place:
    """What stands at a place of the sheet; ``row``: None for a text of the pledge."""

    report: SheetReport
    row: Row | None
    name: str
    anchor: str

    def told(self, content: LineContent | str) -> str:
        """What a value says, in a few words."""
        if self.row is None or isinstance(content, str):
            return str(content) or NOTHING
        return content_text(self.row, content)

    def who(self, others: Others) -> str:
        """Whose value is on file."""
        return others.of_report(self.report) if self.row is None else others.of_line(self.report, self.row)


def places_of(sheet: Sheet) -> dict[str, Place]:
    """Every place of the sheet by its name."""
    found = {}
    for report in sheet.reports:
        for row in report.rows:
            code = row.listed.rule.code
            found[code] = Place(report, row, row.listed.rule.name, f"row-{code}")
        for name in TEXT_COLUMNS:
            anchor = field_name(str(report.promise.id), name)
            label = f"{report.promise.title} · {TEXT_LABELS[name]}"
            found[text_place(report, name)] = Place(report, None, label, anchor)
    return found


def content_text(row: Row, content: LineContent) -> str:
    """A line's content in a few words, with its explanation."""
    told = figure_text(row.listed.rule, figure_of(row.kind, content))
    if content.done_on is not None:
        told = content.done_on.isoformat()
    elif content.items_done:
        told = listed(content.items_done)
    return told + bracketed(content.note) if content.note else told


def clash_box(sheet: Sheet, clash: Clash, others: Others, form: SheetForm) -> dict[str, Any]:
    """The context of ``reports/_clash.html``."""
    place = places_of(sheet)[clash.place]
    mine = place.told(clash.mine)
    if mine == NOTHING and place.row is not None:
        mine = typed_text(form, place.row) or NOTHING
    return {
        "place": clash.place,
        "anchor": place.anchor,
        "name": place.name,
        "field": pick_name(clash.place),
        "who": place.who(others),
        "mine_text": mine,
        "theirs_text": place.told(clash.theirs),
        "mine": f"mine.{clash.digest}",
        "theirs": f"theirs.{clash.digest}",
        "is_late": clash.is_late,
    }


def taken_boxes(before: Sheet, merged: Merge, others: Others) -> list[dict[str, Any]]:
    """The context of ``reports/_taken.html`` for each place where somebody else's value was kept."""
    places = places_of(before)
    return [_taken_box(places[name], name, content, others) for name, content in merged.taken.items()]


def _taken_box(place: Place, name: str, shown: LineContent | str, others: Others) -> dict[str, Any]:
    now: LineContent | str = "" if place.row is None else place.row.line
    if place.row is None:
        now = getattr(place.report.texts, name.partition("/")[2])
    return {
        "place": name,
        "anchor": place.anchor,
        "name": place.name,
        "who": place.who(others),
        "now_text": place.told(now),
        "before_text": place.told(shown),
    }


def typed_text(form: SheetForm, row: Row) -> str:
    """A row's fields as they were typed."""
    texts = (form[field_name(row.listed.rule.code, column)].data for column in KIND_COLUMNS[row.kind])
    return " / ".join(listed(text) if isinstance(text, list) else str(text) for text in texts if text)
