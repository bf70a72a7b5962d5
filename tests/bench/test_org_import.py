"""Importing org units beside parsing the file alone; a second import of the same file finds nothing to do."""

from __future__ import annotations

import csv
import io
import os
import time
from datetime import UTC, datetime

from tests.support.databases import Copies
from tests.support.measuring import Results, measured
from tracker.db import Database
from tracker.domain.identity import OPERATOR
from tracker.features.org_units.commands import import_org_units, plan_org_import
from tracker.features.org_units.files import COLUMNS, read_org_file

UNITS = {"small": 20_000, "full": 150_000}
ROUNDS = 5
CITIES, DISTRICTS = 10, 100


def test_importing_the_tree_costs_little_more_than_parsing(
    database_copies: Copies, engine_name: str, results: Results
) -> None:
    units = UNITS[os.environ.get("SIZE", "small")]
    content = tree_file(units)
    with database_copies() as database:
        pairs = [_one_round(database, content) for _ in range(ROUNDS)]
    results.ratios.append(
        measured(
            "org units: parse, check, number, store ÷ parse alone", engine_name, goal=8.0, pairs=pairs,
            note=f"{units:,} units",
        )
    )  # fmt: skip


def _one_round(database: Database, content: bytes) -> tuple[float, float]:
    """Seconds to parse, and to parse, check and store; rolled back."""
    began = time.perf_counter()
    read_org_file(content)
    parsed = time.perf_counter()
    with database.session() as session:
        plan = plan_org_import(session, read_org_file(content))
        import_org_units(session, plan, actor=OPERATOR, now=datetime.now(UTC))
        stored = time.perf_counter()
        assert plan_org_import(session, read_org_file(content)).is_empty
        session.rollback()
    return parsed - began, stored - parsed


def tree_file(units: int) -> bytes:
    """A CSV with a province, its cities and districts, and grassroots unions below the districts."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerow(("990000", "样例省总工会", "样例省", "province", "federation", "", "", 1, "", ""))
    for city in range(1, CITIES):
        name = f"样例{city}市总工会"
        writer.writerow(
            (f"99{city:02d}00", name, f"{city}市", "city", "federation", "990000", "", city, "", "")
        )
    parents = []
    for district in range(DISTRICTS):
        city = district % (CITIES - 1) + 1
        code = f"99{city:02d}{district // (CITIES - 1) + 1:02d}"
        parents.append(code)
        writer.writerow(
            (
                code, f"样例{district}区总工会", f"{district}区", "county", "federation", f"99{city:02d}00", "",
                district, "", "",
            )
        )  # fmt: skip
    for number in range(units - DISTRICTS - CITIES):
        writer.writerow(
            (
                f"G{number:07d}", f"样例第{number}基层工会", f"基层{number}", "grassroots", "grassroots",
                parents[number % DISTRICTS], "", number // DISTRICTS, "", "",
            )
        )  # fmt: skip
    return written.getvalue().encode()
