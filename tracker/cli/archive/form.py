"""The one file of a backup: a ZIP of tables, stored files and a manifest, ending with the SHA-256 of all before it.

Any ZIP program opens it. Its last 64 characters, the end of the archive's comment, are the digest of every byte
before them: no bit of the file can change unnoticed, whichever part of the format it belongs to.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO, Any, Final, NamedTuple

from tracker.cli.archive.columns import Column, Kind
from tracker.domain.canonical import canonical

FORMAT: Final = "backup/1"
MANIFEST: Final = "manifest.json"
MARK: Final = b"sha256:"
DIGEST_LENGTH: Final = 64
PIECE: Final = 1 << 20
LARGEST_MANIFEST: Final = 1 << 28
LONGEST_ROW: Final = 1 << 28
"""Bytes of one row: a file of the largest size that is taken, several times over."""

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_REVISION: Final = re.compile(r"[0-9a-z_]{1,32}")
_SEAL: Final = re.compile(r"[0-9]{1,18}:[0-9a-f]{64}")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")

Advance = Callable[[int], object]
Watch = Callable[[str, int], AbstractContextManager[Advance]]
"""Shows how far something long is: a label and how much there is; the block is told of each further part."""


class NotOurs(ValueError):
    """A manifest does not say what a manifest says."""


class StoredTable(NamedTuple):
    """One table in the archive. ``newest``: the last number its rows were given, None where they have no numbers."""

    name: str
    columns: tuple[Column, ...]
    rows: int
    newest: int | None
    size: int
    sha256: str

    @property
    def member(self) -> str:
        """Where in the archive its rows stand, one JSON array a line."""
        return f"tables/{self.name}.jsonl"


class StoredFile(NamedTuple):
    """One file of the evidence store: its digest is its name."""

    sha256: str
    size: int

    @property
    def member(self) -> str:
        """Where in the archive it stands."""
        return f"objects/{self.sha256}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds, of which moment, and under which keys secrets in it were encrypted."""

    taken_at: str
    engine: str
    revision: str
    seal: str | None
    keys: Mapping[str, str]
    tables: tuple[StoredTable, ...]
    files: tuple[StoredFile, ...]

    @property
    def row_count(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables)

    @property
    def size(self) -> int:
        """Bytes of all members, unpacked."""
        return sum(one.size for one in self.tables) + sum(one.size for one in self.files)

    def written(self) -> bytes:
        """As it stands in the archive."""
        return canonical(
            {
                "format": FORMAT,
                "taken_at": self.taken_at,
                "engine": self.engine,
                "revision": self.revision,
                "seal": self.seal,
                "keys": dict(self.keys),
                "tables": [
                    {**one._asdict(), "columns": [[each.name, each.kind.value] for each in one.columns]}
                    for one in self.tables
                ],
                "files": [[one.sha256, one.size] for one in self.files],
            }
        ).encode()


def read_manifest(content: bytes) -> Manifest:
    """The manifest from its bytes; NotOurs where anything in it is not of the form it must have."""
    try:
        found = json.loads(content)
        if found["format"] != FORMAT:
            raise NotOurs(f"format {found['format']!r}")
        return Manifest(
            taken_at=_like(_MOMENT, found["taken_at"]),
            engine=_like(_NAME, found["engine"]),
            revision=_like(_REVISION, found["revision"]),
            seal=None if found["seal"] is None else _like(_SEAL, found["seal"]),
            keys={str(name): str(value) for name, value in found["keys"].items()},
            tables=tuple(_read_table(each) for each in found["tables"]),
            files=tuple(StoredFile(_like(_DIGEST, sha256), _count(size)) for sha256, size in found["files"]),
        )
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as wrong:
        raise NotOurs(str(wrong)) from wrong


def _read_table(found: Mapping[str, Any]) -> StoredTable:
    columns = tuple(Column(_like(_NAME, name), Kind(kind)) for name, kind in found["columns"])
    return StoredTable(
        _like(_NAME, found["name"]),
        columns,
        _count(found["rows"]),
        None if found["newest"] is None else _count(found["newest"]),
        _count(found["size"]),
        _like(_DIGEST, found["sha256"]),
    )


def _like(pattern: re.Pattern[str], value: Any) -> str:
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise NotOurs(repr(value)[:80])
    return value


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise NotOurs(repr(value)[:80])
    return value


class Digesting:
    """A file being written forward only, whose last 64 bytes become the digest of all before them."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out, self._held, self._seen = out, b"", hashlib.sha256()
        self.size = 0

    def write(self, piece: bytes | bytearray | memoryview) -> int:
        """Write all but what may turn out to be the end."""
        whole = self._held + bytes(piece)
        cut = max(len(whole) - DIGEST_LENGTH, 0)
        self._pass_on(whole[:cut])
        self._held = whole[cut:]
        return len(piece)

    def flush(self) -> None:
        """Hand on what was written."""
        self._out.flush()

    def close(self) -> None:
        """The file belongs to whoever opened it."""

    def finish(self) -> str:
        """Put the digest in its place; what the archive is known by."""
        digest = self._seen.hexdigest()
        self._out.write(digest.encode("ascii"))
        self._out.flush()
        self.size += DIGEST_LENGTH
        return digest

    def _pass_on(self, piece: bytes) -> None:
        self._out.write(piece)
        self._seen.update(piece)
        self.size += len(piece)


def begin_archive(out: Digesting) -> zipfile.ZipFile:
    """An empty archive that ends with the place of its digest."""
    made = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
    made.comment = MARK + b"0" * DIGEST_LENGTH
    return made
