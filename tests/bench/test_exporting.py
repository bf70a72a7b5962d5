"""G7, G8: what a long table costs beside fetching it, its memory, and whether issued bulletins can be made again."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Select, select

from tests.factories.bulletins import PRESS
from tests.factories.ningbo import KEY, NOW, plant_ningbo
from tests.factories.people import identity_of, make_person
from tests.factories.rows import accept_line
from tests.support.databases import Copies
from tests.support.measuring import Measured, Results, compare
from tracker.db import Database
from tracker.domain.canonical import canonical
from tracker.domain.identity import OPERATOR, actor_of
from tracker.domain.periods import Month, Period
from tracker.features.bulletins.commands import Doer, draft_issue
from tracker.features.bulletins.document import Occasion, build_document
from tracker.features.bulletins.issuing import WRITERS, Seen, frame_of, issue_bulletin
from tracker.features.bulletins.queries import get_issue, list_files
from tracker.models.audit import AuditEntry
from tracker.models.org_unit import OrgUnit
from tracker.services.audit import Subject, Told, record_all
from tracker.services.ledger.folding import try_fold
from tracker.services.programme_heads import find_head
from tracker.services.tables.exporting import Sheet, csv_file, xlsx_file

ROWS = 100_000
HEADINGS = ("编号", "时间", "人员", "事项", "对象", "对象编号", "单位", "行校验码", "封存号")


@pytest.fixture(scope="module")
def trail(database_copies: Copies) -> Iterator[Database]:
    """A city with its half-year issued, and an audit trail of 100,000 entries."""
    with database_copies() as database:
        with database.session() as session:
            ningbo = plant_ningbo(session)
            city = ningbo.units["330200"]
            people = [
                identity_of(session, make_person(session, role, city)) for role in ("reviewer", "viewer")
            ]
            drafter, signer = (Doer(one, actor_of(one), NOW) for one in people)
            head = find_head(session, KEY)
            assert head is not None
            draft = draft_issue(session, head, Period.parse("2018-H1"), doer=drafter)
            issue_bulletin(
                session, head, Seen(draft.id, draft.version, draft.digest), doer=signer, press=PRESS
            )
            accept_line(session, ningbo.indicators["enrolments"], ningbo.units["330203"], 7, value=9_000)
            told = [Told("test.done", Subject("test", str(at), city), None, {"at": at}) for at in range(ROWS)]
            record_all(session, told, actor=OPERATOR, now=NOW)
            try_fold(session, NOW)
            session.commit()
        yield database


def rows_of() -> Select[*tuple[Any, ...]]:
    """Entries with their units, as lists read them."""
    entry = AuditEntry
    return (
        select(
            entry.id, entry.at, entry.actor_label, entry.action, entry.subject_kind, entry.subject_id,
            OrgUnit.short_name, entry.row_digest, entry.seal,
        )
        .join(OrgUnit, OrgUnit.id == entry.org_unit_id, isouter=True)
        .where(entry.action == "test.done")
        .order_by(entry.id)
        .execution_options(yield_per=500)
    )  # fmt: skip


def fetch(database: Database) -> int:
    """Read every row and keep none."""
    with database.read_session() as session:
        return sum(1 for _row in session.execute(rows_of()))


def write(database: Database, style: str) -> int:
    """The same rows into a file."""
    with database.read_session() as session:
        sheet = Sheet("操作记录", [("封存号", "1")], HEADINGS, session.execute(rows_of()))
        if style == "csv":
            return sum(len(piece) for piece in csv_file(sheet))
        with xlsx_file(sheet) as made:
            return made.stat().st_size


def peak(work: Callable[[], object]) -> int:
    """The most memory that Python held at once for it, in bytes."""
    tracemalloc.start()
    work()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


@pytest.mark.parametrize(("style", "goal"), [("csv", 1.3), ("xlsx", 20.0)])
def test_g7_a_long_table_costs_little_beside_fetching_it(
    trail: Database, engine_name: str, results: Results, style: str, goal: float
) -> None:
    assert fetch(trail) == ROWS
    most = peak(lambda: write(trail, style))
    results.ratios.append(
        compare(
            f"G7 {ROWS:,} rows as {style.upper()} ÷ fetching them", engine_name, goal=goal,
            floor=lambda: fetch(trail), subject=lambda: write(trail, style), rounds=5,
            note=f"{len(HEADINGS)} columns, {most / 2**20:.1f} MB at most",
        )
    )  # fmt: skip


def test_g8_an_issued_bulletin_made_again_is_the_stored_one(
    trail: Database, engine_name: str, results: Results
) -> None:
    """From the ledger as of its seal, after later acceptances: the document, then every file."""
    with trail.read_session() as session:
        head = find_head(session, KEY)
        assert head is not None
        issue = get_issue(session, head, Period.parse("2018-H1"), 1)
        stored = list_files(session, issue)
        occasion = Occasion(
            Period.parse(issue.period), Month.parse(issue.cutoff), issue.number, issue.drafted_by, None, ""
        )
        again = build_document(session, head, occasion, seal=issue.seal)
    assert {file.format for file in stored} == set(WRITERS)
    same = [canonical(again) == issue.text]
    same += [WRITERS[file.format](again, frame_of(issue)) == file.content for file in stored]
    share = sum(same) / len(same)
    results.ratios.append(
        Measured(
            "G8 an issued bulletin made again from the ledger = stored bytes", engine_name, 1.0, (share,) * 5, 0.0,
            0.0, at_least=True, note=f"{sum(same)} of {len(same)}: the document and five files",
        )
    )  # fmt: skip
    assert all(same)
