"""Whether a file is a publisher's own, by signature alone: no database, no network, only the public key."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tracker.domain.messages import Refusal
from tracker.features.bulletins.manifest import MANIFEST, PUBLIC_KEY, SIGNATURE, Manifest, Signed
from tracker.features.bulletins.package import Kept, files_in, write_package
from tracker.features.bulletins.signing import UnreadableKey, read_public_key
from tracker.features.bulletins.verification import UNREADABLE, Verdict
from tracker.services.evidence_store import digest_of_file

LARGEST_MANIFEST: Final = 64 * 2**20
PIECE: Final = 1 << 20


class ManifestNeeded(Refusal):
    """A single file says nothing of itself: the signed manifest of its issue must lie beside it."""


class _Strange(Exception):
    """The archive is not laid out as ours are."""


def verify_archive(file: Path, *, public_key: str) -> Verdict:
    """Hold an issue's archive against its signature, every byte of it.

    The archive is written again from its manifest and compared: whatever is added, left out, renamed or
    flipped makes a difference. That a newer issue exists cannot be known offline.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            signed = _signed_in(archive)
            if not signed.is_by(public_key) or not _is_whole(file, archive, signed):
                return Verdict.ALTERED
    except (*UNREADABLE, UnreadableKey, _Strange, TypeError):
        return Verdict.ALTERED
    return Verdict.AUTHENTIC


def _signed_in(archive: zipfile.ZipFile) -> Signed:
    parts = []
    for name in (MANIFEST, SIGNATURE, PUBLIC_KEY):
        info = archive.getinfo(name)
        if info.file_size > LARGEST_MANIFEST or info.compress_type != zipfile.ZIP_STORED:
            raise _Strange(name)
        parts.append(archive.read(info))
    return Signed(parts[0], parts[1], read_public_key(parts[2]))


def _is_whole(file: Path, archive: zipfile.ZipFile, signed: Signed) -> bool:
    """Whether writing the archive again, from its own files, gives the same bytes with the digests signed for."""
    by_digest = {kept.sha256: kept for kept in files_in(signed.manifest)}

    def contents(sha256: str) -> Iterable[bytes]:
        return _pieces(archive, by_digest[sha256])

    with tempfile.TemporaryDirectory() as folder:
        again = Path(folder) / "again.zip"
        write_package(again, signed, contents)
        is_same = digest_of_file(again) == digest_of_file(file)
        return is_same and all(_digest_of(archive, kept) == kept.sha256 for kept in by_digest.values())


def _pieces(archive: zipfile.ZipFile, kept: Kept) -> Iterable[bytes]:
    info = archive.getinfo(kept.name)
    if info.compress_type != zipfile.ZIP_STORED:  # ours never are packed: nothing can swell while being read
        raise _Strange(kept.name)
    with archive.open(info) as opened:
        while piece := opened.read(PIECE):
            yield piece


def _digest_of(archive: zipfile.ZipFile, kept: Kept) -> str:
    own = hashlib.sha256()
    for piece in _pieces(archive, kept):
        own.update(piece)
    return own.hexdigest()


def verify_single(file: Path, *, manifest: Path, public_key: str) -> Verdict:
    """Hold one file of an issue against the signed manifest; the signature lies beside the manifest.

    Raises:
        ManifestNeeded: there is no manifest or signature to be read.
    """
    signature = manifest.with_name(SIGNATURE)
    if not manifest.is_file() or not signature.is_file():
        raise ManifestNeeded(
            "离线核验单个文件，需要同一期的 {manifest} 和 {signature}（压缩包里有）。",
            manifest=MANIFEST,
            signature=SIGNATURE,
        )
    signed = Signed(manifest.read_bytes(), signature.read_bytes(), public_key)
    if not signed.is_by(public_key):
        return Verdict.ALTERED
    return Verdict.AUTHENTIC if digest_of_file(file) in _listed(signed.manifest) else Verdict.ALTERED


def _listed(manifest: Manifest) -> set[str]:
    return {kept.sha256 for kept in files_in(manifest)}
