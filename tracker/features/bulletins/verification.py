"""Whether a file is one we issued: authentic, authentic but superseded, or altered."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from enum import StrEnum
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from tracker.domain.canonical import digest
from tracker.domain.codes import PROGRAMME_KEY
from tracker.features.bulletins.manifest import MANIFEST
from tracker.features.bulletins.queries import Issue, find_by_file, find_by_serial
from tracker.services.table_exports import Known, find_exported_file

LARGEST_FILE: Final = 32 * 1024 * 1024
SERIAL_PARTS: Final = ("docProps/custom.xml", "docProps/core.xml", MANIFEST)
"""Where workbooks, Word files and archives of ours say which issue they are."""

PROPERTIES_READ: Final = 65_536
"""Bytes of a workbook's properties that are looked at; ours have fewer than two thousand."""

UNREADABLE: Final = (
    zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError, RuntimeError, ValueError, OSError, EOFError,
)  # fmt: skip
"""What a damaged or hostile archive makes the standard library raise."""

_SERIAL: Final = re.compile(rf'(?:"serial":"|>)({PROGRAMME_KEY}/[0-9A-Z-]{{4,8}}/[0-9]{{1,6}})["<]'.encode())


class Verdict(StrEnum):
    """What can be said of a file."""

    AUTHENTIC = "authentic"
    SUPERSEDED = "superseded"
    ALTERED = "altered"
    TABLE = "table"


class Finding(NamedTuple):
    """The verdict on one file. ``issue`` of an altered one is what it claims to be, if we issued that.

    ``table`` is what a file taken from a screen was: unchanged, but no bulletin and not signed.
    """

    verdict: Verdict
    digest: str
    issue: Issue | None
    format: str | None
    table: Known | None = None


def verify_file(session: Session, content: bytes, *, sha256: str | None = None) -> Finding:
    """Hold a file's SHA-256 against those of all stored files; only equal bytes are authentic.

    Of a file too long for memory ``sha256`` is given and ``content`` may be its beginning.
    """
    own = sha256 or digest(content)
    found = find_by_file(session, own)
    if found is not None:
        issue, style = found
        is_newest = issue.state == "issued"
        return Finding(Verdict.AUTHENTIC if is_newest else Verdict.SUPERSEDED, own, issue, style)
    table = find_exported_file(session, own)
    if table is not None:
        return Finding(Verdict.TABLE, own, None, None, table)
    serial = claimed_serial(content)
    claimed = None if serial is None else find_by_serial(session, serial)
    return Finding(Verdict.ALTERED, own, claimed, None)


def claimed_serial(content: bytes) -> str | None:
    """The serial a file carries; nothing is parsed, and of a workbook one small part is unpacked."""
    text = _properties(content) if zipfile.is_zipfile(io.BytesIO(content)) else content
    found = _SERIAL.search(text)
    return None if found is None else found[1].decode()


def _properties(content: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            there = set(archive.namelist())
            return b"".join(_beginning(archive, part) for part in SERIAL_PARTS if part in there)
    except UNREADABLE:
        return b""


def _beginning(archive: zipfile.ZipFile, part: str) -> bytes:
    with archive.open(part) as opened:
        return opened.read(PROPERTIES_READ)
