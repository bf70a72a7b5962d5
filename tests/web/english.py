"""Finds Chinese on an English page: text of ours that is not translated, apart from data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from html.parser import HTMLParser
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.models.base import Base

CHINESE = re.compile(r"[\u3001-\u303f\u4e00-\u9fff\uff01-\uff60]+")
VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "use", "wbr"})
TYPED = frozenset({"value", "href", "action", "src", "content", "id", "name"})
"""Attributes that carry data or addresses; all others are read as text."""


def chinese_of(page: str, known: Iterable[str]) -> list[str]:
    """What is left of each text of a page once the known data is taken out, where that is still Chinese."""
    data = sorted(known, key=len, reverse=True)
    found = []
    for text in _texts(page):
        rest = text
        for one in data:
            if one in rest:
                rest = rest.replace(one, "·")
        if CHINESE.search(rest):
            found.append(rest.strip())
    return found


def data_of(session: Session) -> set[str]:
    """Every Chinese text that stands in the database: names, titles, measures, what people wrote."""
    found: set[str] = set()
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(table)):
            for value in row:
                found.update(text for text in _strings(value) if CHINESE.search(text))
    return found


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        if value[:1] in ("{", "["):
            with suppress(json.JSONDecodeError):
                yield from _strings(json.loads(value))
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _strings(name)
            yield from _strings(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _strings(one)


def _texts(page: str) -> list[str]:
    reader = _Reader()
    reader.feed(page)
    return reader.texts


class _Reader(HTMLParser):
    """Texts and telling attributes outside of elements that say they are Chinese."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        is_chinese = self._is_chinese or (told.get("lang") or "").startswith("zh")
        if not is_chinese:
            self.texts += [value for name, value in attrs if value and name not in TYPED]
        if tag not in VOID:
            self._open.append((tag, is_chinese))

    def handle_endtag(self, tag: str) -> None:
        while tag not in VOID and self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._is_chinese and (not self._open or self._open[-1][0] != "textarea"):
            self.texts.append(data)

    @property
    def _is_chinese(self) -> bool:
        return bool(self._open) and self._open[-1][1]
