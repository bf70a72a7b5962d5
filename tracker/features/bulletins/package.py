"""The whole of an issue in one archive: its files, the evidence behind it, and a signed manifest of both.

Everything in the archive follows from the manifest and the files it names, so writing it again gives the same
bytes: whoever has the public key can hold every byte of it against the signature, without this program's database.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlalchemy.orm import Session

from tracker.features.bulletins.document import printed_name
from tracker.features.bulletins.manifest import (
    MANIFEST,
    PUBLIC_KEY,
    SIGNATURE,
    Manifest,
    Signed,
)
from tracker.features.bulletins.sheets import Document
from tracker.services.evidence import Attached, list_evidence
from tracker.services.evidence_store import BlobStore
from tracker.services.fixed_zip import entry
from tracker.services.tables.csv_writing import csv_pieces

SUMS, INDEX, GUIDE = "SHA256SUMS", "佐证清单.csv", "核验说明.txt"
FOLDER: Final = "佐证"
PIECE: Final = 1 << 20

INDEX_HEADINGS: Final = (
    "位置",
    "单位代码",
    "单位",
    "报告期",
    "指标代码",
    "文件名",
    "上传人",
    "上传时间",
    "SHA-256",
    "状态",
)

Contents = Callable[[str], Iterable[bytes]]
"""SHA-256 → the file's bytes, in pieces."""


def evidence_of(session: Session, document: Document, *, store: BlobStore) -> list[dict[str, Any]]:
    """The files attached to the revisions behind the document's figures, each once a revision, in a fixed order.

    One the store has lost is listed as missing: the archive says so instead of never being made.
    """
    places: dict[int, Document] = {}
    for source in document["sources"]:
        places.setdefault(source["revision_id"], source)
    found = list_evidence(session, sorted(places))
    return [
        _listed(places[revision], file, is_missing=not store.has(file.sha256))
        for revision in sorted(found)
        for file in sorted(found[revision])
    ]


def _listed(source: Document, file: Attached, *, is_missing: bool) -> dict[str, Any]:
    folder = f"{FOLDER}/{source['at']}/{source['period']}"
    return {
        "place": f"{folder}/{file.id}-{file.name}",
        "at": source["at"],
        "unit": source["unit"],
        "period": source["period"],
        "indicator": source["indicator"],
        "name": file.name,
        "by": printed_name(file.by, file.stand_in),
        "uploaded_at": file.at,
        "sha256": file.sha256,
        "missing": is_missing,
    }


class Kept(NamedTuple):
    """One stored file of the issue by the name it has in the archive."""

    name: str
    sha256: str


def write_package(target: Path, signed: Signed, contents: Contents) -> None:
    """Write the archive; ``contents`` gives the files the manifest names."""
    manifest = signed.manifest
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name, text in _texts(signed).items():
            archive.writestr(entry(name), text)
        for kept in files_in(manifest):
            with archive.open(entry(kept.name), "w", force_zip64=True) as opened:
                for piece in contents(kept.sha256):
                    opened.write(piece)


def files_in(manifest: Manifest) -> Iterator[Kept]:
    """The issue's files and then its evidence, by name."""
    stem = manifest["serial"].replace("/", "_")
    for style in sorted(manifest["files"]):
        yield Kept(f"{stem}.{style}", manifest["files"][style])
    for one in manifest["evidence"]:
        if not one["missing"]:
            yield Kept(one["place"], one["sha256"])


def _texts(signed: Signed) -> Mapping[str, bytes]:
    manifest = signed.manifest
    return {
        GUIDE: _guide(manifest).encode(),
        MANIFEST: signed.content,
        SIGNATURE: signed.signature,
        PUBLIC_KEY: signed.public_key_pem,
        SUMS: "".join(f"{kept.sha256}  {kept.name}\n" for kept in files_in(manifest)).encode(),
        INDEX: b"".join(csv_pieces(INDEX_HEADINGS, _index(manifest))),
    }


def _index(manifest: Manifest) -> Iterator[tuple[str, ...]]:
    fields = ("place", "at", "unit", "period", "indicator", "name", "by", "uploaded_at", "sha256")
    for one in manifest["evidence"]:
        yield (*(str(one[field]) for field in fields), "存储中缺失" if one["missing"] else "在包内")


def _guide(manifest: Manifest) -> str:
    return "\n".join(
        (
            f"编号：{manifest['serial']}",
            f"校验码：{manifest['digest']}",
            f"在线核验：{manifest['verify_at']}",
            "",
            "离线核验，不需要本系统：",
            f"1. 每个文件是否与清单一致：sha256sum -c {SUMS}",
            "2. 清单是否由发布单位签名（公钥请从发布单位另行取得，不要只用包里的）：",
            f"   openssl pkeyutl -verify -pubin -inkey {PUBLIC_KEY} -rawin -in {MANIFEST} -sigfile {SIGNATURE}",
            "",
            "佐证材料是原件，可能含有个人信息，照片原件可能含拍摄位置，请勿外传。",
            "",
        )
    )
