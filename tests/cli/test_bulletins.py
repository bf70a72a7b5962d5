"""``flask bulletins``: one command issues, exports are the stored bytes, verification sets the exit code."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from tests.factories.ningbo import KEY, plant_ningbo
from tests.factories.people import make_person
from tracker.cli.bulletins import bulletins_commands
from tracker.db import Database
from tracker.models.audit import AuditEntry

PERIOD = ("--period", "2018-H1")
PEOPLE = ("--by", "yang", "--countersigned-by", "wang")


@pytest.fixture
def app(fresh_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    with fresh_database.session() as session:
        plant_ningbo(session)
        make_person(session, "reviewer", "330200", login="yang", name="杨立群")
        make_person(session, "viewer", "330200", login="wang", name="王建国")
        make_person(session, "reviewer", "330203", login="elsewhere")
        session.commit()
    app = Flask(__name__)
    app.config.update(
        SIGNING_KEY="0123456789abcdef" * 4,
        BASE_URL="http" + "://localhost",
        EVIDENCE_URL=str(tmp_path_factory.mktemp("evidence")),
    )
    app.extensions["database"] = fresh_database
    app.cli.add_command(bulletins_commands)
    return app


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["bulletins", *arguments])


def exported(app: Flask, file: Path, style: str, *options: str) -> Result:
    return run(app, "export", KEY, *PERIOD, "--format", style, "--out", str(file), *options)


def test_issues_exports_and_verifies(app: Flask, tmp_path: Path) -> None:
    issued = run(app, "issue", KEY, *PERIOD, *PEOPLE)
    assert issued.exit_code == 0, issued.output
    for said in (
        "330200-2018/2018-H1/1",
        "2018-06",
        "第 1 号封存",
        "杨立群",
        "王建国",
        "xlsx、pdf、json、docx、csv",
    ):
        assert said in issued.output
    files = {style: tmp_path / f"bulletin.{style}" for style in ("json", "xlsx", "docx", "pdf", "csv")}
    for style, file in files.items():
        result = exported(app, file, style, "--issue", "1")
        assert result.exit_code == 0, result.output
        assert hashlib.sha256(file.read_bytes()).hexdigest() in result.output
    assert hashlib.sha256(files["json"].read_bytes()).hexdigest() in issued.output
    document = json.loads(files["json"].read_bytes())
    assert document["pledges"][0]["indicators"][0]["actual"] == "1520000"
    checked = run(app, "verify", *map(str, files.values()))
    assert (checked.exit_code, checked.output.count("authentic")) == (0, 5)


def test_answers_one_for_an_altered_file(app: Flask, tmp_path: Path) -> None:
    run(app, "issue", KEY, *PERIOD, *PEOPLE)
    file = tmp_path / "bulletin.json"
    exported(app, file, "json")
    file.write_bytes(file.read_bytes().replace(b"1520000", b"1530000"))
    checked = run(app, "verify", str(file))
    assert checked.exit_code == 1
    assert "altered" in checked.output
    assert "330200-2018/2018-H1/1" in checked.output


def test_answers_zero_for_a_superseded_file(app: Flask, tmp_path: Path) -> None:
    run(app, "issue", KEY, *PERIOD, *PEOPLE)
    file = tmp_path / "bulletin.xlsx"
    exported(app, file, "xlsx")
    assert run(app, "issue", KEY, *PERIOD, *PEOPLE).exit_code == 1
    again = run(app, "issue", KEY, *PERIOD, *PEOPLE, "--reason", "更正")
    assert again.exit_code == 0, again.output
    checked = run(app, "verify", str(file))
    assert (checked.exit_code, "superseded" in checked.output) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("issue", KEY, *PERIOD, "--by", "yang", "--countersigned-by", "yang"), "不能会签自己"),
        (("issue", KEY, *PERIOD, "--by", "wang", "--countersigned-by", "yang"), "wang 不能起草通报"),
        (
            ("issue", KEY, *PERIOD, "--by", "elsewhere", "--countersigned-by", "yang"),
            "elsewhere 不能起草通报",
        ),
        (("issue", KEY, "--period", "2018H1", *PEOPLE), "不是报告期"),
        (("issue", KEY, *PERIOD, "--cutoff", "2018-07", *PEOPLE), "不在报告期"),
        (("issue", "330200-2017", *PERIOD, *PEOPLE), "没有编号为 330200-2017"),
        (("export", KEY, *PERIOD, "--format", "xlsx", "--out", "x.xlsx"), "没有找到这一期通报"),
    ],
)
def test_says_what_is_wrong_and_does_nothing(app: Flask, arguments: tuple[str, ...], said: str) -> None:
    result = run(app, *arguments)
    assert (result.exit_code, said in result.output) == (1, True), result.output
    assert "没有找到" in exported(app, Path("never.json"), "json").output


def test_keeps_no_audit_of_an_export_that_could_not_be_written(app: Flask, tmp_path: Path) -> None:
    run(app, "issue", KEY, *PERIOD, *PEOPLE)
    result = exported(app, tmp_path / "missing" / "bulletin.json", "json")
    assert (result.exit_code, "写不进" in result.output) == (1, True)
    with app.extensions["database"].read_session() as session:
        assert "bulletin.exported" not in session.scalars(select(AuditEntry.action)).all()


def test_the_archive_is_checked_offline_with_the_public_key(app: Flask, tmp_path: Path) -> None:
    run(app, "issue", KEY, *PERIOD, *PEOPLE)
    archive, key = tmp_path / "issue.zip", tmp_path / "public-key.pem"
    assert exported(app, archive, "zip").exit_code == 0
    assert run(app, "public-key", "--out", str(key)).exit_code == 0
    assert "authentic" in run(app, "verify", str(archive)).output
    del app.extensions["database"]  # nothing but the file and the key
    checked = run(app, "verify", str(archive), "--public-key", str(key))
    assert (checked.exit_code, "签名有效" in checked.output) == (0, True), checked.output
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 1
    archive.write_bytes(content)
    altered = run(app, "verify", str(archive), "--public-key", str(key))
    assert (altered.exit_code, "altered" in altered.output) == (1, True)


def test_single_files_are_checked_offline_with_the_manifest(app: Flask, tmp_path: Path) -> None:
    run(app, "issue", KEY, *PERIOD, *PEOPLE)
    archive, key = tmp_path / "issue.zip", tmp_path / "public-key.pem"
    exported(app, archive, "zip")
    run(app, "public-key", "--out", str(key))
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path)
    files = [
        str(tmp_path / f"330200-2018_2018-H1_1.{style}") for style in ("pdf", "docx", "xlsx", "csv", "json")
    ]
    checked = run(app, "verify", *files, "--public-key", str(key))
    assert (checked.exit_code, checked.output.count("authentic")) == (0, 5), checked.output
    (tmp_path / "manifest.sig").unlink()
    refused = run(app, "verify", *files, "--public-key", str(key))
    assert (refused.exit_code, "manifest.sig" in refused.output) == (1, True)


def test_says_that_a_key_file_is_none(app: Flask, tmp_path: Path) -> None:
    wrong = tmp_path / "key.pem"
    wrong.write_text("no key")
    refused = run(app, "verify", str(wrong), "--public-key", str(wrong))
    assert (refused.exit_code, "不是公钥" in refused.output) == (1, True)
