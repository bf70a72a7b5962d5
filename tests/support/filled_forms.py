"""What stands in a page's form fields, as a browser would send it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

TOKENS: Final = frozenset({"csrf_token", "idempotency_key"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.fields: dict[str, list[str]] = {}
        self._area: str | None = None
        self._select: str | None = None
        self._is_aside = False  # in the small form below a table, which takes it away as a file

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "textarea":
            self._area = name
            self.fields.setdefault(name, []).append("")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select is not None and "selected" in given:
            self.fields.setdefault(self._select, []).append(given.get("value", ""))
        elif tag == "form":
            self._is_aside = given.get("action") == "/exports"
        elif tag == "input" and name and not self._is_aside and self._is_sent(given):
            self.fields.setdefault(name, []).append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_aside = False
        elif tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.fields[self._area][-1] += data

    def _is_sent(self, given: dict[str, str]) -> bool:
        return given.get("type") not in ("checkbox", "radio") or "checked" in given


def form_fields(page: str) -> dict[str, list[str]]:
    """Name → values of every field of the page, without tokens; a leading newline of a text area is markup."""
    reader = _Reader()
    reader.feed(page)
    return {
        name: [value.removeprefix("\r\n").removeprefix("\n") for value in values]
        for name, values in reader.fields.items()
        if name not in TOKENS
    }
