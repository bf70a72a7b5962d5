"""Files lie under their digest, are written once and durably, and what was altered is never handed out."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from tracker.services.evidence_store import (
    BlobAltered,
    BlobMissing,
    BlobStore,
    FolderBlobs,
    NoStore,
    ObjectBlobs,
    digest_of_bytes,
    open_store,
)

CONTENT = "花名册".encode()
DIGEST = digest_of_bytes(CONTENT)


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    return FolderBlobs(tmp_path / "evidence") if request.param == "folder" else ObjectBlobs(MemoryStore())


def test_gives_back_what_was_kept(store: BlobStore) -> None:
    assert store.keep(CONTENT) == DIGEST
    assert store.keep(CONTENT) == DIGEST
    assert store.read(DIGEST) == CONTENT


@pytest.mark.parametrize("digest", ["0" * 64, "../../etc/passwd", "", DIGEST.upper()])
def test_says_what_it_does_not_hold(store: BlobStore, digest: str) -> None:
    with pytest.raises(BlobMissing):
        store.read(digest)


def test_leaves_nothing_but_the_file(tmp_path: Path) -> None:
    FolderBlobs(tmp_path / "evidence").keep(CONTENT)
    left = [path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()]
    assert left == [Path("evidence", DIGEST[:2], DIGEST)]


def test_never_hands_out_or_overwrites_an_altered_file(tmp_path: Path) -> None:
    store = FolderBlobs(tmp_path)
    store.keep(CONTENT)
    file = tmp_path / DIGEST[:2] / DIGEST
    file.chmod(0o600)
    file.write_bytes(b"another")
    with pytest.raises(BlobAltered):
        store.read(DIGEST)
    with pytest.raises(BlobAltered):
        store.keep(CONTENT)
    assert file.read_bytes() == b"another"


def test_many_at_once_leave_one_file(tmp_path: Path) -> None:
    store, names = FolderBlobs(tmp_path), []
    threads = [threading.Thread(target=lambda: names.append(store.keep(CONTENT))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names == [DIGEST] * 16
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [DIGEST]


def test_syncs_the_file_before_its_name_and_the_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    sync, link = os.fsync, os.link

    def noted_sync(handle: int) -> None:
        steps.append("folder" if Path(f"/proc/self/fd/{handle}").resolve().is_dir() else "file")
        sync(handle)

    def noted_link(source: Path, target: Path) -> None:
        steps.append("name")
        link(source, target)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(os, "link", noted_link)
    FolderBlobs(tmp_path / "evidence").keep(CONTENT)
    assert steps == ["folder", "folder", "file", "name", "folder"]


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    store = FolderBlobs(tmp_path)
    (tmp_path / DIGEST[:2]).mkdir()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.keep(CONTENT)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_without_a_place_nothing_is_kept() -> None:
    with pytest.raises(NoStore, match="EVIDENCE_URL"):
        open_store("").keep(CONTENT)
    with pytest.raises(BlobMissing):
        open_store("").read(DIGEST)


def test_opens_a_bucket_by_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "cn-north-1")
    assert isinstance(open_store("s3://evidence/2018"), ObjectBlobs)


def test_large_files_go_in_and_out_by_pieces(store: BlobStore, tmp_path: Path) -> None:
    content = b"0123456789abcdef" * 200_000
    made = tmp_path / "made.zip"
    made.write_bytes(content)
    digest = store.keep_file(made)
    assert store.keep_file(made) == digest == hashlib.sha256(content).hexdigest()
    assert b"".join(store.pieces(digest)) == store.read(digest) == content
    assert store.has(digest)


def test_says_at_once_that_a_file_is_not_there(store: BlobStore) -> None:
    assert not store.has(DIGEST)
    with pytest.raises(BlobMissing):
        store.pieces(DIGEST)
