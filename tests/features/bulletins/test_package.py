"""The archive of an issue: its files, the evidence behind it, and a signature any key holder can check offline."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import random
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tracker.features.bulletins.manifest import MANIFEST, PUBLIC_KEY, SIGNATURE, Signed, manifest_text
from tracker.features.bulletins.offline import ManifestNeeded, verify_archive, verify_single
from tracker.features.bulletins.package import GUIDE, INDEX, SUMS, write_package
from tracker.features.bulletins.sheets import Frame
from tracker.features.bulletins.signing import Signer, UnreadableKey, is_signed, pem_of, read_public_key
from tracker.features.bulletins.verification import Verdict

SIGNER, STRANGER = Signer.from_secret("ours"), Signer.from_secret("theirs")
FRAME = Frame(
    "7f" * 32, datetime(2018, 7, 16, tzinfo=UTC), "王建国", datetime(2018, 7, 18, tzinfo=UTC), "/verify"
)
FACTS = {
    "serial": "330200-2018/2018-H1/1",
    "digest": "7f" * 32,
    "cutoff": "2018-06",
    "seal": 1,
    "drafted_by": "杨立群",
}
FILES = {"json": b"{}", "csv": "单位,=1+1".encode()}
SCAN = b"%PDF-1.4 a scanned sheet %%EOF"


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def evidence(content: bytes = SCAN, **changes: object) -> dict[str, Any]:
    return {
        "place": "佐证/330203/2018-06/7-盖章报表.pdf", "at": "330203", "unit": "海曙区总工会", "period": "2018-06",
        "indicator": "enrolments", "name": "盖章报表.pdf", "by": "样例", "uploaded_at": "2018-07-02T08:00:00",
        "sha256": sha(content), "missing": False,
    } | changes  # fmt: skip


def signed(*attached: dict[str, Any], signer: Signer = SIGNER) -> Signed:
    files = {style: sha(content) for style, content in FILES.items()}
    content = manifest_text(FACTS, FRAME, files=files, evidence=[*attached]).encode()
    return Signed(content, base64.b64decode(signer.sign(content)), signer.public_key)


def contents(sha256: str) -> Iterable[bytes]:
    return [{sha(content): content for content in (*FILES.values(), SCAN)}[sha256]]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    target = tmp_path / "issue.zip"
    write_package(target, signed(evidence()), contents)
    return target


def test_holds_files_evidence_and_how_to_check_them(archive: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == [
            GUIDE, MANIFEST, SIGNATURE, PUBLIC_KEY, SUMS, INDEX,
            "330200-2018_2018-H1_1.csv", "330200-2018_2018-H1_1.json", "佐证/330203/2018-06/7-盖章报表.pdf",
        ]  # fmt: skip
        for line in opened.read(SUMS).decode().splitlines():
            digest, name = line.split("  ")
            assert sha(opened.read(name)) == digest
        assert "海曙区总工会" in opened.read(INDEX).decode("utf-8-sig")


def test_anybodys_own_tools_can_check_the_signature(archive: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        key = load_pem_public_key(opened.read(PUBLIC_KEY))
        assert isinstance(key, Ed25519PublicKey)
        key.verify(opened.read(SIGNATURE), opened.read(MANIFEST))


def test_writing_it_again_gives_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    write_package(tmp_path / "again.zip", signed(evidence()), contents)
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_is_authentic_by_its_signature(archive: Path) -> None:
    assert verify_archive(archive, public_key=SIGNER.public_key) is Verdict.AUTHENTIC
    assert verify_archive(archive, public_key=STRANGER.public_key) is Verdict.ALTERED


def test_a_flipped_byte_anywhere_is_detected(archive: Path) -> None:
    content = archive.read_bytes()
    places = {0, len(content) - 1, *random.Random(20181).sample(range(len(content)), 150)}
    for at in sorted(places):
        archive.write_bytes(content[:at] + bytes([content[at] ^ 0x20]) + content[at + 1 :])
        assert verify_archive(archive, public_key=SIGNER.public_key) is Verdict.ALTERED, at
    archive.write_bytes(content)
    assert verify_archive(archive, public_key=SIGNER.public_key) is Verdict.AUTHENTIC


def test_whoever_signs_again_is_a_stranger(tmp_path: Path) -> None:
    forged = tmp_path / "forged.zip"
    write_package(forged, signed(signer=STRANGER), contents)
    assert verify_archive(forged, public_key=STRANGER.public_key) is Verdict.AUTHENTIC
    assert verify_archive(forged, public_key=SIGNER.public_key) is Verdict.ALTERED


@pytest.mark.parametrize("hostile", [b"", b"PK", b"not an archive at all", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_archive_of_ours_is_altered(tmp_path: Path, hostile: bytes) -> None:
    file = tmp_path / "hostile.zip"
    file.write_bytes(hostile)
    assert verify_archive(file, public_key=SIGNER.public_key) is Verdict.ALTERED


def test_packed_members_are_not_unpacked(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr(MANIFEST, b"0" * 10_000_000)
    assert verify_archive(bomb, public_key=SIGNER.public_key) is Verdict.ALTERED


def test_lists_a_lost_file_instead_of_failing(tmp_path: Path) -> None:
    target = tmp_path / "issue.zip"
    write_package(target, signed(evidence(b"lost", missing=True)), contents)
    with zipfile.ZipFile(target) as opened:
        assert "存储中缺失" in opened.read(INDEX).decode("utf-8-sig")
        assert not [name for name in opened.namelist() if name.startswith("佐证/")]
    assert verify_archive(target, public_key=SIGNER.public_key) is Verdict.AUTHENTIC


def test_a_single_file_is_held_against_the_manifest_beside_it(archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path)
    file = tmp_path / "330200-2018_2018-H1_1.csv"
    key, manifest = SIGNER.public_key, tmp_path / MANIFEST
    assert verify_single(file, manifest=manifest, public_key=key) is Verdict.AUTHENTIC
    assert verify_single(file, manifest=manifest, public_key=STRANGER.public_key) is Verdict.ALTERED
    file.write_bytes(file.read_bytes() + b"\n")
    assert verify_single(file, manifest=manifest, public_key=key) is Verdict.ALTERED
    told = json.loads(manifest.read_bytes())
    told["files"]["csv"] = sha(file.read_bytes())
    manifest.write_text(json.dumps(told, ensure_ascii=False))
    assert verify_single(file, manifest=manifest, public_key=key) is Verdict.ALTERED
    manifest.unlink()
    with pytest.raises(ManifestNeeded, match=r"manifest\.json"):
        verify_single(file, manifest=manifest, public_key=key)


def test_the_key_is_read_in_both_spellings() -> None:
    for spelt in (pem_of(SIGNER.public_key), SIGNER.public_key.encode() + b"\n"):
        assert read_public_key(spelt) == SIGNER.public_key
    for wrong in (b"", b"-----BEGIN PUBLIC KEY-----", b"YWJj", "密钥".encode()):
        with pytest.raises(UnreadableKey):
            read_public_key(wrong)


def test_a_signature_that_cannot_be_read_is_none() -> None:
    good = SIGNER.sign(b"said")
    assert is_signed(b"said", signature=good, public_key=SIGNER.public_key)
    assert not is_signed(b"SAID", signature=good, public_key=SIGNER.public_key)
    assert not is_signed(b"said", signature="?", public_key=SIGNER.public_key)
    assert not is_signed(b"said", signature=good, public_key="AAAA")
    assert "Ed25519PrivateKey" not in repr(SIGNER)


def test_large_files_pass_through_in_pieces(tmp_path: Path) -> None:
    content = b"x" * 3_000_000
    files = {"json": sha(content)}
    text = manifest_text(FACTS, FRAME, files=files, evidence=[]).encode()
    manifest = Signed(text, base64.b64decode(SIGNER.sign(text)), SIGNER.public_key)
    target = tmp_path / "large.zip"
    write_package(target, manifest, lambda _sha256: iter([content[:1_000_000], content[1_000_000:]]))
    with zipfile.ZipFile(io.BytesIO(target.read_bytes())) as opened:
        assert opened.read("330200-2018_2018-H1_1.json") == content
    assert verify_archive(target, public_key=SIGNER.public_key) is Verdict.AUTHENTIC
