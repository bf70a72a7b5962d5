"""What the page saves by itself: everything that can be read, while a slip of the pen waits at its field."""

from __future__ import annotations

from typing import NamedTuple

from tracker.domain.messages import Fault, Message
from tracker.features.reports.commands.saving import LONGEST_TEXT, SheetEntry
from tracker.features.reports.typed_lines import TypedLine, field_name, read_typed
from tracker.services.sheets import Sheet
from tracker.services.snapshots import Texts


class Readable(NamedTuple):
    """The rows and texts that can be kept, and what is wrong with the others, which stay as they are on file."""

    entry: SheetEntry
    faults: list[Fault]


def readable_part(sheet: Sheet, entry: SheetEntry) -> Readable:
    """An entry without the rows and texts that must be mended first."""
    faults: list[Fault] = []
    lines: dict[int, TypedLine] = {}
    for row in sheet.rows:
        line = entry.lines.get(row.listed.id)
        wrong: list[Fault] = []
        if line is not None:
            read_typed(row, line, wrong)
        if line is not None and not wrong:
            lines[row.listed.id] = line
        faults += wrong
    texts = {
        report.promise.id: _short_texts(report.promise.id, typed, report.texts, faults)
        for report in sheet.reports
        if (typed := entry.texts.get(report.promise.id)) is not None
    }
    return Readable(entry._replace(lines=lines, texts=texts), faults)


def _short_texts(pledge_id: int, typed: Texts, kept: Texts, faults: list[Fault]) -> Texts:
    found = typed._asdict()
    for name, text in typed._asdict().items():
        if len(text) > LONGEST_TEXT:
            message = Message("请不要超过 {length} 个字", {"length": LONGEST_TEXT})
            faults.append(Fault(field_name(str(pledge_id), name), message))
            found[name] = getattr(kept, name)
    return Texts(**found)
