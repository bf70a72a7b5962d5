"""How cells of workbooks we write look: text stays text, numbers show their places, nothing is a formula."""

from __future__ import annotations

from typing import Any, Final

AS_TEXT: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""What keeps XlsxWriter from making formulas, links or numbers out of text."""

FONT: Final = "宋体"
LONGEST_CELL: Final = 32_767
"""Letters a cell can hold; no text of ours comes near, and one that did would be cut by Excel anyway."""


class CellTooLong(ValueError):
    """A text does not fit into a cell."""


class Styles:
    """The formats of one workbook, made once each."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[str, Any] = {}
        plain = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
        boxed = plain | {"border": 1, "border_color": "#8C8778"}
        self.title = book.add_format(plain | {"bold": True, "font_size": 16})
        self.identity = book.add_format(plain | {"font_color": "#4B515B"})
        self.band = book.add_format(plain | {"bold": True, "bg_color": "#F1EEE7", "text_wrap": True})
        self.heading = book.add_format(
            boxed | {"bold": True, "bg_color": "#F1EEE7", "text_wrap": True, "align": "center"}
        )
        self.text = book.add_format(boxed | {"text_wrap": True, "num_format": "@"})
        self._boxed = boxed

    def number(self, places: int) -> Any:
        """Grouped, with exactly that many places."""
        return self._format("#,##0" + ("." + "0" * places if places else ""))

    def moment(self) -> Any:
        """A day and its time."""
        return self._format("yyyy-mm-dd hh:mm")

    def _format(self, spelling: str) -> Any:
        if spelling not in self._made:
            self._made[spelling] = self._book.add_format(self._boxed | {"num_format": spelling})
        return self._made[spelling]
