"""``flask audit verify`` and ``flask totals verify`` find what was edited by shell, and name it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import Connection, event, text

from tests.factories.ningbo import NOW, plant_ningbo
from tests.support.databases import on_postgresql
from tracker.db import REQUEST_LIMITS_MS, Database, proving_session
from tracker.domain.identity import OPERATOR
from tracker.models.triggers import drop_triggers, install_triggers
from tracker.services.anchors import Place, find_newest_seal, record_anchor
from tracker.services.audit import Subject, record
from tracker.services.ledger.settling import settle


@pytest.fixture
def runner(app: Flask, fresh_database: Database) -> FlaskCliRunner:
    """Commands on the half-year of 2018."""
    with fresh_database.session() as session:
        plant_ningbo(session)
        settle(fresh_database, session, lambda: NOW)
    return app.test_cli_runner()


def edit(database: Database, statement: str, *, with_triggers: bool = True) -> None:
    """What somebody with a shell might do."""
    with database.write.begin() as connection:
        if not with_triggers:
            drop_triggers(connection)
        assert connection.execute(text(statement)).rowcount == 1


def test_finds_nothing_where_nothing_was_done(runner: FlaskCliRunner) -> None:
    for command in ("totals", "audit"):
        done = runner.invoke(args=[command, "verify"])
        assert (done.exit_code, "相符" in done.output) == (0, True), done.output


@on_postgresql
def test_proves_for_as_long_as_it_takes_and_leaves_everybody_else_their_limits(
    runner: FlaskCliRunner, fresh_database: Database
) -> None:
    held: list[tuple[str, ...]] = []

    def ask(connection: Connection, _cursor: Any, statement: str, *_rest: object) -> None:
        if not statement.startswith("SET LOCAL "):
            cursor = connection.connection.cursor()
            held.append(tuple(cursor.execute(f"SHOW {name}").fetchone()[0] for name in REQUEST_LIMITS_MS))

    event.listen(fresh_database.read, "after_cursor_execute", ask)
    try:
        for command in ("totals", "audit"):
            held.clear()
            assert runner.invoke(args=[command, "verify"]).exit_code == 0
            assert (len(held) > 1, set(held)) == (True, {("0", "0", "0")}), command
        held.clear()
        with proving_session(fresh_database) as proof, fresh_database.read_session() as other:
            for session in (proof, other):
                session.execute(text("SELECT 1"))
            proof.rollback()
            proof.execute(text("SELECT 1"))
        usual = ("5s", "30s", "1min")
        assert held == [("0", "0", "0"), usual, usual], "the transaction's end brings the limits back"
    finally:
        event.remove(fresh_database.read, "after_cursor_execute", ask)


def test_names_the_row_and_the_missing_triggers(runner: FlaskCliRunner, fresh_database: Database) -> None:
    statement = (
        "UPDATE submission SET content = replace(content, '17600', '17601') WHERE content LIKE '%\"17600\"%'"
    )
    edit(fresh_database, statement, with_triggers=False)
    done = runner.invoke(args=["audit", "verify"])
    assert done.exit_code == 1
    assert "submission " in done.output
    assert "trigger submission_frozen" in done.output


def test_names_a_line_that_says_something_else_than_was_handed_in(
    runner: FlaskCliRunner, fresh_database: Database
) -> None:
    edit(fresh_database, "UPDATE line SET value = 17601 WHERE value = 17600", with_triggers=False)
    done = runner.invoke(args=["audit", "verify"])
    assert done.exit_code == 1
    assert "revision " in done.output


def test_names_the_cell_of_the_tally(runner: FlaskCliRunner, fresh_database: Database) -> None:
    edit(
        fresh_database,
        "UPDATE tally SET m6 = m6 + 1 WHERE part = 'amount' AND m6 = 17600 AND parent_id = org_unit_id",
    )
    done = runner.invoke(args=["totals", "verify"])
    assert done.exit_code == 1
    assert "m6：应为 17600，现为 17601" in done.output


def leave_and_seal(database: Database, times: int) -> list[str]:
    """Acts of an operator, each under a seal of its own; the anchors somebody could have written down."""
    written = []
    for at in range(times):
        with database.session() as session:
            record(session, actor=OPERATOR, now=NOW, action="test.done", subject=Subject("test", str(at)))
            settle(database, session, lambda: NOW)
        with database.read_session() as session:
            newest = find_newest_seal(session)
            assert newest is not None
            written.append(newest.written)
    return written


def cut_the_end(database: Database, newest: str) -> None:
    """What somebody with a shell does who wants the newest act never to have been: every trace is taken out."""
    number = newest.partition(":")[0]
    with database.write.begin() as connection:
        drop_triggers(connection)
        for statement in (
            "DELETE FROM audit_entry WHERE seal = :seal",
            "DELETE FROM seal WHERE number = :seal",
        ):
            assert connection.execute(text(statement), {"seal": number}).rowcount == 1
        install_triggers(connection)


def test_finds_a_deleted_end_by_an_anchor_only(
    runner: FlaskCliRunner, fresh_database: Database, tmp_path: Path
) -> None:
    kept, newest = leave_and_seal(fresh_database, 2)
    mails = tmp_path / "mails.txt"
    mails.write_text(f"锚点\n{kept}\n锚点\n{newest}\n", encoding="utf-8")
    whole = runner.invoke(args=["audit", "verify", "--anchors", str(mails)])
    assert (whole.exit_code, "2 个锚点都在链上" in whole.output) == (0, True), whole.output
    assert runner.invoke(args=["audit", "anchor"]).output.startswith(newest)

    cut_the_end(fresh_database, newest)
    assert runner.invoke(args=["audit", "verify"]).exit_code == 0, "the chain alone cannot tell"
    assert runner.invoke(args=["audit", "verify", "--anchor", kept]).exit_code == 0
    for asked in (["--anchor", newest], ["--anchors", str(mails)]):
        found = runner.invoke(args=["audit", "verify", *asked])
        assert found.exit_code == 1
        assert f"seal {newest.partition(':')[0]}：应为 {newest[-64:]}，现为 missing" in found.output


def test_finds_an_end_that_was_written_anew(runner: FlaskCliRunner, fresh_database: Database) -> None:
    [newest] = leave_and_seal(fresh_database, 1)
    cut_the_end(fresh_database, newest)
    with fresh_database.session() as session:
        record(session, actor=OPERATOR, now=NOW, action="test.forged", subject=Subject("test", "0"))
        settle(fresh_database, session, lambda: NOW)
    with fresh_database.read_session() as session:
        forged = find_newest_seal(session)
    assert forged is not None
    assert forged.written.partition(":")[0] == newest.partition(":")[0]
    assert runner.invoke(args=["audit", "verify"]).exit_code == 0
    found = runner.invoke(args=["audit", "verify", "--anchor", newest])
    assert f"应为 {newest[-64:]}，现为 {forged.digest}" in found.output


def test_holds_the_anchors_it_has_listed_itself(runner: FlaskCliRunner, fresh_database: Database) -> None:
    [newest] = leave_and_seal(fresh_database, 1)
    with fresh_database.session() as session:
        seal = find_newest_seal(session)
        record_anchor(session, seal, place=Place.MAIL, reference="audit@example.cn", now=NOW)
        session.commit()
    assert runner.invoke(args=["audit", "verify"]).exit_code == 0
    cut_the_end(fresh_database, newest)
    found = runner.invoke(args=["audit", "verify"])
    assert (found.exit_code, "anchor mail audit@example.cn" in found.output) == (1, True)


@pytest.mark.parametrize("typed", ["12", "12:abc", f"0012:{'a' * 64}", f"x12:{'a' * 64}", f"12:{'A' * 64}"])
def test_passes_over_no_anchor_it_cannot_read(runner: FlaskCliRunner, typed: str) -> None:
    assert runner.invoke(args=["audit", "verify", "--anchor", typed]).exit_code == 2


def test_refuses_a_file_without_anchors(runner: FlaskCliRunner, tmp_path: Path) -> None:
    (tmp_path / "none.txt").write_text("第 12 号", encoding="utf-8")
    done = runner.invoke(args=["audit", "verify", "--anchors", str(tmp_path / "none.txt")])
    assert (done.exit_code, "none.txt" in done.output) == (2, True)
