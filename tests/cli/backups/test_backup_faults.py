"""``flask backup`` and ``flask restore`` refuse what is not whole, name all of it, and leave nothing half done."""

from __future__ import annotations

import hashlib
import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.factories.installation import (
    Installation,
    every_row,
    forged,
    moved_to,
    retold,
    unwatched,
)
from tests.factories.ningbo import NOW
from tests.factories.people import make_person
from tests.factories.rows import plant_tree
from tests.support.databases import Copies, on_sqlite
from tracker.cli.archive import checking
from tracker.cli.archive.checking import Unusable, open_archive
from tracker.cli.archive.form import MANIFEST, Digesting
from tracker.cli.archive.taking import take_backup
from tracker.db import Database, open_database
from tracker.domain.identity import Role
from tracker.models.evidence import EvidenceBlob
from tracker.services.evidence_store import FolderBlobs


@pytest.fixture(scope="module")
def small(sqlite_copies: Copies, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The archive of a person, an account and two files: enough for whatever is looked at before anything is written."""
    folder = tmp_path_factory.mktemp("small")
    store = FolderBlobs(folder / "evidence")
    with sqlite_copies() as database, (folder / "a").open("wb") as out:
        with database.session() as session:
            plant_tree(session, {"330200": {}})
            make_person(session, Role.REPORTER, "330200")
            blob = EvidenceBlob(
                sha256=store.keep(b"one"), media="jpg", size=3, preview=store.keep(b"two"), at=NOW
            )
            session.add(blob)
            session.commit()
        take_backup(database, store, Digesting(out), keys={}, watch=unwatched)
    return (folder / "a").read_bytes()


def faults_of(content: bytes) -> str:
    """Everything said about an archive that is refused."""
    with pytest.raises(Unusable) as refused:
        open_archive(io.BytesIO(content), unwatched)
    return str(refused.value)


@pytest.fixture
def blank(empty_url: str) -> Iterator[Database]:
    """A database without any table."""
    database = open_database(empty_url)
    yield database
    database.dispose()


def is_untouched(database: Database, folder: Path) -> bool:
    """Whether there is nothing: no row, no file."""
    return not any(every_row(database).values()) and not any(path.is_file() for path in folder.rglob("*"))


def test_names_files_that_are_missing_or_altered_and_keeps_nothing(
    made: Installation, tmp_path: Path
) -> None:
    made.place_of("small").unlink()
    altered = made.place_of("list")
    altered.chmod(0o600)
    altered.write_bytes(b"other")
    rows = every_row(made.database)
    done = made.runner.invoke(args=["backup", str(tmp_path / "a")])
    assert done.exit_code == 1
    assert "没有生成备份，有 2 处不符" in done.output
    assert f"{made.files['small']}：缺失" in done.output
    assert f"{made.files['list']}：内容已变" in done.output
    assert [*tmp_path.glob("a*")] == []
    assert every_row(made.database) == rows, "nothing was taken, so nothing is told"


@on_sqlite
def test_overwrites_only_when_told_to(made: Installation, file: Path) -> None:
    first = file.read_bytes()
    refused = made.runner.invoke(args=["backup", str(file)])
    assert (refused.exit_code, "--force" in refused.output) == (1, True)
    assert file.read_bytes() == first
    part = file.with_name(f"{file.name}.part")
    part.write_bytes(b"of another backup")
    other = made.runner.invoke(args=["backup", str(file.with_name("whole.backup"))])
    assert other.exit_code == 1
    assert part.read_bytes() == b"of another backup"
    assert made.runner.invoke(args=["backup", "--force", str(file)]).exit_code == 0
    assert (file.read_bytes() != first, part.exists()) == (True, False)


@on_sqlite
def test_says_where_it_cannot_write(made: Installation, tmp_path: Path) -> None:
    done = made.runner.invoke(args=["backup", str(tmp_path / "nowhere" / "a")])
    assert (done.exit_code, "没有生成备份" in done.output, "nowhere" in done.output) == (1, True, True)


@on_sqlite
def test_refuses_a_database_it_was_not_made_for(made: Installation, blank: Database, tmp_path: Path) -> None:
    with moved_to(made, blank, made.evidence) as runner:
        empty = runner.invoke(args=["backup", str(tmp_path / "a")])
        assert (empty.exit_code, "空的" in empty.output) == (1, True)
        with blank.write.begin() as connection:
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
            connection.execute(text("INSERT INTO alembic_version VALUES ('0018_bulletin_files')"))
        older = runner.invoke(args=["backup", str(tmp_path / "a")])
        assert (older.exit_code, "0018_bulletin_files" in older.output) == (1, True)


def test_finds_a_flipped_bit_wherever_it_is(small: bytes) -> None:
    drawn = random.Random(5)
    places = [0, 4, len(small) - 1, len(small) - 64, len(small) - 70, len(small) - 80]
    for place in [*places, *(drawn.randrange(len(small)) for _ in range(94))]:
        damaged = bytearray(small)
        damaged[place] ^= 1 << drawn.randrange(8)
        assert faults_of(bytes(damaged)), place


def test_finds_a_file_that_ends_too_early_or_is_none(small: bytes) -> None:
    for content in (
        b"",
        b"PK",
        small[:64],
        small[:-1],
        small[:-200],
        small[: len(small) // 2],
        small + b"\n",
    ):
        assert "不完整" in faults_of(content)


def test_names_the_damaged_part_and_writes_nothing(
    made: Installation, file: Path, new_place: Database, tmp_path: Path
) -> None:
    whole = bytearray(file.read_bytes())
    whole[whole.index(b"picture" * 9)] ^= 1
    file.write_bytes(whole)
    with moved_to(made, new_place, tmp_path / "new") as runner:
        done = runner.invoke(args=["restore", str(file)])
        assert done.exit_code == 1
        assert "没有恢复任何数据，有 2 处不符" in done.output
        assert "末尾的校验码不符" in done.output
        assert f"objects/{made.files['picture']}：与清单不符" in done.output
        assert is_untouched(new_place, tmp_path / "new")


def longer(told: Any) -> None:
    told["files"][0][1] += 1


def fewer_rows(told: Any) -> None:
    told["tables"][0]["rows"] += 1


def climbing(told: Any) -> None:
    told["tables"][0]["name"] = "../../evil"


def climbing_file(told: Any) -> None:
    told["files"][0][0] = "../" + told["files"][0][0]


def unknown_column(told: Any) -> None:
    told["tables"][0]["columns"][0][1] = "formula"


def other_format(told: Any) -> None:
    told["format"] = "backup/2"


def twice(told: Any) -> None:
    told["files"].append(told["files"][0])


LIES: list[tuple[Callable[[Any], None], str]] = [
    (longer, "与清单不符"),
    (fewer_rows, "与清单不符"),
    (climbing, "不是本系统的备份文件"),
    (climbing_file, "不是本系统的备份文件"),
    (unknown_column, "不是本系统的备份文件"),
    (other_format, "backup/2"),
    (twice, "重复"),
]


def test_refuses_a_manifest_that_lies(small: bytes) -> None:
    for change, said in LIES:
        assert said in faults_of(forged(small, retold(change)))


def test_names_every_strange_missing_and_exchanged_member(small: bytes) -> None:
    def change(name: str, content: bytes) -> bytes | None:
        if name == "tables/person.jsonl":
            return None
        return content.swapcase() if name == "tables/account.jsonl" else content

    said = faults_of(forged(small, change, more={"../../evil": b"x", "tables/seal.jsonl": b"[]\n"}))
    for member in (
        "../../evil：不在清单里",
        "seal.jsonl：不在清单里",
        "person.jsonl：缺失",
        "account.jsonl：与清单不符",
    ):
        assert member in said


def test_reads_no_further_than_the_manifest_says(small: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def swollen(name: str, content: bytes) -> bytes:
        return b"0" * (8 << 20) if name == "tables/person.jsonl" else content

    bomb, read, unpacked = forged(small, swollen), zipfile.ZipExtFile.read, list[int]()

    def counted(member: zipfile.ZipExtFile, most: int | None = -1) -> bytes:
        piece = read(member, most)
        unpacked.append(len(piece))
        return piece

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counted)
    assert "tables/person.jsonl：与清单不符" in faults_of(bomb)
    assert 0 < sum(unpacked) < 1 << 20


def test_takes_no_row_that_would_fill_the_memory(small: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "LONGEST_ROW", 3 << 20)
    monkeypatch.setattr(checking, "PIECE", 1 << 20)

    def endless(rows: list[Any]) -> None:
        rows[0][1] = "长" * (4 << 20)

    assert "tables/person.jsonl：与清单不符" in faults_of(forged(small, rewritten("person", endless)))


def rewritten(table: str, change: Callable[[list[Any]], None]) -> Callable[[str, bytes], bytes]:
    """Rows of one table changed in an archive, the manifest agreeing with them."""
    new: dict[str, Any] = {}

    def changed(name: str, content: bytes) -> bytes:
        if name == f"tables/{table}.jsonl":
            rows = [json.loads(line) for line in content.splitlines()]
            change(rows)
            content = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
            new.update(rows=len(rows), size=len(content), sha256=sha256(content))
        if name == MANIFEST:
            told = json.loads(content)
            next(one for one in told["tables"] if one["name"] == table).update(new)
            content = json.dumps(told).encode()
        return content

    return changed


def sha256(content: bytes) -> str:
    """The digest of some bytes."""
    return hashlib.sha256(content).hexdigest()


UNFIT: list[tuple[str, Callable[[Any], None], str]] = [
    ("person", lambda rows: rows[0].__setitem__(0, "seven"), "数据表 person 写不进"),
    ("pledge", lambda rows: rows[0].__setitem__(1, 999_999), "pledge"),
    ("seal", lambda rows: rows.append([rows[-1][0] + 1, *rows[-1][1:]]), "最新封存"),
    ("appointment", lambda rows: rows[0].__setitem__(3, "emperor"), "数据表 appointment 写不进"),
]


def test_rolls_everything_back_when_one_row_does_not_fit(
    made: Installation, file: Path, new_place: Database, tmp_path: Path
) -> None:
    sound = file.read_bytes()
    with moved_to(made, new_place, tmp_path / "new") as runner:
        for table, change, said in UNFIT:
            file.write_bytes(forged(sound, rewritten(table, change)))
            done = runner.invoke(args=["restore", str(file)])
            assert (done.exit_code, said in done.output) == (1, True), done.output
            assert not any(every_row(new_place).values())
        file.write_bytes(sound)
        assert runner.invoke(args=["restore", str(file)]).exit_code == 0, "and the sound one can follow"


def test_names_the_archive_and_the_place_at_once(made: Installation, file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])
    before = every_row(made.database)
    done = made.runner.invoke(args=["restore", str(file)])
    assert done.exit_code == 1
    assert "有 2 处不符" in done.output
    assert "不完整" in done.output
    assert "目标数据库不是空的，有数据的表：acceptance、account" in done.output
    assert every_row(made.database) == before


def test_leaves_a_database_of_others_alone(
    made: Installation, file: Path, blank: Database, tmp_path: Path
) -> None:
    with moved_to(made, blank, tmp_path / "new") as runner:
        with blank.write.begin() as connection:
            connection.execute(text("CREATE TABLE parcels (id INTEGER)"))
        done = runner.invoke(args=["restore", str(file)])
        assert (done.exit_code, "别的表：parcels" in done.output) == (1, True)
        assert not any(path.is_file() for path in (tmp_path / "new").rglob("*"))


@on_sqlite
def test_refuses_an_evidence_store_that_says_otherwise(
    made: Installation, file: Path, new_place: Database, tmp_path: Path
) -> None:
    with moved_to(made, new_place, "") as runner:
        done = runner.invoke(args=["restore", str(file)])
        assert (done.exit_code, "EVIDENCE_URL" in done.output) == (1, True)
    place = made.place_of("picture")
    place.chmod(0o600)
    place.write_bytes(b"other")
    with moved_to(made, new_place, made.evidence) as runner:
        done = runner.invoke(args=["restore", str(file)])
        assert (done.exit_code, f"{made.files['picture']} 内容已变" in done.output) == (1, True)
        assert not any(every_row(new_place).values())


@on_sqlite
def test_names_the_version_a_newer_backup_needs(
    made: Installation, file: Path, new_place: Database, tmp_path: Path
) -> None:
    file.write_bytes(forged(file.read_bytes(), retold(lambda told: told.update(revision="0999_of_tomorrow"))))
    with moved_to(made, new_place, tmp_path / "new") as runner:
        done = runner.invoke(args=["restore", str(file)])
        assert (done.exit_code, "0999_of_tomorrow" in done.output) == (1, True)
        assert is_untouched(new_place, tmp_path / "new")


def test_says_what_its_source_already_had_wrong(
    made: Installation, new_place: Database, tmp_path: Path
) -> None:
    with made.database.write.begin() as connection:
        connection.execute(
            text(
                "UPDATE tally SET m6 = m6 + 1 WHERE part = 'amount' AND m6 = 17600 AND parent_id = org_unit_id"
            )
        )
    assert made.runner.invoke(args=["backup", str(tmp_path / "a")]).exit_code == 0
    with moved_to(made, new_place, tmp_path / "new") as runner:
        done = runner.invoke(args=["restore", str(tmp_path / "a")])
    assert done.exit_code == 1
    assert "数据已按备份原样恢复，但核验发现 1 处不符" in done.output
    assert "m6：应为 17600，现为 17601" in done.output
