"""The prose of a bulletin: sections of paragraphs whose numbers stay linked to their figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from tracker.domain.kinds import Light
from tracker.domain.messages import Message
from tracker.domain.prose import (
    Chapters,
    Row,
    chapters,
    chinese_numeral,
    conclusion_sentence,
    next_step_sentence,
    pledge_sentence,
    problem_sentence,
)
from tracker.services.programme_heads import Promise
from tracker.services.progress_table import Judged, PledgeStanding, ProgressTable

Piece = dict[str, Any]
"""``{text}`` or ``{text, figure: {indicator, at, field}}``; indicator null: a count over the whole list."""

Paragraph = list[Piece]
Section = dict[str, Any]  # heading (None: the opening), paragraphs

LINKED_FIELDS: Final = {
    "actual": "actual",
    "target": "target",
    "whole": "target",
    "completion": "completion_percent",
    "gap": "gap_points",
    "assigned": "assigned",
    "count": "actual",
}
"""Which field of a figure a place in a sentence prints; other places are words or derived."""

NAMED_IN_PROSE: Final = 30
"""Units named in one sentence; with more the rest is counted."""

WORRYING: Final = frozenset({Light.BEHIND, Light.LAGGING, Light.NOT_REPORTED})
_PLACE: Final = re.compile(r"\{(\w+)\}")


class Told(NamedTuple):
    """An indicator at the publisher, with its pledge and the units that lag in it."""

    pledge: Promise
    row: Row
    units: tuple[str, ...]


def sections_of(table: ProgressTable, *, title: str) -> list[Section]:
    """The sections in the order a bulletin tells them: opening, overall, progress, problems, next steps."""
    told = _told(table)
    sorted_rows = chapters(one.row for one in told.values())
    opening: Section = {
        "heading": None,
        "paragraphs": [_cut(Message("现将{title}情况通报如下。", {"title": title}), {})],
    }
    parts = [
        ("总体情况", [_overall(table)]),
        ("各项进展", _progress(table, told, sorted_rows)),
        ("存在问题", _problems(table, told, sorted_rows)),
        ("下步要求", _next_steps(table, sorted_rows)),
    ]
    filled = [(heading, paragraphs) for heading, paragraphs in parts if paragraphs]
    return [opening] + [
        {"heading": f"{chinese_numeral(number)}、{heading}", "paragraphs": paragraphs}
        for number, (heading, paragraphs) in enumerate(filled, 1)
    ]


def named(units: Sequence[str], *, most: int) -> str:
    """Names side by side, the first ``most`` of them and then how many there are."""
    if len(units) <= most:
        return "、".join(units)
    return "、".join(units[:most]) + f"等 {len(units)} 家"


def _few(units: Sequence[str]) -> Sequence[str]:
    return [named(units, most=NAMED_IN_PROSE)] if units else ()


def plain_text(paragraph: Paragraph) -> str:
    """A paragraph without its links."""
    return "".join(piece["text"] for piece in paragraph)


def lagging_units(table: ProgressTable, code: str) -> tuple[str, ...]:
    """The short names of the branches that lag, are behind or silent in an indicator, in official order."""
    return tuple(
        f"{branch.unit.short_name}本级" if branch.is_own_level else branch.unit.short_name
        for branch in table.branches
        if any(one.standing.light in WORRYING for one in _judged(branch.pledges, code))
    )


def late_branches(table: ProgressTable) -> list[tuple[str, str, list[str]]]:
    """(code, name, indicator codes) of every branch with units that have not reported in the due period."""
    found = []
    for branch in table.branches:
        codes = [
            one.listed.rule.code
            for pledge in branch.pledges
            for one in pledge.indicators
            if table.due is not None and one.standing.reported < one.standing.assigned
        ]
        if codes:
            name = branch.unit.name
            found.append((branch.unit.code, f"{name}（本级）" if branch.is_own_level else name, codes))
    return found


def _judged(pledges: Iterable[PledgeStanding], code: str) -> list[Judged]:
    return [one for pledge in pledges for one in pledge.indicators if one.listed.rule.code == code]


def _told(table: ProgressTable) -> dict[str, Told]:
    found = {}
    for pledge in table.pledges:
        for one in pledge.indicators:
            code = one.listed.rule.code
            row = Row(one.listed.rule, one.standing)
            found[code] = Told(pledge.promise, row, lagging_units(table, code))
    return found


def _overall(table: ProgressTable) -> Paragraph:
    clauses = conclusion_sentence(table.classes)
    begin = Message("截至{month}底，", {"month": table.cutoff.title})
    shown = [light for light in _CLASS_ORDER if table.classes.get(light, 0)]
    pieces = _cut(begin, {})
    pieces += _count_pieces(clauses[0], table, "classes")
    for light, clause in zip(shown, clauses[1:], strict=True):
        pieces += [{"text": "，"}, *_count_pieces(clause, table, f"classes.{light}")]
    return [*pieces, {"text": "。"}]


_CLASS_ORDER: Final = (
    Light.DONE, Light.ON_TRACK, Light.LAGGING, Light.BEHIND, Light.NOT_REPORTED, Light.NOT_JUDGED,
    Light.NOT_ASSIGNED,
)  # fmt: skip
"""The order in which the conclusion names the classes."""


def _count_pieces(clause: Message, table: ProgressTable, field: str) -> Paragraph:
    return _cut(clause, {"count": {"indicator": None, "at": table.node.code, "field": field}})


def _progress(table: ProgressTable, told: dict[str, Told], rows: Chapters) -> list[Paragraph]:
    """One paragraph a pledge, the best first."""
    by_pledge: dict[int, Paragraph] = {}
    for row in [*rows.over_fulfilled, *rows.done, *rows.under_way, *rows.others]:
        pledge = told[row.rule.code].pledge
        opening: Paragraph = [{"text": f"（{chinese_numeral(len(by_pledge) + 1)}）{pledge.title}。"}]
        by_pledge.setdefault(pledge.id, opening).extend(_row_pieces(pledge_sentence(row), table, row))
    return list(by_pledge.values())


def _problems(table: ProgressTable, told: dict[str, Told], rows: Chapters) -> list[Paragraph]:
    paragraphs = [_problem(table, row, told[row.rule.code].units) for row in rows.problems]
    late = [name for _code, name, _codes in late_branches(table)]
    if late:
        sentence = Message(
            "有 {count} 家单位本期未报齐：{units}。", {"count": len(late), "units": "、".join(late)}
        )
        paragraphs.append(_cut(sentence, {}))
    return paragraphs or [[{"text": "截至本期，没有预警、滞后和未报的事项。"}]]


def _problem(table: ProgressTable, row: Row, units: Sequence[str]) -> Paragraph:
    """How far it is, where that is known, and what is wrong."""
    pieces = _row_pieces(problem_sentence(row, units=_few(units)), table, row)
    if row.standing.actual is None:
        return pieces
    return _row_pieces(pledge_sentence(row), table, row) + pieces


def _next_steps(table: ProgressTable, rows: Chapters) -> list[Paragraph]:
    sentences = [(row, next_step_sentence(row, table.month)) for row in [*rows.problems, *rows.under_way]]
    return [_row_pieces(sentence, table, row) for row, sentence in sentences if sentence is not None]


def _row_pieces(sentence: Message, table: ProgressTable, row: Row) -> Paragraph:
    at, code = table.node.code, row.rule.code
    links = {place: {"indicator": code, "at": at, "field": field} for place, field in LINKED_FIELDS.items()}
    return _cut(sentence, links)


def _cut(sentence: Message, links: dict[str, dict[str, Any]]) -> Paragraph:
    """A sentence cut at its places, those with a link kept apart and neighbouring words joined.

    The sign of a percent belongs to its number. The blanks our messages set around numbers are left out:
    official documents have none.
    """
    pieces: Paragraph = []
    for at, part in enumerate(_PLACE.split(sentence.text)):
        is_place = at % 2 == 1
        text = str(sentence.values[part]) if is_place else part.replace(" ", "")
        if is_place and part in links:
            pieces.append({"text": text, "figure": links[part]})
            continue
        if text.startswith("%") and pieces and "figure" in pieces[-1]:
            pieces[-1]["text"] += "%"
            text = text[1:]
        _append_words(pieces, text)
    return pieces


def _append_words(pieces: Paragraph, text: str) -> None:
    if text and pieces and "figure" not in pieces[-1]:
        pieces[-1]["text"] += text
    elif text:
        pieces.append({"text": text})
