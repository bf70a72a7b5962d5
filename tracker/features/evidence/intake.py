"""Looking at a file before it is kept: size and signature first, then office archives and pictures in a child process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple

from tracker.domain.attachments import (
    LARGEST_FILE,
    LISTS,
    PICTURES,
    Media,
    UnwelcomeFile,
    check_pdf,
    check_text,
    clean_name,
    count_listed,
    media_of,
    office_media,
)
from tracker.domain.messages import sentence
from tracker.services.tables.reading import TableLimits, UnreadableTable, list_parts, read_table

CHILD: Final = Path(__file__).with_name("picture_child.py")


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """What a picture may cost; sides and previews in pixels."""

    pixels: int = 60_000_000
    side: int = 20_000
    preview_side: int = 480
    memory_bytes: int = 256 * 2**20
    cpu_seconds: int = 10
    wait_seconds: int = 30


PICTURE_LIMITS: Final = PictureLimits()
OFFICE_LIMITS: Final = TableLimits(file_bytes=LARGEST_FILE, entries=2_000)
LIST_LIMITS: Final = replace(OFFICE_LIMITS, cells=400_000, rows=50_001)
"""A list is counted up to here; a longer one is kept all the same."""


class Taken(NamedTuple):
    """A file fit to be kept, as it was sent.

    ``cleaned``: a picture without location and other metadata, where that differs; ``preview``: its small PNG;
    ``row_count``: how many things a list names.
    """

    name: str
    media: Media
    content: bytes
    cleaned: bytes | None = None
    preview: bytes | None = None
    row_count: int | None = None

    @property
    def shown(self) -> bytes:
        """What whoever looks at it is given."""
        return self.cleaned or self.content


def look_at(given_name: str, content: bytes) -> Taken:
    """Judge a file by its bytes. Raises UnwelcomeFile with what to do instead."""
    if len(content) > LARGEST_FILE:
        raise UnwelcomeFile("文件超过 {size} MB，请压缩或分开后再传", size=LARGEST_FILE // 2**20)
    media = media_of(content[:64], given_name) or _office(content)
    name = clean_name(given_name, media)
    if media in PICTURES:
        cleaned, preview = look_at_picture(content, media)
        return Taken(name, media, content, None if cleaned == content else cleaned, preview)
    if media is Media.PDF:
        check_pdf(content)
    elif media is Media.CSV:
        check_text(content)
    return Taken(name, media, content, row_count=_count_rows(content) if media in LISTS else None)


def _count_rows(content: bytes) -> int | None:
    """How many things the first table with any rows names; None where it cannot be read within the limits."""
    try:
        sheet = read_table(content, LIST_LIMITS)
    except UnreadableTable:
        return None
    return count_listed([row.cells for row in sheet.rows])


def _office(content: bytes) -> Media:
    """Measured as a table would be: entries, unzipped size, ratio, cells, DTDs; nothing is read."""
    try:
        return office_media(list_parts(content, OFFICE_LIMITS))
    except UnreadableTable as unreadable:
        raise UnwelcomeFile(unreadable.message.text, **unreadable.message.values) from unreadable


_REFUSED: Final[Mapping[str, str]] = {
    "too_many_pixels": sentence("图片的像素太多，请缩小到 6000 万像素以内再传"),
    "too_large": sentence("图片太大，没有打开，请缩小后再传"),
    "moving": sentence("不收动图，请截一张静止的图片"),
    "unreadable": sentence("图片已损坏，请重新拍照或另存后再传"),
}


def look_at_picture(
    content: bytes, media: Media, limits: PictureLimits = PICTURE_LIMITS
) -> tuple[bytes, bytes]:
    """The picture without location and other metadata, and its preview. Raises UnwelcomeFile."""
    command = [sys.executable, "-I", str(CHILD), json.dumps(asdict(limits)), str(media)]
    try:
        done = subprocess.run(  # noqa: S603 (our own file, by our own interpreter)
            command, input=content, capture_output=True, timeout=limits.wait_seconds, check=False, env={}
        )
    except subprocess.TimeoutExpired:
        raise UnwelcomeFile(_REFUSED["too_large"]) from None
    if done.returncode != 0:
        raise UnwelcomeFile(_REFUSED["too_large"])
    head, _, body = done.stdout.partition(b"\n")
    answer: dict[str, int | str] = json.loads(head)
    if "refused" in answer:
        raise UnwelcomeFile(_REFUSED[str(answer["refused"])])
    cut = int(answer["cleaned"])
    return body[:cut], body[cut:]
