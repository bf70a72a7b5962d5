"""Where evidence lies: files by their SHA-256 in a folder or an S3 bucket, written once and never overwritten."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Final, Protocol

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore, ObjectStore, from_url

from tracker.domain.messages import Refusal

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
FOLDER_MODE: Final = 0o700
PIECE: Final = 1 << 20
TRIAL: Final = ".trial-"


class BlobMissing(Exception):
    """The store holds no file with this digest."""


class BlobAltered(Exception):
    """What lies under this digest is not what was stored."""


class NoStore(Refusal):
    """No place for evidence is configured (``EVIDENCE_URL``)."""

    def __init__(self) -> None:
        super().__init__("还没有配置存放佐证材料的地方（EVIDENCE_URL），请联系管理员；数字可以照常填报")


class BlobStore(Protocol):
    """A place for files by digest."""

    def keep(self, content: bytes) -> str:
        """Store once; the SHA-256. Returns only when it will still be there after a power cut."""
        ...

    def keep_file(self, made: Path) -> str:
        """Store a file too large for memory once; the SHA-256."""
        ...

    def read(self, sha256: str) -> bytes:
        """The file. Raises BlobMissing and BlobAltered."""
        ...

    def pieces(self, sha256: str) -> Iterator[bytes]:
        """The file piece by piece, unchecked. Raises BlobMissing before the first."""
        ...

    def has(self, sha256: str) -> bool:
        """Whether a file lies under this digest."""
        ...

    def try_out(self) -> None:
        """Write, read and delete a few bytes of no consequence. Raises whatever stands in the way of evidence."""
        ...


def digest_of_file(file: Path) -> str:
    """The name a file on disk is stored under."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def digest_of_bytes(content: bytes) -> str:
    """The name a file is stored under."""
    return hashlib.sha256(content).hexdigest()


def open_store(url: str) -> BlobStore:
    """The store at a folder's path or an ``s3://bucket/prefix`` address; nothing is written before the first file.

    Credentials, region and endpoint of a bucket come from the usual ``AWS_…`` variables.
    """
    if not url:
        return _Nowhere()
    if "://" in url:
        is_plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
        store = from_url(url, client_options={"allow_http": is_plain})
        return ObjectBlobs(store)
    return FolderBlobs(Path(url))


