"""Files people attach as evidence: told apart by their first bytes, named harmlessly, limited in number and size."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from tracker.domain.messages import Refusal, sentence

LARGEST_FILE: Final = 20 * 2**20
MOST_FILES: Final = 40
"""Files that one revision carries at most, removed ones not counted."""
LONGEST_NAME: Final = 100
LONGEST_REASON: Final = 300


class Media(StrEnum):
    """The kinds of file that are taken; each word is the ending its name gets."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpg"
    WEBP = "webp"
    XLSX = "xlsx"
    DOCX = "docx"
    CSV = "csv"


PICTURES: Final = frozenset({Media.PNG, Media.JPEG, Media.WEBP})
OFFICE: Final = frozenset({Media.XLSX, Media.DOCX})

CONTENT_TYPES: Final = {
    Media.PDF:  "application/pdf",
    Media.PNG:  "image/png",
    Media.JPEG: "image/jpeg",
    Media.WEBP: "image/webp",
    Media.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Media.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Media.CSV:  "text/csv; charset=utf-8",
}  # fmt: skip

ENDINGS: Final = {
    Media.JPEG: (".jpg", ".jpeg", ".jfif"),
}
"""Endings that already say the kind, where there are several."""

LISTS: Final = frozenset({Media.XLSX, Media.CSV})
"""Files that may be a list of what a figure counts."""
_TOTALS: Final = re.compile(r"合\s*计|总\s*计|小\s*计|共\s*计")
_NUMBER: Final = re.compile(r"[-−]?[\d,，.]+%?")

ARCHIVE: Final = b"PK\x03\x04"
_END_OF_ARCHIVE: Final = b"PK\x05\x06"
_TAIL: Final = 65_557  # the longest end of a ZIP archive with its remark
_END_OF_PDF: Final = b"%%EOF"
_PDF_TAIL: Final = 2_048
_ZIP_PARTS: Final = {"xl/workbook.xml": Media.XLSX, "word/document.xml": Media.DOCX}
_CONTENT_LIST: Final = "[Content_Types].xml"
_FORBIDDEN_PART: Final = re.compile(
    r"vbaProject|activeX|oleObject|\.(?:exe|dll|js|vbs|scr|bat|cmd|ps1|jar|class)$", re.IGNORECASE
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MARKUP: Final = re.compile(r"\s*<(?:!doctype|html|svg|script|\?xml)", re.IGNORECASE)
_UNSAFE: Final = re.compile(r'[<>:"|?*\s]+')
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


class UnwelcomeFile(Refusal):
    """The file is not one that is taken; the message says what to do instead."""


def media_of(head: bytes, name: str) -> Media | None:
    """The kind by the first bytes; None for an Office archive, whose parts must be looked at (``office_media``).

    CSV has no signature: its ending proposes it and ``check_text`` judges. Raises UnwelcomeFile.
    """
    if not head:
        raise UnwelcomeFile("这是一个空文件（0 字节），请重新选择")
    for signature, media in _SIGNATURES:
        if head.startswith(signature):
            return media
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Media.WEBP
    if head.startswith(ARCHIVE):
        return None
    if name.lower().endswith(".csv") and b"\0" not in head:
        return Media.CSV
    raise UnwelcomeFile(_advice(head))


_SIGNATURES: Final = (
    (b"%PDF-", Media.PDF),
    (b"\x89PNG\r\n\x1a\n", Media.PNG),
    (b"\xff\xd8\xff", Media.JPEG),
)


def _advice(head: bytes) -> str:
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return sentence("这是旧版或加了密码的 Office 文件，请另存为不带密码的 .xlsx、.docx 或 PDF")
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc"):
        return sentence("这是 HEIC 照片，请在手机设置里改为“兼容性最佳”，或另存为 JPEG")
    return sentence("不收这种文件，请用 PDF、图片（JPEG、PNG、WebP）、.xlsx、.docx 或 .csv")


def check_pdf(content: bytes) -> None:
    """A PDF ends as one and carries no archive behind it. Raises UnwelcomeFile."""
    if _END_OF_PDF not in content[-_PDF_TAIL:]:
        raise UnwelcomeFile("PDF 不完整，或末尾夹带了别的内容，请重新导出")
    if _END_OF_ARCHIVE in content[-_TAIL:]:
        raise UnwelcomeFile("PDF 里夹带了压缩包，请重新导出")


def check_text(content: bytes) -> None:
    """A CSV is text in UTF-8 or GB18030, without control characters, and no page for a browser. Raises UnwelcomeFile."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _CONTROL.search(text) or _MARKUP.match(text):
            break
        return
    raise UnwelcomeFile("不是表格文本，请另存为“CSV UTF-8”后再传")


def office_media(parts: list[str]) -> Media:
    """Workbook or document, by the names of the archive's parts; any other archive is refused. Raises UnwelcomeFile."""
    found = [media for part, media in _ZIP_PARTS.items() if part in parts]
    if len(found) != 1 or _CONTENT_LIST not in parts:
        raise UnwelcomeFile("不收压缩包，请把里面的文件逐个上传")
    if any(_FORBIDDEN_PART.search(part) for part in parts):
        raise UnwelcomeFile("文件里有宏或嵌入的程序，请另存为不带宏的 .xlsx、.docx 或 PDF")
    return found[0]


def count_listed(rows: Sequence[Sequence[str]]) -> int:
    """How many things a list names: its rows without titles above, one head and totals below."""
    body = [[cell for cell in row if cell] for row in rows]
    body = [row for row in body if row]
    is_wide = any(len(row) > 1 for row in body)
    while body and is_wide and len(body[0]) == 1:
        body = body[1:]
    if body and not any(_NUMBER.fullmatch(cell) for cell in body[0]):
        body = body[1:]
    return sum(not any(_TOTALS.match(cell) for cell in row[:2]) for row in body)


def clean_name(given: str, media: Media) -> str:
    """A name without folders, control and direction characters, that ends as its kind does."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    shown = "".join(one for one in last if unicodedata.category(one)[0] != "C")
    stem = _UNSAFE.sub(" ", _without_ending(shown, media)).strip(" .")[:LONGEST_NAME].strip(" .")
    if not stem:
        stem = "未命名"
    if _RESERVED.match(stem):
        stem = f"_{stem}"
    return f"{stem}.{media}"


def _without_ending(name: str, media: Media) -> str:
    for ending in ENDINGS.get(media, (f".{media}",)):
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name
