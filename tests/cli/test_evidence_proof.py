"""``flask audit verify`` finds stored files that are missing or altered."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.factories.rows import NOW
from tracker.cli.proofs import audit_commands
from tracker.db import Database
from tracker.models.evidence import EvidenceBlob
from tracker.services.evidence_store import FolderBlobs


@pytest.fixture
def stored(app: Flask, tmp_path: Path) -> Path:
    """The stored picture of an installation where history stands."""
    store = FolderBlobs(tmp_path / "evidence")
    database: Database = app.extensions["database"]
    with database.session() as session:
        row = EvidenceBlob(
            sha256=store.keep(b"picture"), media="jpg", size=7, preview=store.keep(b"small"), at=NOW
        )
        session.add(row)
        session.commit()
    return tmp_path / "evidence" / row.sha256[:2] / row.sha256


def test_finds_nothing_where_all_files_lie(app: Flask, stored: Path) -> None:
    result = app.test_cli_runner().invoke(audit_commands, ["verify"])
    assert (result.exit_code, "佐证文件" in result.output) == (0, True)


def test_names_a_missing_file(app: Flask, stored: Path) -> None:
    stored.unlink()
    result = app.test_cli_runner().invoke(audit_commands, ["verify"])
    assert result.exit_code == 1
    assert f"evidence_blob {stored.name}：应为 {stored.name}，现为 missing" in result.output


def test_names_a_file_with_one_flipped_bit(app: Flask, stored: Path) -> None:
    stored.chmod(0o600)
    stored.write_bytes(b"pictura")
    result = app.test_cli_runner().invoke(audit_commands, ["verify"])
    assert result.exit_code == 1
    assert "现为 altered" in result.output


def test_names_a_missing_preview(app: Flask, stored: Path, tmp_path: Path) -> None:
    preview = next(
        path
        for path in tmp_path.rglob("*")
        if path.is_file() and path.name not in stored.name and path.read_bytes() == b"small"
    )
    preview.unlink()
    result = app.test_cli_runner().invoke(audit_commands, ["verify"])
    assert "preview of evidence_blob" in result.output


def test_names_a_missing_copy_without_location(app: Flask, tmp_path: Path) -> None:
    store = FolderBlobs(tmp_path / "evidence")
    database: Database = app.extensions["database"]
    with database.session() as session:
        cleaned = store.keep(b"cleaned")
        session.add(EvidenceBlob(sha256=store.keep(b"picture"), media="jpg", size=7, cleaned=cleaned, at=NOW))
        session.commit()
    (tmp_path / "evidence" / cleaned[:2] / cleaned).unlink()
    result = app.test_cli_runner().invoke(audit_commands, ["verify"])
    assert result.exit_code == 1
    assert "cleaned copy of evidence_blob" in result.output
