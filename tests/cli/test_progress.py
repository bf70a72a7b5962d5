"""``flask progress show``: every expectation of the real lists, and the contract of its JSON."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from tests.factories.lists import CASES, LISTS, import_list, import_tree
from tests.factories.lists import NOW as THEN
from tests.support.replanting import replanted
from tracker.db import Database
from tracker.services.ledger.settling import settle

FIGURES = {"ningbo-2018": "330200-2018", "huzhou-2024": "330500-2024", "zhangqi-2021": "330282102-2021"}
INDICATOR_KEYS = [
    "code", "name", "measure", "kind", "target", "actual", "provisional", "numerator", "denominator", "bare_rate",
    "completion_percent", "expected_percent", "gap_points", "light", "assigned", "reported", "unknown", "goal",
]  # fmt: skip
LIGHTS = {"done", "on_track", "lagging", "behind", "not_reported", "not_assigned", "not_judged"}


@pytest.fixture
def runner(app: Flask, fresh_database: Database) -> FlaskCliRunner:
    """Commands on a database with every real list and its figures."""
    runner = app.test_cli_runner()
    with fresh_database.session() as session:
        replanted(session, "progress", lambda: plant(fresh_database, runner))
        session.commit()
    return runner


def plant(database: Database, runner: FlaskCliRunner) -> None:
    with database.session() as session:
        import_tree(session)
        for name in LISTS:
            import_list(session, name)
        settle(database, session, lambda: THEN)
    for name, key in FIGURES.items():
        file = str(CASES / f"{name}-figures.csv")
        done = runner.invoke(args=["figures", "import", file, "--programme", key, "--history"])
        assert done.exit_code == 0, done.output


def shown(runner: FlaskCliRunner, *arguments: str) -> dict[str, Any]:
    done = runner.invoke(args=["progress", "show", *arguments, "--format", "json"])
    assert done.exit_code == 0, done.output
    document: dict[str, Any] = json.loads(done.output)
    return document


def indicators(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["code"]: one for pledge in document["pledges"] for one in pledge["indicators"]}


def picked(indicator: dict[str, Any], *keys: str) -> list[Any]:
    return [indicator[key] for key in keys]


def test_tells_what_the_real_lists_must_say(runner: FlaskCliRunner) -> None:
    ningbo = shown(runner, "330200-2018", "--cutoff", "2018-06")
    found = indicators(ningbo)
    told = picked(
        found["enrolments"], "actual", "target", "completion_percent", "expected_percent", "gap_points", "light",
        "assigned", "reported",
    )  # fmt: skip
    assert told == ["1520000", "1500000", "101.3", "50.0", "51.3", "done", 11, 11]
    amounts = {
        "relief_funds": "480000", "price_subsidy": "395000", "job_training": "12500", "jobs_offered": "15000",
        "loan_workers": "25000", "loan_amount": "3900000000", "degree_students": "2219",
    }  # fmt: skip
    for code, amount in amounts.items():
        assert picked(found[code], "actual", "completion_percent", "light") == [amount, None, "not_judged"]
    assert found["centre_opened"]["light"] == "done"
    assert picked(found["public_courses"], "actual", "unknown") == [None, 1]
    assert ningbo["classes"] == dict.fromkeys(sorted(LIGHTS), 0) | {"done": 2, "not_judged": 2}
    district = indicators(shown(runner, "330200-2018", "--at", "330203"))["enrolments"]
    assert picked(district, "actual", "target", "completion_percent", "light") == [
        "176000",
        "180000",
        "97.8",
        "on_track",
    ]
    may = indicators(shown(runner, "330200-2018", "--cutoff", "2018-05"))["enrolments"]
    assert picked(may, "actual", "completion_percent", "expected_percent", "light") == [
        "1368000", "91.2", "41.7", "on_track",
    ]  # fmt: skip
    rate = indicators(shown(runner, "330500-2024"))["hu24_35"]
    assert picked(rate, "actual", "numerator", "bare_rate") == ["82.0", None, True]
    town = indicators(shown(runner, "330282102-2021", "--cutoff", "2021-12"))["insured"]
    assert picked(town, "actual", "target", "completion_percent", "light") == [
        "2589",
        "2100",
        "123.3",
        "done",
    ]
    homes = indicators(shown(runner, "330503-2021"))["homes_finished"]
    assert picked(homes, "target", "goal", "expected_percent") == [
        "1000", {"until": "2025-12", "target": "10000"}, None,
    ]  # fmt: skip
    kept = indicators(shown(runner, "421200-2026", "--cutoff", "2026-06"))["registered"]
    assert picked(kept, "kind", "target", "expected_percent", "completion_percent") == [
        "kept",
        "400",
        None,
        None,
    ]


def test_spells_the_contract_key_by_key(runner: FlaskCliRunner) -> None:
    document = shown(runner, "330200-2018")
    assert list(document) == ["programme", "at", "cutoff", "seal", "pledges", "classes"]
    assert picked(document, "programme", "at", "cutoff") == ["330200-2018", "330200", "2018-06"]
    assert isinstance(document["seal"], int)
    for pledge in document["pledges"]:
        assert list(pledge) == ["number", "title", "light", "indicators"]
        for indicator in pledge["indicators"]:
            assert list(indicator) == INDICATOR_KEYS
            assert indicator["light"] in LIGHTS
    assert set(document["classes"]) == LIGHTS


def test_says_the_same_as_of_a_seal_and_of_the_moment_after_it(runner: FlaskCliRunner) -> None:
    document = shown(runner, "330200-2018")
    assert shown(runner, "330200-2018", "--as-of", str(document["seal"])) == document
    assert shown(runner, "330200-2018", "--as-of", "2999-01-01T00:00") == document
    assert shown(runner, "330200-2018", "--as-of", "2017-01-01")["seal"] is None


def test_writes_one_row_an_indicator_as_csv(runner: FlaskCliRunner) -> None:
    done = runner.invoke(args=["progress", "show", "330200-2018", "--format", "csv"])
    rows = list(csv.DictReader(io.StringIO(done.output)))
    assert len(rows) == 10
    assert (rows[0]["code"], rows[0]["completion_percent"], rows[1]["target"]) == ("enrolments", "101.3", "")


def test_draws_a_table_a_person_can_read(runner: FlaskCliRunner) -> None:
    done = runner.invoke(args=["progress", "show", "330200-2018"])
    assert "参加职工医疗互助保障人次" in done.output
    assert "101.3" in done.output


REFUSED = {
    "a unit outside": (["330200-2018", "--at", "330500"], 2, "不在"),
    "an unknown unit": (["330200-2018", "--at", "nobody"], 2, "不在"),
    "an unknown list": (["330200-1999"], 1, "没有编号为 330200-1999"),
    "no month": (["330200-2018", "--cutoff", "June"], 1, "不是月份"),
    "no seal": (["330200-2018", "--as-of", "99999"], 1, "没有第 99999 号封存"),
    "no moment": (["330200-2018", "--as-of", "yesterday"], 1, "既不是封存号也不是时刻"),
}


@pytest.mark.parametrize(("arguments", "code", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_refuses_in_plain_words(
    app: Flask, runner: FlaskCliRunner, arguments: list[str], code: int, said: str
) -> None:
    done = runner.invoke(args=["progress", "show", *arguments])
    assert (done.exit_code, said in done.output) == (code, True), done.output
