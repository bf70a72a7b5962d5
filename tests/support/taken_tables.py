"""Taking a table of a page away as a person does: by the form below it, through to the file's rows."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from typing import Any, NamedTuple

import openpyxl

from tests.support.strict_client import StrictClient

_FORM = re.compile(r'<form method="post" action="/exports">(.*?)</form>', re.DOTALL)
_FIELD = re.compile(r'name="(page|table|style)" value="([^"]*)"')


class Taken(NamedTuple):
    """A file: what stands above its headings, the headings, and the rows below."""

    title: str
    facts: dict[str, str]
    headings: list[str]
    rows: list[list[Any]]
    content: bytes

    def column(self, heading: str) -> list[Any]:
        """The cells of one column."""
        at = self.headings.index(heading)
        return [row[at] for row in self.rows]


def offered(page: str) -> dict[str, dict[str, str]]:
    """Name → fields of the tables a page offers, without their style."""
    found: dict[str, dict[str, str]] = {}
    for form in _FORM.findall(page):
        fields = {name: unescape(value) for name, value in _FIELD.findall(form)}
        found[fields["table"]] = {name: fields[name] for name in ("page", "table")}
    return found


def take(client: StrictClient, address: str, table: str, style: str = "xlsx") -> Taken:
    """Open the page, press the button, read the file."""
    page = client.get(address)
    assert page.status_code == 200, page.text
    answer = client.submit("/exports", {**offered(page.text)[table], "style": style})
    assert answer.status_code == 303, answer.text
    file = client.get(answer.location)
    assert file.status_code == 200
    told = file.headers["Content-Disposition"]
    assert told.startswith("attachment")
    assert told.isascii(), "a server cannot send this header"
    return read_file(file.data, style)


def read_file(content: bytes, style: str) -> Taken:
    """What a file says."""
    cells = _read_csv(content) if style == "csv" else _read_workbook(content)
    blank = next(at for at, row in enumerate(cells) if at and not any(cell not in (None, "") for cell in row))
    headings = [str(cell) for cell in cells[blank + 1] if cell is not None]
    facts = {str(row[0]): str(row[1]) for row in cells[1:blank]}
    return Taken(
        str(cells[0][0]), facts, headings, [row[: len(headings)] for row in cells[blank + 2 :]], content
    )


def _read_csv(content: bytes) -> list[list[Any]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def _read_workbook(content: bytes) -> list[list[Any]]:
    page = openpyxl.load_workbook(io.BytesIO(content)).active
    assert page is not None
    assert not any(cell.data_type == "f" for row in page.iter_rows() for cell in row)
    return [[cell.value for cell in row] for row in page.iter_rows()]
