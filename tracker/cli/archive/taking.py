"""Taking a backup: every table from one snapshot, then the stored files its rows name, then the manifest."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, text

from tracker.cli.archive.columns import (
    Kind,
    Misspelt,
    Shape,
    list_shapes,
    select_of,
    spell,
    writing_spells,
)
from tracker.cli.archive.form import (
    LONGEST_ROW,
    MANIFEST,
    Digesting,
    Manifest,
    StoredFile,
    StoredTable,
    Watch,
    begin_archive,
)
from tracker.db import Database, is_sqlite, take_ones_time
from tracker.services.evidence_store import BlobMissing, BlobStore
from tracker.services.fixed_zip import entry

ROWS_AT_ONCE: Final = 1_000
NAMING_FILES: Final = (
    ("evidence_blob", ("sha256", "cleaned", "preview")),
    ("bulletin_package", ("digest",)),
)
"""Where rows name files of the evidence store."""


class Incomplete(Exception):
    """What a backup must hold is not there as it must be; ``faults`` names all of it. Nothing may be kept."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(faults))


class Taken(NamedTuple):
    """A backup that was written whole: what it holds, the digest it ends with, and its bytes."""

    manifest: Manifest
    digest: str
    size: int


def take_backup(
    database: Database, store: BlobStore, out: Digesting, *, keys: Mapping[str, str], watch: Watch
) -> Taken:
    """Write the whole archive into ``out``. Raises Incomplete where a row or a stored file cannot be kept.

    The database is read in one transaction that sees one moment and cannot write; it is over before the stored
    files are copied, which are never changed and never deleted.
    """
    with begin_archive(out) as made:
        snapshot = _copy_tables(made, database, watch)
        files = _copy_files(made, store, snapshot.files, watch)
        manifest = Manifest(
            taken_at=snapshot.taken_at,
            engine=snapshot.engine,
            revision=snapshot.revision,
            seal=snapshot.seal,
            keys=keys,
            tables=snapshot.tables,
            files=tuple(files),
        )
        made.writestr(entry(MANIFEST), manifest.written(), zipfile.ZIP_DEFLATED)
    return Taken(manifest, out.finish(), out.size)


class _Snapshot(NamedTuple):
    taken_at: str
    engine: str
    revision: str
    seal: str | None
    tables: tuple[StoredTable, ...]
    files: list[str]


def _copy_tables(made: zipfile.ZipFile, database: Database, watch: Watch) -> _Snapshot:
    with database.read.connect() as connection:
        take_ones_time(connection)
        revision = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())
        shapes = list_shapes(connection)
        moment = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        with watch("数据表", len(shapes)) as advance:
            tables = []
            for shape in shapes:
                tables.append(_copy_table(made, connection, shape))
                advance(1)
        seal = newest_seal(connection)
        files = _named_files(connection, {shape.name for shape in shapes})
        return _Snapshot(moment, connection.dialect.name, revision, seal, tuple(tables), files)


def newest_seal(connection: Connection) -> str | None:
    """The end of the chain as anchors are written, ``number:digest``; None before the first seal."""
    row = connection.execute(text("SELECT number, digest FROM seal ORDER BY number DESC LIMIT 1")).first()
    return None if row is None else f"{row[0]}:{row[1]}"


def _copy_table(made: zipfile.ZipFile, connection: Connection, shape: Shape) -> StoredTable:
    seen, rows, size = hashlib.sha256(), 0, 0
    told = StoredTable(shape.name, shape.columns, 0, newest_number(connection, shape), 0, "")
    member = entry(told.member)
    member.compress_type = zipfile.ZIP_DEFLATED
    with made.open(member, "w", force_zip64=True) as opened:
        for line in _lines(connection, shape):
            opened.write(line)
            seen.update(line)
            rows, size = rows + 1, size + len(line)
    return told._replace(rows=rows, size=size, sha256=seen.hexdigest())


def _lines(connection: Connection, shape: Shape) -> Iterator[bytes]:
    spells = writing_spells(shape)
    asked = text(select_of(connection, shape)).execution_options(yield_per=ROWS_AT_ONCE, stream_results=True)
    for number, row in enumerate(connection.execute(asked), start=1):
        try:
            line = json.dumps(spell(spells, row), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        except Misspelt as wrong:
            raise Incomplete([f"数据表 {shape.name} 第 {number} 行无法备份：{wrong}"]) from wrong
        if len(line) > LONGEST_ROW:
            raise Incomplete([f"数据表 {shape.name} 第 {number} 行过大，无法备份"])
        yield line


def newest_number(connection: Connection, shape: Shape) -> int | None:
    """The last number rows of this table were given, by sequence or by the rows there are; None without any."""
    kinds = {column.name: column.kind for column in shape.columns}
    if len(shape.key) != 1 or kinds[shape.key[0]] is not Kind.WHOLE:
        return None
    [key] = shape.key
    highest = connection.execute(text(f'SELECT max("{key}") FROM "{shape.name}"')).scalar()  # noqa: S608
    sequence = sequence_of(connection, shape)
    if sequence is None:
        return None if highest is None else int(highest)
    asked = text(f"SELECT CASE WHEN is_called THEN last_value END FROM {sequence}")  # noqa: S608
    given = connection.execute(asked).scalar()
    return max((int(each) for each in (highest, given) if each is not None), default=None)


def sequence_of(connection: Connection, shape: Shape) -> str | None:
    """The sequence behind a table's one key on PostgreSQL; None where there is none, and on SQLite."""
    if is_sqlite(connection) or len(shape.key) != 1:
        return None
    asked = text("SELECT pg_get_serial_sequence(:name, :key)")
    found = connection.execute(asked, {"name": f'"{shape.name}"', "key": shape.key[0]}).scalar()
    return None if found is None else str(found)


def _named_files(connection: Connection, tables: set[str]) -> list[str]:
    found: set[str] = set()
    for table, columns in NAMING_FILES:
        if table in tables:
            rows = connection.execute(text(f"SELECT {', '.join(columns)} FROM {table}"))  # noqa: S608
            found.update(str(value) for row in rows for value in row if value is not None)
    return sorted(found)


def _copy_files(
    made: zipfile.ZipFile, store: BlobStore, wanted: Sequence[str], watch: Watch
) -> Iterable[StoredFile]:
    """Every file is read whole, those after a faulty one too, so that all faults are named at once."""
    found, faults = [], []
    with watch("佐证文件", len(wanted)) as advance:
        for sha256 in wanted:
            try:
                found.append(_copy_file(made, store, sha256))
            except (BlobMissing, FileNotFoundError):
                faults.append(f"佐证文件 {sha256}：缺失")
            except _Altered:
                faults.append(f"佐证文件 {sha256}：内容已变")
            advance(1)
    if faults:
        raise Incomplete(faults)
    return found


class _Altered(Exception):
    """What lies under a digest has another one."""


def _copy_file(made: zipfile.ZipFile, store: BlobStore, sha256: str) -> StoredFile:
    pieces = store.pieces(sha256)
    seen, size = hashlib.sha256(), 0
    member = entry(StoredFile(sha256, 0).member)
    member.compress_type = zipfile.ZIP_STORED
    with made.open(member, "w", force_zip64=True) as opened:
        for piece in pieces:
            opened.write(piece)
            seen.update(piece)
            size += len(piece)
    if seen.hexdigest() != sha256:
        raise _Altered(sha256)
    return StoredFile(sha256, size)
