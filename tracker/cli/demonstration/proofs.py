"""Sample evidence made on the spot: a picture, a paper, a list of names; each says that it is a sample."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final, Literal

import pylopdf_fonts_zh_cn
import typst
import xlsxwriter

FONTS: Final = Path(pylopdf_fonts_zh_cn.__file__).parent

PICTURE: Final = Path(__file__).with_name("picture.typ")
PAPER: Final = Path(__file__).with_name("paper.typ")


def picture(title: str, body: str) -> bytes:
    """A drawn "photograph" of a service station as PNG, with its name and a line below."""
    return _set(PICTURE, title, f"{body}（样例图片）", "png")


def paper(title: str, body: str) -> bytes:
    """A page of text as PDF."""
    return _set(PAPER, f"{title}（样例）", body, "pdf")


def _set(layout: Path, title: str, body: str, style: Literal["png", "pdf"]) -> bytes:
    made = typst.compile(
        layout,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        format=style,
        ppi=144.0,
        sys_inputs={"title": title, "body": body},
    )
    if not isinstance(made, bytes):
        raise TypeError("typst answers one page as bytes")
    return made


def roster(place: str, count: int) -> bytes:
    """A list of ``count`` invented names as XLSX."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        page = book.add_worksheet("名册")
        page.write_row(0, 0, ["序号", "姓名", "单位"])
        for number in range(1, count + 1):
            page.write_row(number, 0, [number, f"样例{number:04d}", f"{place}样例企业{number % 40 + 1}"])
    return made.getvalue()
