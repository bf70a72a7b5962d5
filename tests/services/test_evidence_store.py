"""Files lie under their digest, are written once and durably, and what was altered is never handed out."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

import obstore
import pytest
from obstore.store import MemoryStore, ObjectStore, from_url

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


@pytest.fixture(params=["folder", "memory", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """A folder, an object store in memory, and a bucket of a real S3 server on loopback."""
    if request.param == "memory":
        return ObjectBlobs(MemoryStore())
    return open_store(
        str(tmp_path / "evidence") if request.param == "folder" else request.getfixturevalue("bucket_url")
    )


def test_gives_back_what_was_kept(store: BlobStore) -> None:
    assert store.keep(CONTENT) == DIGEST
    assert store.keep(CONTENT) == DIGEST
    assert store.read(DIGEST) == CONTENT


@pytest.mark.parametrize("digest", ["0" * 64, "../../etc/passwd", "", DIGEST.upper()])
def test_says_what_it_does_not_hold(store: BlobStore, digest: str) -> None:
    with pytest.raises(BlobMissing):
        store.read(digest)


def test_many_at_once_find_the_same_file_in_every_store(store: BlobStore) -> None:
    names: list[str] = []
    run_together(lambda: names.append(store.keep(CONTENT)))
    assert names == [DIGEST] * 16
    assert store.read(DIGEST) == CONTENT


def test_a_file_beyond_one_part_comes_back_whole(store: BlobStore) -> None:
    content = bytes(range(256)) * 40_000  # above the size from which buckets are written in parts
    assert store.read(store.keep(content)) == content


def test_a_bucket_never_hands_out_or_overwrites_an_altered_file(bucket_url: str) -> None:
    store = open_store(bucket_url)
    store.keep(CONTENT)
    alter(bucket_url, DIGEST, b"another")
    with pytest.raises(BlobAltered):
        store.read(DIGEST)
    with pytest.raises(BlobAltered):
        store.keep(CONTENT)
    assert read_raw(bucket_url, DIGEST) == b"another"


def test_a_bucket_that_does_not_exist_keeps_nothing_quietly(bucket_url: str) -> None:
    with pytest.raises(FileNotFoundError, match="NoSuchBucket"):
        open_store(bucket_url.replace("evidence", "another-bucket")).keep(CONTENT)


def alter(url: str, digest: str, content: bytes) -> None:
    """What somebody with the bucket's keys could do behind the store's back."""
    obstore.put(raw_store(url), f"{digest[:2]}/{digest}", content)


def read_raw(url: str, digest: str) -> bytes:
    """The object as it lies there."""
    return bytes(obstore.get(raw_store(url), f"{digest[:2]}/{digest}").bytes())


def raw_store(url: str) -> ObjectStore:
    """The bucket without our rules."""
    return from_url(url, client_options={"allow_http": True})


def run_together(act: Callable[[], object]) -> None:
    """Sixteen threads."""
    threads = [threading.Thread(target=act) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


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
    store, names = FolderBlobs(tmp_path), list[str]()
    run_together(lambda: names.append(store.keep(CONTENT)))
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
