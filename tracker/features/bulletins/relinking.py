"""Edited prose keeps its links: what was not touched stays as it was, and a typed number is held to its figure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any, Final, NamedTuple

from tracker.domain.kinds import Kind
from tracker.features.bulletins.narrative import Paragraph, Piece, Section, plain_text
from tracker.features.bulletins.paper import amount_text, indicators_of, percent_text

Document = dict[str, Any]

_TOKEN: Final = re.compile(r"\d[\d,]*(?:\.\d+)?|.", re.DOTALL)
_TYPED: Final = re.compile(r"(?P<number>[−-]?\d[\d,]*(?:\.\d+)?)(?P<scale>万亿|亿|万)?")
_POINTS: Final = "个百分点"
_SCALES: Final = {None: 1, "万": 10**4, "亿": 10**8, "万亿": 10**12}
SIMILAR: Final = 0.4
"""How much of a paragraph must be left for it to count as edited rather than new."""


class Figure(NamedTuple):
    """One figure a sentence may print."""

    indicator: str
    field: str
    value: Decimal
    printed: str


class Contradiction(NamedTuple):
    """A number typed by hand beside what its figure says."""

    typed: str
    printed: str
    name: str


def relink_section(document: Document, section: Section, text: str) -> Section:
    """The section with new words, one paragraph a line; blank lines are dropped.

    A paragraph left as it was keeps its pieces. In a changed one the untouched numbers keep their links; a
    typed number equal to a figure of the indicator it speaks of is linked to it, one that differs is marked
    as ``contradicts``.
    """
    left = {plain_text(paragraph): paragraph for paragraph in section["paragraphs"]}
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    kept = {line: left.pop(line) for line in dict.fromkeys(lines) if line in left}
    return {
        "heading": section["heading"],
        "paragraphs": [kept[line] if line in kept else _relinked(document, left, line) for line in lines],
    }


def _relinked(document: Document, left: dict[str, Paragraph], line: str) -> Paragraph:
    origin = _most_similar(left, line)
    original = [] if origin is None else left.pop(origin)
    return _Relinking(document, original, line).pieces()


def _most_similar(left: Iterable[str], line: str) -> str | None:
    best, ratio = None, SIMILAR
    for text in left:
        matcher = SequenceMatcher(None, text, line, autojunk=False)
        if matcher.quick_ratio() > ratio and (own := matcher.ratio()) > ratio:
            best, ratio = text, own
    return best


class _Span(NamedTuple):
    """A piece with its place in the line."""

    start: int
    end: int
    piece: Piece


class _Relinking:
    """One paragraph being linked again."""

    def __init__(self, document: Document, original: Paragraph, line: str) -> None:
        self._line = line
        self._at = document["at"]
        self._indicators = indicators_of(document)
        self._linked = [piece["figure"]["indicator"] for piece in original if "figure" in piece]
        self._equal, kept = _aligned(original, line)
        self._kept = sorted(kept)

    def pieces(self) -> Paragraph:
        spans = sorted([*self._kept, *self._typed()])
        pieces: Paragraph = []
        done = 0
        for span in spans:
            _append(pieces, {"text": self._line[done : span.start]})
            _append(pieces, span.piece)
            done = span.end
        _append(pieces, {"text": self._line[done:]})
        return pieces

    def _typed(self) -> Iterator[_Span]:
        """What the numbers typed by hand are: linked, contradicting, or just words."""
        covered = [(span.start, span.end) for span in self._kept]
        for found in _TYPED.finditer(self._line):
            is_kept = any(start < found.end() and found.start() < end for start, end in covered)
            is_old = all(at in self._equal for at in range(found.start(), found.end()))
            if is_kept or is_old:
                continue
            span = self._judged(found)
            if span is not None:
                yield span

    def _judged(self, found: re.Match[str]) -> _Span | None:
        value = _value_of(found)
        for code in self._speaking_of(found.start()):
            candidates = _candidates(
                self._indicators[code], self._line[found.end() :], has_scale=found["scale"]
            )
            if not candidates:
                continue
            unit, figures = candidates
            end = found.end() + len(unit)
            text = self._line[found.start() : end]
            equal = next((one for one in figures if abs(one.value) == abs(value)), None)
            place = {"indicator": code, "at": self._at, "field": (equal or figures[0]).field}
            if equal is not None:
                return _Span(found.start(), end, {"text": text, "figure": place})
            nearest = min(self._unsaid(figures), key=lambda one: abs(one.value - value))
            place["field"] = nearest.field
            return _Span(
                found.start(), end, {"text": text, "contradicts": {**place, "printed": nearest.printed}}
            )
        return None

    def _unsaid(self, figures: Sequence[Figure]) -> Sequence[Figure]:
        """Those the paragraph does not print already: a number typed beside the target is meant to be the actual."""
        said = [span.piece["figure"] for span in self._kept]
        told = {(one["indicator"], one["field"]) for one in said}
        return [one for one in figures if (one.indicator, one.field) not in told] or figures

    def _speaking_of(self, position: int) -> list[str]:
        """The indicators the words before a place speak of, the nearest first."""
        before = self._line[:position]
        named = {code: before.rfind(one["name"]) for code, one in self._indicators.items()}
        linked = {
            span.piece["figure"]["indicator"]: span.start
            for span in self._kept
            if span.end <= position and span.piece["figure"]["indicator"] is not None
        }
        places = {
            code: max(at, linked.get(code, -1))
            for code, at in named.items()
            if max(at, linked.get(code, -1)) >= 0
        }
        nearest = sorted(places, key=lambda code: -places[code])
        return list(dict.fromkeys([*nearest, *(code for code in self._linked if code in self._indicators)]))


def _value_of(found: re.Match[str]) -> Decimal:
    number = found["number"].replace(",", "").replace("−", "-")
    return Decimal(number) * _SCALES[found["scale"]]


def _candidates(one: Document, rest: str, *, has_scale: str | None) -> tuple[str, list[Figure]] | None:
    """The unit written after a number, and the figures of the indicator that are told in it."""
    is_rate = Kind(one["kind"]).facts.is_rate
    if rest.startswith(_POINTS) and not has_scale:
        return ("", _figures(one, "gap_points")) if one["gap_points"] is not None else None
    if rest.startswith("%") and not has_scale:
        figures = _figures(one, "completion_percent") + (_figures(one, "actual", "target") if is_rate else [])
        return ("%", figures) if figures else None
    measure = one["measure"]
    if is_rate or not measure or not rest.lstrip().startswith(measure):
        return None
    figures = _figures(one, "actual", "target")
    gap = len(rest) - len(rest.lstrip())
    return (rest[: gap + len(measure)], figures) if figures else None


def _figures(one: Document, *fields: str) -> list[Figure]:
    return [
        Figure(one["code"], field, Decimal(one[field]), printed_figure(one, field))
        for field in fields
        if one[field] is not None
    ]


def printed_figure(one: Document, field: str) -> str:
    """How a figure of an indicator is printed in prose."""
    if field in ("completion_percent", "gap_points"):
        return percent_text(one[field])
    if field in ("actual", "target"):
        return amount_text(one[field], kind=one["kind"], measure=one["measure"])
    return str(one[field])


def _aligned(original: Paragraph, line: str) -> tuple[set[int], list[_Span]]:
    """The letters of the line that were there before, and the linked pieces that stand untouched among them."""
    before = [token[0] for token in _TOKEN.finditer(plain_text(original))]
    found = list(_TOKEN.finditer(line))
    matcher = SequenceMatcher(None, before, [token[0] for token in found], autojunk=False)
    moved = {
        block.a + step: found[block.b + step]
        for block in matcher.get_matching_blocks()
        for step in range(block.size)
    }
    equal = {at for token in moved.values() for at in range(token.start(), token.end())}
    return equal, list(_untouched(original, moved))


def _untouched(original: Paragraph, moved: dict[int, re.Match[str]]) -> Iterator[_Span]:
    place = 0
    for piece in original:
        count = len(_TOKEN.findall(piece["text"]))
        tokens = [moved.get(at) for at in range(place, place + count)]
        place += count
        if "figure" not in piece or not tokens:
            continue
        first, last = tokens[0], tokens[-1]
        if first is None or last is None or any(token is None for token in tokens):
            continue
        if first.string[first.start() : last.end()] == piece["text"]:
            yield _Span(first.start(), last.end(), piece)


def _append(pieces: Paragraph, piece: Piece) -> None:
    if not piece["text"]:
        return
    is_plain = set(piece) == {"text"}
    if is_plain and pieces and set(pieces[-1]) == {"text"}:
        pieces[-1] = {"text": pieces[-1]["text"] + piece["text"]}
    else:
        pieces.append(piece)


def contradictions_in(document: Document) -> list[Contradiction]:
    """Every number typed by hand that its figure contradicts, in reading order."""
    names = {code: one["name"] for code, one in indicators_of(document).items()}
    return [
        Contradiction(
            piece["text"], piece["contradicts"]["printed"], names[piece["contradicts"]["indicator"]]
        )
        for piece in _each_piece(document["prose"])
        if "contradicts" in piece
    ]


def _each_piece(sections: Sequence[Section]) -> Iterator[Piece]:
    return (piece for section in sections for paragraph in section["paragraphs"] for piece in paragraph)


def length_of(document: Document) -> int:
    """Letters of the prose, blanks not counted."""
    texts = [section["heading"] or "" for section in document["prose"]]
    texts += [piece["text"] for piece in _each_piece(document["prose"])]
    return sum(1 for text in texts for letter in text if not letter.isspace())


def edited_sections(prose: Sequence[Section], generated: Sequence[Section]) -> list[Section]:
    """The sections that are not as they were generated."""
    as_made = {section["heading"]: section for section in generated}
    return [section for section in prose if section != as_made.get(section["heading"])]


def refreshed_prose(edited: Sequence[Section], fresh: Document) -> list[Section]:
    """The prose of new figures with the edited sections of an older draft: their words stay, linked numbers follow.

    A figure that is known no more is marked as contradicted.
    """
    by_heading = {_bare(section["heading"]): section for section in edited}
    told = [
        _refreshed(by_heading.pop(_bare(section["heading"])), section["heading"], fresh)
        if _bare(section["heading"]) in by_heading
        else section
        for section in fresh["prose"]
    ]
    return told + [_refreshed(section, section["heading"], fresh) for section in by_heading.values()]


def _bare(heading: str | None) -> str:
    """A heading without its number: 一、存在问题 and 二、存在问题 are the same section."""
    return (heading or "").partition("、")[2]


def _refreshed(section: Section, heading: str | None, fresh: Document) -> Section:
    known = indicators_of(fresh)
    paragraphs = [[_refreshed_piece(piece, fresh, known) for piece in one] for one in section["paragraphs"]]
    return {"heading": heading, "paragraphs": paragraphs}


def _refreshed_piece(piece: Piece, fresh: Document, known: dict[str, Document]) -> Piece:
    place = piece.get("figure") or piece.get("contradicts")
    if place is None:
        return piece
    code, field = place["indicator"], place["field"]
    bare = {name: place[name] for name in ("indicator", "at", "field")}
    if code is None:
        return {"text": str(_count(fresh, field)), "figure": bare}
    one = known.get(code)
    printed = "—" if one is None or one.get(field) is None else printed_figure(one, field)
    if "contradicts" in piece or printed == "—":
        return {"text": piece["text"], "contradicts": bare | {"printed": printed}}
    return {"text": _in_the_same_form(piece["text"], printed, one["measure"] if one else ""), "figure": bare}


def _in_the_same_form(before: str, printed: str, measure: str) -> str:
    """With or without sign and unit, as the place had it before."""
    for unit in ("%", measure):
        if unit and not before.endswith(unit):
            printed = printed.removesuffix(unit)
    return printed if before.startswith("−") else printed.removeprefix("−")


def _count(fresh: Document, field: str) -> int:
    _, _, light = field.partition(".")
    counts: dict[str, int] = fresh["classes"]
    return counts.get(light, 0) if light else sum(counts.values())
