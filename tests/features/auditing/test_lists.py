"""Each list names what an auditor looks for, leads to the entry in the trail, and is handed out as a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, text, update
from sqlalchemy.orm import Session

from tests.factories.audited import Audited
from tests.factories.districts import World
from tests.factories.people import appoint
from tests.features.auditing.test_trail import BUDGET, entries_of, page_of
from tests.features.dashboards.test_overview import client_of
from tests.support.statements import counted_statements
from tests.support.taken_tables import take
from tracker.db import Database
from tracker.domain.identity import OPERATOR, Role
from tracker.features.auditing.closings import corrected_late
from tracker.features.auditing.selection import ListName
from tracker.models.audit import AuditEntry
from tracker.models.period import PeriodClosing
from tracker.models.programme import Programme
from tracker.models.report import Report, Revision, RevisionAuthor
from tracker.services.audit import Subject, record
from tracker.services.revising import correct, revoke
from tracker.services.standings import Doer
from tracker.web.current import real_now

SIGNING_IN = 2
"""A new browser's session, and its being seen."""


def versions_in(session: Session) -> dict[int, int]:
    """Every revision with its version."""
    return {row.id: row.version_id for row in session.execute(select(Revision.id, Revision.version_id))}


def begin_correction(audited: Audited, *, closed: bool) -> None:
    """May of 330203 is corrected, before or after its period was closed."""
    with audited.site.database.session() as session:
        world = World.again(session)
        if closed:
            session.add(
                PeriodClosing(
                    programme_id=world.programme.id, period="2018-05", closed_from=real_now(), expected=1,
                    handed_in=1, missing=[], by_id=audited.site.reviewer.person_id, at=real_now(),
                )
            )  # fmt: skip
        versions = versions_in(session)
        doer = Doer(world.person(Role.REPORTER, "330203"), real_now())
        correct(session, versions, doer, reason="名册核对")
        session.commit()


@contextmanager
def capturing(session: Session) -> Iterator[list[tuple[str, Any]]]:
    """The statements sent meanwhile, with their values."""
    kept: list[tuple[str, Any]] = []

    def keep(*arguments: Any) -> None:
        kept.append(arguments[2:4])

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", keep)
    yield kept
    event.remove(connection, "before_cursor_execute", keep)


def list_page(audited: Audited, name: ListName) -> str:
    return page_of(audited.browser(audited.auditor), f"/auditing/lists/{name}")


def test_names_corrections_after_closing_alone(audited: Audited) -> None:
    begin_correction(audited, closed=False)
    assert "更正报告" not in list_page(audited, ListName.CORRECTIONS)


def test_names_corrections_after_closing(audited: Audited) -> None:
    begin_correction(audited, closed=True)
    page = list_page(audited, ListName.CORRECTIONS)
    for words in ("更正报告", "330203 2018年5月", "名册核对", "报告期关闭之后"):
        assert words in page


def test_finds_the_report_of_a_correction_by_its_key(audited: Audited) -> None:
    """A report's number is text in the trail; were the report's own made text, every report would be looked through."""
    with audited.site.database.session() as session:
        session.execute(update(Programme).values(close_day=3))
        session.commit()
        is_postgresql = session.get_bind().dialect.name == "postgresql"
        if is_postgresql:  # so few rows are quicker read through: only whether the key could be used is asked
            session.execute(text("SET LOCAL enable_seqscan = off"))
        wanted = select(AuditEntry.id).where(AuditEntry.action == "report.corrected", corrected_late(session))
        with capturing(session) as kept:
            session.execute(wanted)
        [(statement, values)] = kept
        explain = "EXPLAIN" if is_postgresql else "EXPLAIN QUERY PLAN"
        plan = session.connection().exec_driver_sql(f"{explain} {statement}", values)
        steps = "\n".join(str(row[-1]) for row in plan)
    found = re.findall(r"pk_report on report|SEARCH report_\d USING INTEGER PRIMARY KEY", steps)
    assert len(found) == 3, steps


@pytest.mark.parametrize(("day", "is_named"), [(2, True), (4, False)])
def test_knows_periods_that_close_by_themselves(audited: Audited, day: int, is_named: bool) -> None:
    """June closes on a day of July; today is 3 July."""
    with audited.site.database.session() as session:
        session.execute(update(Programme).values(close_day=day))
        session.execute(update(Report).values(period="2018-06", month=6))
        session.commit()
    begin_correction(audited, closed=False)
    with counted_statements(audited.site.database) as sent:
        assert ("更正报告" in list_page(audited, ListName.CORRECTIONS)) is is_named
    assert len(sent) <= BUDGET + SIGNING_IN, "\n".join(sent)


