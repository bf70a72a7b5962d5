"""The import contracts hold, and each one bites when an offence is planted in a copy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.copies import ROOT, copy_project, plant

LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports_command as lint; sys.exit(lint())"
DOCSTRING = '"""Planted."""\n'

PLANTED = {
    # 1: upward, and sideways at the edges
    "tracker/domain/planted_up.py": "import tracker.db",
    "tracker/models/planted_up.py": "import tracker.services.planted_low",
    "tracker/services/planted_low.py": "",
    "tracker/services/planted_up.py": "import tracker.web.planted_plumbing",
    "tracker/web/planted_up.py": "import tracker.features.planted_a.queries",
    "tracker/features/planted_a/views.py": "import tracker.cli.planted_aside",
    "tracker/api/planted_aside.py": "import tracker.cli.planted_aside",
    "tracker/cli/planted_aside.py": "",
    "tracker/cli/planted_up.py": "import tracker.app",
    # 2: one feature uses another
    "tracker/features/planted_a/queries.py": "import tracker.features.planted_b.commands",
    "tracker/features/planted_b/commands.py": "import flask",
    # 4a: Flask through the plumbing, and straight
    "tracker/features/planted_a/commands.py": "import tracker.web.planted_plumbing",
    "tracker/web/planted_plumbing.py": "import flask_login",
    "tracker/models/planted_flask.py": "import wtforms",
    # 4b: a form that knows a model
    "tracker/features/planted_a/forms.py": "import tracker.models.base",
}
EXPECTED = [
    "1 Imports go only downward BROKEN",
    "tracker.domain.planted_up -> tracker.db",
    "tracker.models.planted_up -> tracker.services.planted_low",
    "tracker.services.planted_up -> tracker.web.planted_plumbing",
    "tracker.web.planted_up -> tracker.features.planted_a.queries",
    "tracker.features.planted_a.views -> tracker.cli.planted_aside",
    "tracker.api.planted_aside -> tracker.cli.planted_aside",
    "tracker.cli.planted_up -> tracker.app",
    "2 Features never import each other BROKEN",
    "tracker.features.planted_a.queries -> tracker.features.planted_b.commands",
    "4a No Flask or WTForms below the web, even indirectly BROKEN",
    "tracker.features.planted_a.commands -> tracker.web.planted_plumbing",
    "tracker.web.planted_plumbing -> flask_login",
    "tracker.features.planted_b.commands -> flask",
    "tracker.models.planted_flask -> wtforms",
    "4b No form imports a model BROKEN",
    "tracker.features.planted_a.forms -> tracker.models.base",
]


def lint_imports(root: Path) -> str:
    """What import-linter says about the tracker package in this folder."""
    command = [sys.executable, "-c", LINT_IMPORTS, "--no-cache", "--no-logo"]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return " ".join((run.stdout + run.stderr).split())


@pytest.fixture(scope="module")
def planted_report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One run over a copy with every offence in it."""
    copy = copy_project(tmp_path_factory.mktemp("contracts"))
    plant(copy, {name: f"{DOCSTRING}{text}\n" for name, text in PLANTED.items()})
    return lint_imports(copy)


def test_every_contract_is_kept() -> None:
    report = lint_imports(ROOT)
    assert "Contracts: 4 kept, 0 broken." in report, report


@pytest.mark.parametrize("expected", EXPECTED)
def test_names_the_planted_offence(planted_report: str, expected: str) -> None:
    assert expected in planted_report, planted_report


def test_refuses_a_floor_nobody_knows(tmp_path: Path) -> None:
    copy = copy_project(tmp_path)
    plant(copy, {"tracker/planted_floor.py": DOCSTRING})
    report = lint_imports(copy)
    assert "1 Imports go only downward BROKEN" in report
    assert "planted_floor" in report
