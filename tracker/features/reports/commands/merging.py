"""Two people at one sheet: what only one of them changed merges by itself, what both changed waits for a choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, NamedTuple

from tracker.domain.canonical import digest_of
from tracker.domain.figures import show_grouped
from tracker.domain.kinds import Kind
from tracker.domain.messages import Fault
from tracker.features.reports.commands.saving import SheetEntry, is_editable, version_of
from tracker.features.reports.stored_lines import stored_line
from tracker.features.reports.typed_lines import TypedLine, read_typed
from tracker.services.sheets import Row, Sheet, SheetReport
from tracker.services.snapshots import LineContent, Texts

DIGEST_LENGTH: Final = 12


class Seen(NamedTuple):
    """What a row or text said when the page was drawn; ``value``: the figure of a flow."""

    digest: str
    value: int | None = None


class Pick(NamedTuple):
    """A choice between two values; ``digest`` names the other one, so that a third is never overwritten."""

    is_mine: bool
    digest: str


@dataclass(frozen=True, slots=True)
class Typed:
    """A sheet as sent, with what its page had shown and which values were chosen, by place.

    A place is an indicator's code, or ``12/problems`` for a text of the pledge with that id.
    """

    entry: SheetEntry
    seen: Mapping[str, Seen]
    picks: Mapping[str, Pick]


class Clash(NamedTuple):
    """A row or text that two people changed differently; ``is_late``: handed in meanwhile, so nothing is left to choose."""

    place: str
    digest: str
    mine: LineContent | str
    theirs: LineContent | str
    is_late: bool = False


@dataclass(slots=True)
class Merge:
    """What may be saved over what is on file now; ``taken``: places where somebody else's value is kept."""

    lines: dict[int, TypedLine] = field(default_factory=dict)
    texts: dict[int, Texts] = field(default_factory=dict)
    clashes: list[Clash] = field(default_factory=list)
    taken: dict[str, LineContent | str] = field(default_factory=dict)
    versions: dict[int, str] = field(default_factory=dict)

    @property
    def entry(self) -> SheetEntry:
        """What ``save_sheet`` takes; rows left out stay as they are on file."""
        return SheetEntry(self.lines, self.texts, self.versions)


def text_place(report: SheetReport, name: str) -> str:
    """The place of one of a pledge's texts."""
    return f"{report.promise.id}/{name}"


def line_digest(line: LineContent) -> str:
    """Which content this is; the ends of lines, which browsers rewrite, do not count."""
    return digest_of(list(line._replace(note=_plain(line.note))))[:DIGEST_LENGTH]


def text_digest(text: str) -> str:
    """The same of a text."""
    return digest_of(_plain(text))[:DIGEST_LENGTH]


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")


def shown_content(row: Row) -> LineContent:
    """What a row's fields say when the page is drawn."""
    return read_typed(row, stored_line(row), [])


def seen_of(sheet: Sheet) -> dict[str, Seen]:
    """What a page drawn now shows, by place."""
    found = {row.listed.rule.code: _seen_row(row) for row in sheet.rows}
    for report in sheet.reports:
        for name, text in report.texts._asdict().items():
            found[text_place(report, name)] = Seen(text_digest(text))
    return found


def _seen_row(row: Row) -> Seen:
    content = shown_content(row)
    return Seen(line_digest(content), content.value if row.kind is Kind.FLOW else None)


def merge(sheet: Sheet, typed: Typed) -> Merge:
    """Hold what was typed against what is on file now and against what the page had shown."""
    merged = Merge()
    for report in sheet.reports:
        is_fresh = typed.entry.versions.get(report.promise.id) == version_of(report)
        merged.versions[report.promise.id] = version_of(report)
        for row in report.rows:
            if row.listed.id in typed.entry.lines:
                _merge_row(merged, report, row, typed=typed, is_fresh=is_fresh)
        if report.promise.id in typed.entry.texts:
            _merge_texts(merged, report, typed=typed, is_fresh=is_fresh)
    return merged


def _merge_row(merged: Merge, report: SheetReport, row: Row, *, typed: Typed, is_fresh: bool) -> None:
    place, line = row.listed.rule.code, typed.entry.lines[row.listed.id]
    now = shown_content(row)
    base = typed.seen.get(place)
    is_editable_now = is_editable(report)
    if is_editable_now and _is_unmoved(base, line_digest(now), is_fresh=is_fresh):
        merged.lines[row.listed.id] = line
        return
    faults: list[Fault] = []
    mine = read_typed(_as_drawn(row, base), line, faults)
    choice = _choose(place, mine=line_digest(mine), now=line_digest(now), typed=typed)
    if faults and choice is _Choice.SAME:
        choice = _Choice.CLASH
    if choice is _Choice.MINE and is_editable_now:
        merged.lines[row.listed.id] = line if faults else _by_figure(row, line, mine)
    else:
        _leave(merged, Clash(place, line_digest(now), mine, now, not is_editable_now), choice)


def _is_unmoved(base: Seen | None, now: str, *, is_fresh: bool) -> bool:
    """Whether nobody else changed a place since the page was drawn."""
    return is_fresh if base is None else base.digest == now


class _Choice(StrEnum):
    """How a place comes out."""

    MINE = "mine"
    THEIRS = "theirs"
    SAME = "same"
    CLASH = "clash"


def _choose(place: str, *, mine: str, now: str, typed: Typed) -> _Choice:
    """Of three contents — shown, typed, on file — which one counts."""
    base, pick = typed.seen.get(place), typed.picks.get(place)
    if mine == now:
        return _Choice.SAME
    if base is not None and mine == base.digest:
        return _Choice.THEIRS
    if pick is None or pick.digest != now:
        return _Choice.CLASH
    return _Choice.MINE if pick.is_mine else _Choice.THEIRS


def _leave(merged: Merge, clash: Clash, choice: _Choice) -> None:
    """What is on file stays; whoever typed something else is told."""
    if choice is _Choice.THEIRS:
        merged.taken[clash.place] = clash.mine
    elif choice is not _Choice.SAME:
        merged.clashes.append(clash)


def _as_drawn(row: Row, base: Seen | None) -> Row:
    """The row as the page knew it: a flow's two fields are read against that figure."""
    if row.kind is not Kind.FLOW or base is None:
        return row
    return replace(row, line=row.line._replace(value=base.value))


def _by_figure(row: Row, line: TypedLine, mine: LineContent) -> TypedLine:
    """A flow by its own figure alone: the cumulative beside it was reckoned from another one."""
    if row.kind is not Kind.FLOW or mine.value is None:
        return line
    return line._replace(value=show_grouped(mine.value, row.listed.rule.target_decimals), cumulative="")


def _merge_texts(merged: Merge, report: SheetReport, *, typed: Typed, is_fresh: bool) -> None:
    kept, is_editable_now = report.texts._asdict(), is_editable(report)
    for name, text in typed.entry.texts[report.promise.id]._asdict().items():
        place, now = text_place(report, name), kept[name]
        base = typed.seen.get(place)
        if is_editable_now and _is_unmoved(base, text_digest(now), is_fresh=is_fresh):
            kept[name] = text
            continue
        choice = _choose(place, mine=text_digest(text), now=text_digest(now), typed=typed)
        if choice is _Choice.MINE and is_editable_now:
            kept[name] = text
        else:
            _leave(merged, Clash(place, text_digest(now), text, now, not is_editable_now), choice)
    merged.texts[report.promise.id] = Texts(**kept)