class ObjectBlobs:
    """Files in a bucket, put with "only if absent"."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def keep(self, content: bytes) -> str:
        """Store once; the bucket has it on disk when it answers."""
        digest = digest_of_bytes(content)
        try:
            obstore.put(self._store, _path_of(digest), content, mode="create")
        except AlreadyExistsError:
            self.read(digest)
        return digest

    def keep_file(self, made: Path) -> str:
        """Store once; sent from disk, not from memory."""
        digest = digest_of_file(made)
        try:
            with made.open("rb") as opened:
                obstore.put(self._store, _path_of(digest), opened, mode="create", use_multipart=False)
        except AlreadyExistsError:
            pass
        return digest

    def read(self, sha256: str) -> bytes:
        """The file, checked against its name."""
        return _checked(sha256, lambda: bytes(obstore.get(self._store, _path_of(sha256)).bytes()))

    def pieces(self, sha256: str) -> Iterator[bytes]:
        """As they come from the bucket."""
        try:
            found = obstore.get(self._store, _path_of(sha256))
        except FileNotFoundError:
            raise BlobMissing(sha256) from None
        return (bytes(piece) for piece in found.stream(min_chunk_size=PIECE))

    def has(self, sha256: str) -> bool:
        """Asked of the bucket without fetching it."""
        try:
            obstore.head(self._store, _path_of(sha256))
        except FileNotFoundError:
            return False
        return True

    def try_out(self) -> None:
        """An object under a name of its own, gone again at once."""
        name = f"{TRIAL}{secrets.token_hex(8)}"
        obstore.put(self._store, name, TRIAL.encode())
        try:
            found = bytes(obstore.get(self._store, name).bytes())
        finally:
            obstore.delete(self._store, name)
        _compare_trial(found)


class FolderBlobs:
    """Files in a folder: written beside their place, synced, linked into place, and the folder synced."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, content: bytes) -> str:
        """Store once and durably; two at the same moment leave one file."""
        digest = digest_of_bytes(content)
        target = self._folder / _path_of(digest)
        if target.exists():
            self.read(digest)
            return digest
        self._make_folder(target.parent)
        self._write(target, [content])
        return digest

    def keep_file(self, made: Path) -> str:
        """Store once and durably, copied piece by piece."""
        digest = digest_of_file(made)
        target = self._folder / _path_of(digest)
        if not target.exists():
            self._make_folder(target.parent)
            with made.open("rb") as opened:
                self._write(target, _cut(opened))
        return digest

    def pieces(self, sha256: str) -> Iterator[bytes]:
        """As they are read from disk."""
        place = self._folder / _path_of(sha256)
        if not place.is_file():
            raise BlobMissing(sha256)
        return _pieces_of(place)

    def has(self, sha256: str) -> bool:
        """Whether it stands in its place."""
        return (self._folder / _path_of(sha256)).is_file()

    def try_out(self) -> None:
        """A file in the folder itself, gone again at once."""
        self._make_folder(self._folder)
        handle, name = tempfile.mkstemp(dir=self._folder, prefix=TRIAL)
        try:
            with os.fdopen(handle, "wb") as opened:
                opened.write(TRIAL.encode())
            found = Path(name).read_bytes()
        finally:
            Path(name).unlink()
        _compare_trial(found)

    def read(self, sha256: str) -> bytes:
        """The file, checked against its name."""
        return _checked(sha256, lambda: self._read(sha256))

    def _read(self, sha256: str) -> bytes:
        if not self._folder.is_dir():
            raise FileNotFoundError(sha256)
        return bytes(obstore.get(LocalStore(prefix=self._folder), _path_of(sha256)).bytes())

    def _make_folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        _sync_folder(folder.parent)
        _sync_folder(self._folder.parent)

    def _write(self, target: Path, pieces: Iterable[bytes]) -> None:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".incoming-")
        try:
            with os.fdopen(handle, "wb") as opened:
                for piece in pieces:
                    opened.write(piece)
                opened.flush()
                os.fsync(opened.fileno())
            Path(name).chmod(0o400)
            _link(Path(name), target)
        finally:
            Path(name).unlink(missing_ok=True)
        _sync_folder(target.parent)


class _Nowhere:
    """No store: every use says so."""

    def keep(self, content: bytes) -> str:
        raise NoStore

    def keep_file(self, made: Path) -> str:
        raise NoStore

    def read(self, sha256: str) -> bytes:
        raise BlobMissing(sha256)

    def pieces(self, sha256: str) -> Iterator[bytes]:
        raise BlobMissing(sha256)

    def has(self, _sha256: str) -> bool:
        return False

    def try_out(self) -> None:
        raise NoStore


def _compare_trial(found: bytes) -> None:
    if found != TRIAL.encode():
        raise BlobAltered(TRIAL)


def _pieces_of(place: Path) -> Iterator[bytes]:
    with place.open("rb") as opened:
        yield from _cut(opened)


def _cut(opened: IO[bytes]) -> Iterator[bytes]:
    while piece := opened.read(PIECE):
        yield piece


def _link(made: Path, target: Path) -> None:
    """Rename that never overwrites: whoever is second finds the same content already there."""
    try:
        os.link(made, target)
    except FileExistsError:
        return


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _path_of(sha256: str) -> str:
    if not _DIGEST.fullmatch(sha256):
        raise BlobMissing(sha256)
    return f"{sha256[:2]}/{sha256}"


def _checked(sha256: str, read: Callable[[], bytes]) -> bytes:
    try:
        content = read()
    except FileNotFoundError:
        raise BlobMissing(sha256) from None
    if digest_of_bytes(content) != sha256:
        raise BlobAltered(sha256)
    return content
