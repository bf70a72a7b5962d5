"""The project keeps its own rules, and each rule finds an offence planted in a copy."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture import source_rules, text_rules, word_rules
from tests.architecture.copies import ROOT, copy_project, planted

Rule = Callable[[Path], list[str]]


def registry_hosts(root: Path) -> list[str]:
    """The rule on tracked files, asked about every file of a copy (which is no git checkout)."""
    return text_rules.registry_hosts(root, _files(root))


def machine_paths(root: Path) -> list[str]:
    """Likewise for paths."""
    return text_rules.machine_paths(root, _files(root))


def flask_below_the_web(root: Path) -> list[str]:
    """What the child process finds."""
    program = root / "tests" / "architecture" / "flaskless.py"
    run = subprocess.run([sys.executable, str(program)], cwd=root, capture_output=True, text=True, check=True)
    return run.stdout.split("\n")[:-1] if run.stdout.strip() else []


def _files(root: Path) -> list[Path]:
    return (
        text_rules.tracked_files(root)
        if root == ROOT
        else [file for file in root.rglob("*") if file.is_file()]
    )


SLICE = "tracker/features/planted/"
OFFENCES: list[tuple[Rule, str, str, str]] = [
    # rule, file, what is planted in it, what the rule must say
    (source_rules.long_files, "tracker/services/planted.py", "x = 1\n" * 401, "401 lines"),
    (source_rules.missing_docstrings, "tracker/web/planted.py", "x = 1\n", "no docstring"),
    (source_rules.empty_names, "tracker/services/utils.py", "", "says nothing"),
    (
        source_rules.beyond_the_standard_library,
        "tracker/domain/planted.py",
        "import sqlalchemy.orm",
        "sqlalchemy.orm",
    ),
    (
        source_rules.beyond_the_standard_library,
        "tracker/domain/planted.py",
        "from tracker import db",
        "imports tracker",
    ),
    (
        source_rules.beyond_the_standard_library,
        "tracker/domain/planted.py",
        "from ..models import base",
        "tracker.models",
    ),
    (
        source_rules.bare_fetches,
        f"{SLICE}queries.py",
        "def f(session): session.get(Report, 1)",
        "session.get(Report, 1)",
    ),
    (
        source_rules.bare_fetches,
        f"{SLICE}queries.py",
        "g.session.get_one(Report, 1)",
        "g.session.get_one(Report, 1)",
    ),
    (
        source_rules.lazy_relationships,
        "tracker/models/planted.py",
        "x = relationship('Report')",
        "relationship(",
    ),
    (
        source_rules.lazy_relationships,
        "tracker/models/planted.py",
        "x = orm.relationship(lazy='select')",
        "'select'",
    ),
    (source_rules.inexact_columns, "tracker/models/planted.py", "x: Mapped[float]", "float"),
    (source_rules.inexact_columns, "tracker/models/planted.py", "x = Column(sa.Numeric(12, 2))", "Numeric"),
    (text_rules.unsafe_markup, "templates/planted/page.html", "<p>{{ note | safe }}</p>", "| safe"),
    (text_rules.unsafe_markup, "templates/planted/page.html", "{% autoescape false %}", "autoescape false"),
    (text_rules.inline_markup, "templates/planted/page.html", "<script>go()</script>", "<script>"),
    (text_rules.inline_markup, "templates/planted/page.html", '<p class="a" style="color: red">', "style="),
    (text_rules.inline_markup, "templates/planted/page.html", '<a onclick="go()">', "onclick="),
    (text_rules.inline_markup, "templates/planted/page.html", '<a hx-on:click="go()">', "hx-on"),
    (word_rules.untranslated, "tracker/web/planted.py", '_("没有译文")', "没有译文"),
    (word_rules.untranslated, "templates/planted/page.html", '{{ _("没有译文") }}', "没有译文"),
    (word_rules.untranslated, "tracker/domain/planted.py", 'raise Late("没有译文")', "没有译文"),
    (word_rules.unmarked, "tracker/web/planted.py", 'x = f"{y} 件"', "planted.py:1:  件"),
    (word_rules.unmarked_in_templates, "templates/planted/page.html", "<p>没有标记</p>", "没有标记"),
    (
        word_rules.unmarked_in_templates,
        "templates/planted/page.html",
        '{{ x ~ "：" ~ _("说明") }}',
        "planted/page.html: ：",
    ),
    (registry_hosts, "requirements/planted.txt", "--index-url https" + "://mirror.example/simple", "https"),
    (registry_hosts, "docs/planted.md", "see registry" + ".npmjs.org", "docs/planted.md:1"),
    (machine_paths, "tracker/services/planted.py", 'FOLDER = "' + "/home" + '/someone/x"', "planted.py:1"),
    (
        flask_below_the_web,
        f"{SLICE}commands.py",
        "import flask",
        "tracker.features.planted.commands loads flask",
    ),
    (
        flask_below_the_web,
        "tracker/models/planted.py",
        "import wtforms",
        "tracker.models.planted loads wtforms",
    ),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One copy for all plants; each is taken out again."""
    return copy_project(tmp_path_factory.mktemp("rules"))


RULES = list(dict.fromkeys(rule for rule, *_rest in OFFENCES))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_project_keeps(rule: Rule) -> None:
    assert rule(ROOT) == []


@pytest.mark.parametrize(
    ("rule", "file", "text", "said"), OFFENCES, ids=lambda part: getattr(part, "__name__", "")
)
def test_finds_the_planted_offence(copy: Path, rule: Rule, file: str, text: str, said: str) -> None:
    with planted(copy, {file: text}):
        offences = rule(copy)
    assert any(said in offence for offence in offences), offences
    assert not (copy / file).exists(), "the copy serves the next test too"


def test_lets_a_listed_template_be_safe(copy: Path) -> None:
    listed = text_rules.SAFE_FILES | {"templates/planted/page.html"}
    with planted(copy, {"templates/planted/page.html": "{{ note|safe }}"}):
        assert text_rules.unsafe_markup(copy, listed=listed) == []


def test_the_list_of_safe_templates_names_existing_files() -> None:
    assert [name for name in text_rules.SAFE_FILES if not (ROOT / name).exists()] == []


def test_ruff_finds_imports_inside_functions_and_knots(copy: Path) -> None:
    knot = "\n".join(f"    if x == {number}:\n        return {number + 2}" for number in range(11))
    files = {
        "tracker/services/planted_import.py": '"""."""\n\n\ndef f() -> object:\n    import json\n\n    return json\n',
        "tracker/services/planted_knot.py": f'"""."""\n\n\ndef f(x: int) -> int:\n{knot}\n    return 0\n',
    }
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--no-cache",
        "--output-format=concise",
        "tracker/services",
    ]
    with planted(copy, files):
        run = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert "planted_import.py:5:5: PLC0415" in run.stdout
    assert "planted_knot.py:4:5: C901" in run.stdout
