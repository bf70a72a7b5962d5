"""Restoring: everything checked, then files, tables and rows, then the same proofs as any night."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import IO, NamedTuple

from obstore.exceptions import BaseError

from tracker.cli.archive.checking import Archive, Unusable, open_archive
from tracker.cli.archive.form import PIECE, Manifest, Watch
from tracker.cli.archive.loading import list_database_faults, load_tables, make_tables
from tracker.cli.database import has_revision, list_differences, newest_revision
from tracker.db import Database, proving_session
from tracker.services.evidence import verify_blobs
from tracker.services.evidence_store import BlobMissing, BlobStore, NoStore
from tracker.services.ledger.proving import verify_history
from tracker.services.ledger.verifying import verify_totals


class Written(NamedTuple):
    """What was written: what the archive holds, and the digest it ends with."""

    manifest: Manifest
    digest: str


def restore_backup(
    database: Database, store: BlobStore, file: IO[bytes], *, now: datetime, watch: Watch
) -> Written:
    """Write a backup into an empty database, or nothing of it. Raises Unusable.

    Files come first, under their own digests: what is there already stays, and one too many does no harm. All rows
    come in one transaction. An archive of an older revision gets that revision's tables: ``upgrade_database`` follows.
    """
    archive = _check_all(database, store, file, watch)
    with archive.zip:
        _keep_files(store, archive, watch)
        make_tables(database, archive.manifest.revision)
        load_tables(database, archive, now=now, watch=watch)
    return Written(archive.manifest, archive.digest)


def _check_all(database: Database, store: BlobStore, file: IO[bytes], watch: Watch) -> Archive:
    """The archive, when it and the place it goes to are fit; else everything that is wrong with any of them."""
    faults, archive = list_database_faults(database), None
    try:
        archive = open_archive(file, watch)
        faults = [
            *_revision_faults(archive.manifest),
            *faults,
            *_store_faults(store, archive.manifest, watch),
        ]
    except Unusable as unusable:
        faults = [*unusable.faults, *faults]
    if archive is None or faults:
        raise Unusable(faults)
    return archive


def _revision_faults(manifest: Manifest) -> Iterable[str]:
    if not has_revision(manifest.revision):
        yield (
            f"备份的结构是 {manifest.revision}，本版程序只认识到 {newest_revision()}；"
            "请用做备份的那一版或更新的程序恢复"
        )


def _store_faults(store: BlobStore, manifest: Manifest, watch: Watch) -> list[str]:
    """Why the files cannot go where they should: no store, one that cannot be written, or other content in their places."""
    if not manifest.files:
        return []
    try:
        store.try_out()
    except NoStore:
        return ["备份里有佐证文件，但没有设置 EVIDENCE_URL"]
    except (OSError, BaseError) as wrong:
        return [f"佐证存储无法写入（{type(wrong).__name__}）"]
    faults = []
    with watch("核对佐证存储", len(manifest.files)) as advance:
        for one in manifest.files:
            if store.has(one.sha256) and not _is_same(store, one.sha256):
                faults.append(f"佐证存储里的 {one.sha256} 内容已变，请先移走")
            advance(1)
    return faults


def _is_same(store: BlobStore, sha256: str) -> bool:
    seen = hashlib.sha256()
    try:
        for piece in store.pieces(sha256):
            seen.update(piece)
    except BlobMissing:
        return True
    return seen.hexdigest() == sha256


def _keep_files(store: BlobStore, archive: Archive, watch: Watch) -> None:
    files = archive.manifest.files
    with watch("写入佐证文件", len(files)) as advance, tempfile.TemporaryDirectory() as folder:
        for one in files:
            if not store.has(one.sha256):
                _keep_file(store, archive.zip, one.member, Path(folder) / one.sha256)
            advance(1)


def _keep_file(store: BlobStore, opened: zipfile.ZipFile, member: str, place: Path) -> None:
    """By way of a file of its own: one may be larger than memory."""
    with opened.open(member) as source, place.open("wb") as target:
        while piece := source.read(PIECE):
            target.write(piece)
    kept = store.keep_file(place)
    place.unlink()
    if kept != place.name:
        raise Unusable([f"{member}：核对之后又变了"])


def prove(database: Database, store: BlobStore, watch: Watch) -> list[str]:
    """What does not hold, in the order of the commands that prove: structure, totals, history, files."""
    with watch("核验", 4) as advance:
        found = list_differences(database.write)
        advance(1)
        with proving_session(database) as session:
            for check in (verify_totals, verify_history, lambda each: verify_blobs(each, store)):
                found += [f"{one.place}：应为 {one.expected}，现为 {one.found}" for one in check(session)]
                advance(1)
    return found
