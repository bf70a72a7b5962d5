"""Checking an archive before anything is written: every byte, every member, every size, all faults at once."""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import IO, Final, NamedTuple

from tracker.cli.archive.form import (
    DIGEST_LENGTH,
    LARGEST_MANIFEST,
    LONGEST_ROW,
    MANIFEST,
    MARK,
    PIECE,
    Manifest,
    NotOurs,
    StoredFile,
    StoredTable,
    Watch,
    read_manifest,
)

DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
"""What reading a damaged or hostile archive can come to."""

METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_PLACE: Final = re.compile(rb"[0-9a-f]{64}")
_NO_END: Final = "文件不完整，或不是本系统的备份：末尾没有校验码"


class Unusable(Exception):
    """The archive, or the place it should be written into, cannot be used; ``faults`` names everything wrong."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(faults))


class Archive(NamedTuple):
    """An archive every byte of which was checked."""

    zip: zipfile.ZipFile
    manifest: Manifest
    digest: str


def open_archive(file: IO[bytes], watch: Watch) -> Archive:
    """The archive in ``file``, which can be read from any place. Raises Unusable with everything wrong in it."""
    faults, digest = _check_whole(file, watch)
    try:
        opened = zipfile.ZipFile(file)
        manifest = _read_manifest(opened)
    except (*DAMAGE, NotOurs) as wrong:
        raise Unusable(faults or [f"不是本系统的备份文件：{wrong}"]) from wrong
    faults += _check_members(opened, manifest, watch)
    if faults:
        raise Unusable(faults)
    return Archive(opened, manifest, digest)


def _check_whole(file: IO[bytes], watch: Watch) -> tuple[list[str], str]:
    """The file against the digest it ends with."""
    covered = file.seek(0, os.SEEK_END) - DIGEST_LENGTH
    if covered < len(MARK):
        return [_NO_END], ""
    file.seek(covered - len(MARK))
    mark, end = file.read(len(MARK)), file.read()
    if mark != MARK or _PLACE.fullmatch(end) is None:
        return [_NO_END], ""
    seen = hashlib.sha256()
    file.seek(0)
    with watch("整个文件", covered) as advance:
        for piece in _pieces(file, covered):
            seen.update(piece)
            advance(len(piece))
    digest = end.decode("ascii")
    if seen.hexdigest() != digest:
        return ["文件与末尾的校验码不符：有内容被改动或损坏"], digest
    return [], digest


def _pieces(file: IO[bytes], length: int) -> Iterator[bytes]:
    while length > 0 and (piece := file.read(min(PIECE, length))):
        length -= len(piece)
        yield piece


def _read_manifest(opened: zipfile.ZipFile) -> Manifest:
    found = opened.getinfo(MANIFEST) if MANIFEST in opened.namelist() else None
    if found is None:
        raise NotOurs(MANIFEST)
    if found.file_size > LARGEST_MANIFEST or found.compress_type not in METHODS:
        raise NotOurs(f"{MANIFEST}: {found.file_size}")
    with opened.open(found) as member:
        content = member.read(LARGEST_MANIFEST + 1)
    if len(content) != found.file_size:
        raise NotOurs(MANIFEST)
    return read_manifest(content)


def _check_members(opened: zipfile.ZipFile, manifest: Manifest, watch: Watch) -> list[str]:
    """Exactly the members the manifest lists, each once and with the size and digest it says."""
    wanted: list[StoredTable | StoredFile] = [*manifest.tables, *manifest.files]
    there = Counter(info.filename for info in opened.infolist())
    listed = Counter([MANIFEST, *(one.member for one in wanted)])
    faults = [f"{name}：不在清单里，或重复" for name in sorted((there - listed).keys())]
    faults += [f"{name}：缺失，或在清单里重复" for name in sorted((listed - there).keys())]
    with watch("各部分", manifest.size) as advance:
        for one in wanted:
            if there[one.member] and not _is_as_listed(opened, one):
                faults.append(f"{one.member}：与清单不符")
            advance(one.size)
    return faults


def _is_as_listed(opened: zipfile.ZipFile, one: StoredTable | StoredFile) -> bool:
    info = opened.getinfo(one.member)
    if info.file_size != one.size or info.compress_type not in METHODS:
        return False
    try:
        with opened.open(info) as member:
            found = _measure(member)
    except DAMAGE:
        return False
    if found is None or (found.size, found.sha256) != (one.size, one.sha256):
        return False
    return not isinstance(one, StoredTable) or (found.rows, found.is_whole) == (one.rows, True)


class _Measured(NamedTuple):
    size: int
    sha256: str
    rows: int
    is_whole: bool


def _measure(member: IO[bytes]) -> _Measured | None:
    """What a member comes to; None once it holds a row longer than any may be.

    A member never gives more than its directory says, and that was compared with the manifest.
    """
    seen, size, rows, open_row = hashlib.sha256(), 0, 0, 0
    while piece := member.read(PIECE):
        seen.update(piece)
        size += len(piece)
        rows += piece.count(b"\n")
        at = piece.rfind(b"\n")
        open_row = open_row + len(piece) if at < 0 else len(piece) - at - 1
        if open_row > LONGEST_ROW:
            return None
    return _Measured(size, seen.hexdigest(), rows, open_row == 0)