def test_names_revocations_with_their_reason(audited: Audited) -> None:
    with audited.site.database.session() as session:
        versions = versions_in(session)
        revoke(
            session,
            versions,
            Doer(audited.site.reviewer, real_now()),
            reason="重复计数",
            answer_by=real_now() + timedelta(days=3),
        )
        session.commit()
    page = list_page(audited, ListName.REVOCATIONS)
    assert "作废报告" in page
    assert "重复计数" in page


def test_names_who_judged_what_was_nearly_theirs(audited: Audited) -> None:
    """May of 330203 was written, signed and accepted by three people; then two of them come close to each other."""
    assert "通过报告" not in list_page(audited, ListName.NEAR_MISSES)
    begin_correction(audited, closed=False)
    signed, accepted = (entries_of(audited, action)[0] for action in ("report.signed", "report.accepted"))
    with audited.site.database.session() as session:
        later = Revision.report_id == int(accepted.subject_id), Revision.number == 2
        second = session.scalars(select(Revision.id).where(*later)).one()
        session.add(RevisionAuthor(revision_id=second, person_id=accepted.actor_id))
        assert signed.actor_id is not None
        appoint(session, signed.actor_id, Role.REPORTER, "330203")
        session.commit()
    page = list_page(audited, ListName.NEAR_MISSES)
    for words in ("审批报告", "也任这个单位的填报人", "通过报告", "写过这份报告的其他版次"):
        assert words in page, words
    file = take(audited.browser(audited.auditor), "/auditing/lists/near-misses", "entries", "csv")
    assert set(file.column("备注")) == {"也任这个单位的填报人", "写过这份报告的其他版次"}
    assert "审批报告" not in page_of(audited.browser(audited.elsewhere), "/auditing/lists/near-misses")


def test_names_who_answers_for_imports(app: Flask, fresh_database: Database) -> None:
    client = client_of(app, fresh_database, "auditor", "330200")
    page = page_of(client, "/auditing/lists/imports")
    assert "导入数据" in page
    assert "没有写明负责人" in page or "负责人" in page


@pytest.mark.parametrize(
    ("name", "action", "told", "words"),
    [
        (ListName.ACCOUNTS, "account.added", {"login": "li", "role": "approver"}, "职务：审批人"),
        (ListName.UNSIGNED, "signature.waived", {"unit": "330203", "reason": "人少"}, "原因：人少"),
        (ListName.EXPORTS, "bulletin.exported", {"format": "xlsx"}, "格式：xlsx"),
    ],
)
def test_names_what_operators_and_exports_did(
    audited: Audited, name: ListName, action: str, told: dict[str, str], words: str
) -> None:
    note(audited, action, told)
    assert words in list_page(audited, name)


def note(audited: Audited, action: str, told: dict[str, str]) -> None:
    with audited.site.database.session() as session:
        unit = audited.site.reporter.place.org_unit_id
        kind = "account" if action == "account.added" else "programme"
        record(
            session,
            actor=OPERATOR,
            now=real_now(),
            action=action,
            subject=Subject(kind, "77", unit),
            after=told,
        )
        session.commit()


def test_names_accounts_opened_on_a_page_beside_those_of_operators(audited: Audited) -> None:
    with audited.site.database.session() as session:
        subject = Subject("account", "78", audited.site.reporter.place.org_unit_id)
        actor = OPERATOR.__class__(audited.admin.person_id, "管理甲", audited.admin.appointment.id)
        record(
            session,
            actor=actor,
            now=real_now(),
            action="account.added",
            subject=subject,
            after={"login": "on-page"},
        )
        session.commit()
    page = list_page(audited, ListName.ACCOUNTS)
    assert "on-page" in page
    assert "管理甲" in page


def test_leads_to_the_entry_and_is_handed_out_as_a_file(audited: Audited) -> None:
    begin_correction(audited, closed=True)
    client = audited.browser(audited.auditor)
    page = client.get("/auditing/lists/corrections").text
    numbers = [str(entry.id) for entry in entries_of(audited, "report.corrected")]
    assert all(f'href="/auditing/entries/{number}"' in page for number in numbers)
    file = take(client, "/auditing/lists/corrections", "entries", "csv")
    assert file.title == "关闭或通报之后的更正"
    assert file.column("编号") == numbers[::-1]
    assert file.column("备注")[0] == "报告期关闭之后"
    assert "导出表格" in list_page(audited, ListName.EXPORTS)
