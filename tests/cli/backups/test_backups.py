"""``flask backup`` and ``flask restore``: everything comes back as it was, on either engine, also from under load."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest
from sqlalchemy import select, text

from tests.factories.installation import Installation, every_row, moved_to, unwatched
from tests.factories.ningbo import NOW
from tests.support.counted_acts import CountedActs
from tests.support.databases import Copies, on_sqlite
from tracker.cli.archive.form import Digesting
from tracker.cli.archive.restoring import prove, restore_backup
from tracker.cli.archive.taking import take_backup
from tracker.cli.database import upgrade_database
from tracker.db import POSTGRESQL, SQLITE, Database, open_database
from tracker.domain.identity import OPERATOR
from tracker.models.account import SignInAttempt, WebSession
from tracker.models.audit import AuditEntry
from tracker.models.granting import AccountLink
from tracker.models.mail import OutgoingMail
from tracker.services.audit import Subject, record
from tracker.services.evidence_store import open_store
from tracker.services.ledger.settling import settle

CHANGED_ON_PURPOSE = {"web_session", "account_link", "outgoing_mail"}
GROWS_BY_THE_ACT = {"audit_entry", "seal"}


@pytest.fixture
def other_engine(engine_name: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    """The same on the other engine."""
    other = POSTGRESQL if engine_name == SQLITE else SQLITE
    copies: Copies = request.getfixturevalue(f"{other}_copies")
    with copies() as own:
        yield own


def test_brings_every_row_and_file_back_as_it_was(made: Installation, empty_url: str, tmp_path: Path) -> None:
    database = open_database(empty_url)
    target = tmp_path / "whole.backup"
    before = every_row(made.database)
    taken = made.runner.invoke(args=["backup", str(target)])
    assert (taken.exit_code, "4 个佐证文件" in taken.output) == (0, True), taken.output
    assert (target.stat().st_mode & 0o777, [*tmp_path.glob("*.part")]) == (0o600, [])
    assert "heartbeat" not in str(zipfile.ZipFile(target).namelist())
    assert every_row(made.database)["audit_entry"][-1][5] == "backup.taken"

    with moved_to(made, database, tmp_path / "new") as runner:
        done = runner.invoke(args=["restore", str(target)])
        assert (done.exit_code, "核验通过" in done.output) == (0, True), done.output
        assert "与备份时的不同" not in done.output
        after = every_row(database)
        with database.read_session() as session:
            ended = session.execute(select(WebSession.revoked_at, WebSession.revoked_because)).one()
            assert (ended.revoked_at is not None, ended.revoked_because) == (True, "by_admin")
            assert session.scalars(select(AccountLink.revoked_at)).one() is not None, (
                "no link lets anybody in"
            )
            assert session.scalars(select(OutgoingMail.state)).one() == "dropped", (
                "and no letter goes out twice"
            )
        for command in (["totals", "verify"], ["audit", "verify"], ["db", "check"]):
            assert runner.invoke(args=command).exit_code == 0
        seal = f"{before['seal'][-1][0]}:{before['seal'][-1][3]}"
        assert seal in done.output
        assert runner.invoke(args=["audit", "verify", "--anchor", seal]).exit_code == 0

    assert before.keys() == after.keys()
    for table in before.keys() - CHANGED_ON_PURPOSE - GROWS_BY_THE_ACT:
        assert after[table] == before[table], table
    for table in GROWS_BY_THE_ACT:
        assert after[table][:-1] == before[table], table
    assert after["audit_entry"][-1][5] == "backup.restored"
    database.dispose()
    for name, sha256 in made.files.items():
        assert (tmp_path / "new" / sha256[:2] / sha256).read_bytes() == made.place_of(name).read_bytes()


def test_moves_to_the_other_engine(made: Installation, file: Path, other_engine: Database) -> None:
    before = every_row(made.database)
    with moved_to(made, other_engine, made.evidence) as runner:
        done = runner.invoke(args=["restore", str(file)])
        assert (done.exit_code, "核验通过" in done.output) == (0, True), done.output
        after = every_row(other_engine)
    for table in before.keys() - CHANGED_ON_PURPOSE - GROWS_BY_THE_ACT:
        assert after[table] == before[table], table


def test_numbers_new_rows_after_all_there_ever_were(
    made: Installation, new_place: Database, tmp_path: Path, engine_name: str
) -> None:
    with made.database.session() as session:
        tries = [SignInAttempt(login="wang", address="192.0.2.1", at=NOW) for _ in range(3)]
        session.add_all(tries)
        session.flush()
        gone = tries[-1].id
        session.delete(tries[-1])
        session.commit()
    assert made.runner.invoke(args=["backup", str(tmp_path / "a")]).exit_code == 0
    with moved_to(made, new_place, made.evidence) as runner:
        assert runner.invoke(args=["restore", str(tmp_path / "a")]).exit_code == 0
        with new_place.session() as session:
            new = SignInAttempt(login="wang", address="192.0.2.1", at=NOW)
            session.add(new)
            session.commit()
        assert new.id == (gone if engine_name == SQLITE else gone + 1)


class Writers:
    """Clerks who go on while a backup is taken: every act leaves two entries in one transaction."""

    def __init__(self, database: Database, people: int) -> None:
        self._database, self._done, self.acts = database, threading.Event(), CountedActs()
        self._threads = [threading.Thread(target=self._go_on, args=(number,)) for number in range(people)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()

    def _go_on(self, number: int) -> None:
        act = 0
        while not self._done.is_set():
            with self._database.session() as session:
                for half in ("first", "second"):
                    subject = Subject(half, f"{number}-{act}")
                    record(session, actor=OPERATOR, now=NOW, action="test.done", subject=subject)
                settle(self._database, session, lambda: NOW)
            act += 1
            self.acts.count()


def test_sees_one_moment_while_others_write(made: Installation, new_place: Database, tmp_path: Path) -> None:
    store = open_store(str(made.evidence))
    with Writers(made.database, people=3) as writers, (tmp_path / "a").open("wb") as out:
        writers.acts.wait_for_more()
        taken = take_backup(made.database, store, Digesting(out), keys={}, watch=writers.acts.between_tables)
    with made.database.read_session() as session:
        assert session.query(AuditEntry).count() > 14, "they did go on"
    with (tmp_path / "a").open("rb") as source:
        written = restore_backup(new_place, store, source, now=NOW, watch=unwatched)
    assert prove(new_place, store, unwatched) == []
    assert written == (taken.manifest, taken.digest)
    rows, counted = every_row(new_place), {table.name: table.rows for table in taken.manifest.tables}
    assert {name: len(found) for name, found in rows.items()} == counted
    assert f"{rows['seal'][-1][0]}:{rows['seal'][-1][3]}" == taken.manifest.seal
    halves = {half: {row[7] for row in rows["audit_entry"] if row[6] == half} for half in ("first", "second")}
    assert halves["first"] == halves["second"] != set()


def test_upgrades_what_an_older_version_left(new_place: Database, tmp_path: Path) -> None:
    old = open_database(f"sqlite:///{tmp_path / 'old.db'}")
    upgrade_database(old.write, "0018_bulletin_files")
    with old.write.begin() as connection:
        person = "INSERT INTO person (id, name, is_sample, created_at) VALUES (7, '样例', false, '2018-07-16 06:08:00')"
        connection.execute(text(person))
    store = open_store(str(tmp_path / "evidence"))
    with (tmp_path / "a").open("w+b") as both:
        taken = take_backup(old, store, Digesting(both), keys={}, watch=unwatched)
        restore_backup(new_place, store, both, now=NOW, watch=unwatched)
    assert taken.manifest.revision == "0018_bulletin_files"
    with new_place.read.connect() as connection:
        assert (
            connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            == "0018_bulletin_files"
        )
    upgrade_database(new_place.write)
    assert prove(new_place, store, unwatched) == []
    assert every_row(new_place)["person"] == [[7, "样例", False, "2018-07-16T06:08:00.000000Z", None]]
    old.dispose()


@on_sqlite
def test_goes_through_pipes(made: Installation, new_place: Database, tmp_path: Path) -> None:
    piped = made.runner.invoke(args=["backup", "-"])
    assert (piped.exit_code, piped.stdout_bytes[:2]) == (0, b"PK"), piped.stderr
    with moved_to(made, new_place, tmp_path / "new") as runner:
        done = runner.invoke(args=["restore", "-"], input=piped.stdout_bytes)
        assert (done.exit_code, "核验通过" in done.output) == (0, True), done.output


@on_sqlite
def test_carries_files_of_a_bucket(
    made: Installation, new_place: Database, tmp_path: Path, bucket_url: str
) -> None:
    made.app.config["EVIDENCE_URL"] = bucket_url
    bucket = open_store(bucket_url)
    for name in made.files:
        bucket.keep(made.place_of(name).read_bytes())
    assert made.runner.invoke(args=["backup", str(tmp_path / "a")]).exit_code == 0
    with moved_to(made, new_place, f"{bucket_url}-new") as runner:
        done = runner.invoke(args=["restore", str(tmp_path / "a")])
        assert (done.exit_code, "核验通过" in done.output) == (0, True), done.output
        assert all(open_store(f"{bucket_url}-new").has(sha256) for sha256 in made.files.values())


@on_sqlite
def test_says_what_other_keys_mean(
    made: Installation, file: Path, new_place: Database, tmp_path: Path
) -> None:
    with moved_to(made, new_place, tmp_path / "new") as runner:
        made.app.config["SECRET_KEY"] = "another key of the test suite, known to all"
        done = runner.invoke(args=["restore", str(file)])
    assert done.exit_code == 0, done.output
    assert "SECRET_KEY 与备份时的不同：动态口令的密钥读不出来" in done.output
    assert "SIGNING_KEY 与备份时" not in done.output
