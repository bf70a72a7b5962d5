"""The public figures of three lists come out as they were printed: tree, list and figures by command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from tracker.cli.figures import figures_commands
from tracker.cli.org import org_commands
from tracker.cli.programmes import programme_commands
from tracker.cli.progress import progress_commands
from tracker.db import Database
from tracker.services.ledger.verifying import verify_totals
from tracker.services.snapshots import verify_submissions

CASES = Path(__file__).resolve().parents[1] / "cases"
DEMONSTRATION = Path(__file__).resolve().parents[2] / "tracker" / "cli" / "demonstration"


class Desk:
    """An operator's shell on one database."""

    def __init__(self, database: Database) -> None:
        self.app = Flask(__name__)
        self.app.extensions["database"] = database
        for group in (org_commands, programme_commands, figures_commands, progress_commands):
            self.app.cli.add_command(group)

    def run(self, *arguments: str | Path) -> Result:
        """Run a command that must succeed."""
        result = self.app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])
        assert result.exit_code == 0, result.output
        return result

    def show(self, key: str, *options: str) -> dict[str, Any]:
        """Progress as a program reads it."""
        shown: dict[str, Any] = json.loads(
            self.run("progress", "show", key, "--format", "json", *options).stdout
        )
        return shown


@pytest.fixture
def desk(fresh_database: Database) -> Desk:
    opened = Desk(fresh_database)
    opened.run("org", "import", DEMONSTRATION / "org-zhejiang.csv")
    return opened


def indicators(shown: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["code"]: one for pledge in shown["pledges"] for one in pledge["indicators"]}


def pick(indicator: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(indicator[name] for name in names)


@pytest.mark.parametrize("is_published", [True, False])
def test_the_half_year_of_ningbo(desk: Desk, fresh_database: Database, is_published: bool) -> None:
    key, figures = "330200-2018", DEMONSTRATION / "ningbo-2018-figures.csv"
    desk.run("programmes", "import", DEMONSTRATION / "ningbo-2018.yaml")
    if is_published:
        desk.run("programmes", "publish", key)
    said = desk.run("figures", "import", figures, "--programme", key, "--history").stdout
    assert said == "新增 75 行，更正 0 行，相同跳过 0 行。\n", "nobody but the assigned has a figure"
    shown = desk.show(key, "--cutoff", "2018-06")
    found = indicators(shown)
    judged = ("completion_percent", "expected_percent", "gap_points", "light")
    counted = ("actual", "target", "assigned", "reported", "unknown")
    assert pick(found["enrolments"], *judged) == ("101.3", "50.0", "51.3", "done")
    assert pick(found["enrolments"], *counted) == ("1520000", "1500000", 11, 11, 0)
    for code, amount in {
        "relief_funds": "480000", "price_subsidy": "395000", "job_training": "12500", "jobs_offered": "15000",
        "loan_workers": "25000", "loan_amount": "3900000000", "degree_students": "2219",
    }.items():  # fmt: skip
        assert pick(found[code], "actual", "completion_percent", "light") == (amount, None, "not_judged")
    assert found["centre_opened"]["light"] == "done"
    assert pick(found["public_courses"], "actual", "unknown", "reported") == (None, 1, 1)
    assert (shown["classes"]["done"], shown["classes"]["not_judged"], sum(shown["classes"].values())) == (
        2,
        2,
        4,
    )
    district = indicators(desk.show(key, "--at", "330203", "--cutoff", "2018-06"))["enrolments"]
    assert pick(district, "actual", "target", "completion_percent", "light") == (
        "176000",
        "180000",
        "97.8",
        "on_track",
    )
    may = indicators(desk.show(key, "--cutoff", "2018-05"))["enrolments"]
    assert pick(may, "actual", *judged) == ("1368000", "91.2", "41.7", "49.5", "on_track")
    again = desk.run("figures", "import", figures, "--programme", key, "--history").stdout
    assert again == "没有新数据：75 行与已通过的相同，什么都没有写入。\n"
    with fresh_database.read_session() as session:
        assert verify_totals(session) == []
        assert list(verify_submissions(session)) == []


def test_the_results_of_huzhou(desk: Desk) -> None:
    desk.run("programmes", "import", CASES / "huzhou-2024.yaml")
    figures = CASES / "huzhou-2024-figures.csv"
    desk.run("figures", "import", figures, "--programme", "330500-2024", "--history")
    found = indicators(desk.show("330500-2024", "--cutoff", "2024-12"))
    printed = dict(line.split(",")[1:4:2] for line in figures.read_text(encoding="utf-8").splitlines()[1:])
    for code, value in printed.items():
        if value and code != "hu24_35":
            assert found[code]["actual"] == value, code
    assert pick(found["hu24_35"], "actual", "numerator", "bare_rate") == ("82.0", None, True)
    assert found["hu24_08"]["actual"] == "1"


def test_the_town_of_zhangqi(desk: Desk) -> None:
    desk.run("programmes", "import", CASES / "zhangqi-2021.yaml")
    desk.run("programmes", "publish", "330282102-2021")
    figures = CASES / "zhangqi-2021-figures.csv"
    desk.run("figures", "import", figures, "--programme", "330282102-2021", "--history")
    found = indicators(desk.show("330282102-2021", "--cutoff", "2021-12"))
    assert pick(found["insured"], "actual", "completion_percent", "light") == ("2589", "123.3", "done")
    assert found["dispute_amount"]["actual"] == "416000"
