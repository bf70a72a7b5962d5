"""What the page that saves itself is told: when, the new tokens, what waits for a choice, what others changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import render_template
from flask_babel import gettext as _

from tracker.domain.messages import Fault
from tracker.features.reports.clash_words import Others, clash_box, taken_boxes
from tracker.features.reports.commands.merging import Merge, Typed, seen_of
from tracker.features.reports.forms import SheetForm, seen_token, stored_fields, version_token
from tracker.features.reports.typed_lines import field_name
from tracker.services.sheets import Row, Sheet
from tracker.web.filters import on_the_calendar
from tracker.web.i18n import translate
from tracker.web.idempotency import new_key


def autosave_answer(
    kept: Sheet,
    form: SheetForm,
    *,
    typed: Typed,
    merged: Merge,
    faults: Sequence[Fault],
    others: Others,
    at: datetime,
) -> dict[str, Any]:
    """The JSON the script of the sheet reads; ``html`` are fragments of the page, escaped by their templates."""
    waiting = {clash.place for clash in merged.clashes}
    seen = {
        place: typed.seen.get(place, one) if place in waiting else one for place, one in seen_of(kept).items()
    }
    return {
        "saved_text": _("%(time)s 已自动保存", time=f"{on_the_calendar(at):%H:%M}"),
        "version": version_token(kept),
        "seen": seen_token(seen),
        "idempotency_key": new_key(),
        "faults": [{"field": fault.place, "text": translate(fault.message)} for fault in faults],
        "clashes": [_fragment("clash", clash_box(kept, one, others, form)) for one in merged.clashes],
        "taken": _taken(kept, merged, others),
    }


def _taken(kept: Sheet, merged: Merge, others: Others) -> list[dict[str, Any]]:
    rows = {row.listed.rule.code: row for row in kept.rows}
    texts = {
        f"{report.promise.id}/{name}": {field_name(str(report.promise.id), name): [text]}
        for report in kept.reports
        for name, text in report.texts._asdict().items()
    }
    return [
        _fragment("taken", box) | {"fields": fields_of(rows[place]) if place in rows else texts[place]}
        for box in taken_boxes(kept, merged, others)
        for place in [box["place"]]
    ]


def _fragment(name: str, box: dict[str, Any]) -> dict[str, Any]:
    html = render_template(f"reports/_{name}.html", box=box)
    return {"place": box["place"], "anchor": box["anchor"], "html": html}


def fields_of(row: Row) -> dict[str, list[str]]:
    """A row's fields as its page would send them; an unticked box has no value."""
    return {name: _sent(value) for name, value in stored_fields(row).items()}


def _sent(value: str | bool | tuple[str, ...]) -> list[str]:
    if isinstance(value, bool):
        return ["y"] if value else []
    return list(value) if isinstance(value, tuple) else [value]
