"""Plain tables on a terminal, aligned where Chinese characters take two places."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import click


def width_of(text: str) -> int:
    """Places a text takes in a fixed-width terminal."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def show_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print headings and rows in aligned columns."""
    widths = [max(map(width_of, column)) for column in zip(headings, *rows, strict=True)]
    for row in [headings, *rows]:
        cells = [cell + " " * (width - width_of(cell)) for cell, width in zip(row, widths, strict=True)]
        click.echo("  ".join(cells).rstrip())
