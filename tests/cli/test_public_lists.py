"""Lists of many publishers, each as it was made public, come in, go out, are published and read as they must."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session

from tests.factories.people import make_person, signed_in_client
from tracker.db import Database
from tracker.features.programmes.commands import ImportTerms, plan_programme_import
from tracker.features.programmes.files.formats import read_file, write_file
from tracker.features.programmes.queries import get_document
from tracker.services.ledger.proving import verify_history
from tracker.services.ledger.verifying import verify_totals

PUBLIC: Final = Path(__file__).resolve().parents[1] / "cases" / "public"
FIRST: Final = ("hangzhou-2024",)
"""Lists that others feed."""
COMPARED: Final = {
    "target": "target",
    "actual": "actual",
    "completion": "completion_percent",
    "expected": "expected_percent",
    "gap": "gap_points",
    "light": "light",
}
"""Column of expected.csv → field of what ``flask progress show`` says."""


def names() -> list[str]:
    """The lists, those that others feed first."""
    found = sorted(file.stem for file in PUBLIC.glob("*.yaml"))
    return [*FIRST, *(name for name in found if name not in FIRST)]


def expectations() -> Mapping[tuple[str, str], dict[str, dict[str, str | None]]]:
    """List and cut-off → code → what must come out; an empty cell is null."""
    found: dict[tuple[str, str], dict[str, dict[str, str | None]]] = defaultdict(dict)
    with (PUBLIC / "expected.csv").open(encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened):
            wanted = {field: row[column] or None for column, field in COMPARED.items()}
            found[row["list"], row["cutoff"]][row["code"]] = wanted
    return found


def run(runner: FlaskCliRunner, *arguments: str | Path) -> str:
    """A command that must succeed; what it says."""
    done = runner.invoke(args=[str(argument) for argument in arguments])
    assert done.exit_code == 0, (arguments, done.output)
    return done.stdout


def bring_all(runner: FlaskCliRunner) -> dict[str, str]:
    """Every list published with its figures; name → key."""
    run(runner, "org", "import", PUBLIC / "org.csv")
    keys = {}
    for name in names():
        said = run(runner, "programmes", "import", PUBLIC / f"{name}.yaml")
        keys[name] = said.removeprefix("新清单（草稿）：").split(" ")[0]
    for key in keys.values():
        run(runner, "programmes", "publish", key)
    for name, key in keys.items():
        figures = PUBLIC / f"{name}-figures.csv"
        if figures.exists():
            run(runner, "figures", "import", figures, "--programme", key, "--history")
    return keys


@pytest.fixture
def keys(app: Flask) -> dict[str, str]:
    return bring_all(app.test_cli_runner())


def changes_of(session: Session, key: str) -> dict[str, list[Any]]:
    """What importing the list as it is written out would change, by ending."""
    found = {}
    for ending in (".yaml", ".xlsx"):
        written = read_file(write_file(get_document(session, key), ending))
        assert written.require_sound() == get_document(session, key), (key, ending)
        found[ending] = list(plan_programme_import(session, written, ImportTerms()).changes)
    return found


def test_every_public_list_says_what_it_promised(
    app: Flask, fresh_database: Database, keys: dict[str, str]
) -> None:
    runner, shown, wanted = app.test_cli_runner(), {}, expectations()
    assert {name for name, _cutoff in wanted} == set(keys), "each list has something that must come out"
    for name, cutoff in wanted:
        told = json.loads(run(runner, "progress", "show", keys[name], "--cutoff", cutoff, "--format", "json"))
        indicators = {one["code"]: one for pledge in told["pledges"] for one in pledge["indicators"]}
        shown[name, cutoff] = {
            code: {field: indicators[code][field] for field in COMPARED.values()}
            for code in wanted[name, cutoff]
        }
        assert sum(told["classes"].values()) == len(told["pledges"])
        tally = Counter(pledge["light"] for pledge in told["pledges"])
        assert tally == Counter(told["classes"])
    assert shown == wanted
    with fresh_database.session() as session:
        for key in keys.values():
            assert changes_of(session, key) == {".yaml": [], ".xlsx": []}, key
        assert verify_totals(session) == []
        assert list(verify_history(session)) == []
    for name, key in keys.items():
        with fresh_database.session() as session:
            person = make_person(session, "reviewer", key.rpartition("-")[0])
            session.commit()
        page = signed_in_client(app, person.account_id).get(f"/programmes/{key}")
        assert page.status_code == 200, name
        assert all(pledge.title in page.text for pledge in _document(fresh_database, key).pledges), name


def _document(database: Database, key: str) -> Any:
    with database.read_session() as session:
        return get_document(session, key)
