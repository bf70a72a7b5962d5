"""G6: importing figures beside parsing the file alone, and writing lines in bulk beside the driver's own means."""

from __future__ import annotations

import csv
import io
import os
import statistics
import time
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from tests.bench.conftest import prove
from tests.support.measuring import Results, compare, measured
from tracker.cli.sample_province import KEY, PROVINCE, Shape, figure_rows, reporting
from tracker.db import Database, is_sqlite
from tracker.domain.identity import OPERATOR
from tracker.features.reports.commands.import_figures import import_figures
from tracker.features.reports.figure_book import get_figure_book
from tracker.features.reports.figure_checks import check_rows
from tracker.features.reports.figure_files import COLUMNS, read_figure_file
from tracker.models.ledger import MONTHS, Tally
from tracker.services.bulk import insert_rows
from tracker.services.ledger.carrying import Shelf
from tracker.services.programme_heads import find_head
from tracker.services.tree import find_unit, list_children, list_subtree

ROWS = {"small": 20_000, "full": 100_000}
ROUNDS = 5
BARE = 3_000


def test_g6_importing_costs_little_more_than_parsing(
    large: Database, engine_name: str, results: Results
) -> None:
    content = _file(large, ROWS[os.environ.get("SIZE", "small")])
    rounds = [_one_round(large, content) for _ in range(ROUNDS)]
    rows = len(read_figure_file(content).rows)
    seconds = statistics.median(one.seconds for one in rounds)
    note = f"{rows:,} figures; CPU of the program, {seconds:.1f} s with the database"
    results.ratios += [
        measured(
            "G6 import (parse, validate, store) ÷ parsing the file", engine_name, goal=2.0, note=note,
            pairs=[(one.parsed, one.brought_in) for one in rounds],
        ),
        measured(
            "G6 import (parse, validate, store) ÷ parsing and validating", engine_name, goal=None, note=note,
            pairs=[(one.checked, one.brought_in) for one in rounds],
        ),
    ]  # fmt: skip
    prove(large)


class Round(NamedTuple):
    """CPU seconds of this process: to parse the file, to parse it and check every row, to bring it in; and all seconds of that.

    CPU, because other work on the machine stretches the wall clock of the longer part more.
    """

    parsed: float
    checked: float
    brought_in: float
    seconds: float


def _one_round(database: Database, content: bytes) -> Round:
    """All three, the last rolled back."""
    now = datetime.now(UTC)
    with database.session() as session:
        began = time.process_time()
        read = read_figure_file(content)
        parsed = time.process_time()
        head = find_head(session, KEY)
        assert head is not None
        book = get_figure_book(session, head, {row.org_unit for row in read.rows})
        _stated, faults = check_rows(read.rows, book, lambda _rows: None)
        checked = time.process_time()
        assert faults == []
        started = time.perf_counter()
        again = read_figure_file(content)
        import_figures(
            session, key=KEY, rows=again.rows, file_digest=again.digest, actor=OPERATOR, by=None, now=now,
            calendar_now=now, is_history=True,
        )  # fmt: skip
        stored, ended = time.process_time(), time.perf_counter()
        session.rollback()
    return Round(parsed - began, checked - began, stored - checked, ended - started)


def _file(database: Database, rows: int) -> bytes:
    """A CSV with figures of a month nobody has reported yet, of whom the list assigns."""
    with database.read_session() as session:
        province = find_unit(session, PROVINCE)
        assert province is not None
        cities = list_children(session, province.id)
        found = [
            row[1:]
            for city in cities
            for row in figure_rows(Shape(units=0), reporting(list_subtree(session, city.place)), period=7)
        ]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(found[:rows])
    return written.getvalue().encode()


def test_g6_bulk_rows_cost_little_more_than_the_driver_s_own(
    small: Database, engine_name: str, results: Results
) -> None:
    columns = (*Shelf._fields, *MONTHS)
    with small.session() as session:
        stored = session.execute(select(Tally.__table__).where(Tally.part == "amount").limit(BARE)).all()
        batches = (
            [(row[0], at * 10**9 + row[1], *row[2:]) for row in stored] for at in range(1, 2 * (ROUNDS + 2))
        )
        ready = list(batches)
        connection = session.connection()
        raw: Any = connection.connection.cursor()
        names, places = ", ".join(columns), ", ".join("?" * len(columns))

        def floor() -> None:
            rows = ready.pop()
            if is_sqlite(connection):
                raw.executemany(f"INSERT INTO tally ({names}) VALUES ({places})", rows)
                return
            with raw.copy(f"COPY tally ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)

        results.ratios.append(
            compare(
                "G6 rows in bulk ÷ COPY or executemany", engine_name, goal=1.2, floor=floor, rounds=ROUNDS,
                subject=lambda: insert_rows(session, Tally, columns, ready.pop()), note=f"{len(stored):,} tally rows",
            )
        )  # fmt: skip
        session.rollback()
