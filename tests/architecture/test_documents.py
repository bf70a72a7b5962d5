"""What the documents show is there, and they speak in the words of the pages; each rule finds a planted fault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from tests.architecture import document_rules
from tests.architecture.copies import ROOT, copy_project, planted
from tests.walk.roads import pages_of
from tracker.domain.identity import Role

Rule = Callable[[Path], list[str]]
OFFENCES: list[tuple[Rule, str, str, str]] = [
    (document_rules.dead_links, "docs/planted.md", "![gone](img/zh/gone.png)", "planted.md: img/zh/gone.png"),
    (document_rules.dead_links, "docs/handbook/zh/planted.md", "[x](gone.md)", "gone.md"),
    (document_rules.pictures_nobody_shows, "docs/img/en/planted.png", "x", "docs/img/en/planted.png"),
    (document_rules.tests_nobody_wrote, "docs/planted.md", "`tests/web/test_gone.py`", "test_gone"),
    (
        document_rules.tests_nobody_wrote,
        "docs/planted.md",
        "`test_guard.py::test_of_nobody`",
        "test_of_nobody",
    ),
    (
        document_rules.tests_nobody_wrote,
        "docs/planted.md",
        "`tests/web/test_guard.py`, `…::test_x…`",
        "test_x",
    ),
    (document_rules.heavy_pictures, "docs/img/en/planted.png", "x" * 6_000_001, "bytes"),
    (document_rules.words_of_no_page, "docs/handbook/zh/planted.md", "点**交给上级**。", "交给上级"),
    (document_rules.words_of_no_page, "docs/handbook/en/planted.md", "Press **Send it off**.", "Send it off"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(tmp_path_factory.mktemp("documents"))


@pytest.mark.parametrize("rule", list(dict.fromkeys(rule for rule, *_rest in OFFENCES)))
def test_the_documents_keep(rule: Rule) -> None:
    assert rule(ROOT) == []


@pytest.mark.parametrize(("rule", "file", "text", "said"), OFFENCES)
def test_finds_the_planted_fault(copy: Path, rule: Rule, file: str, text: str, said: str) -> None:
    with planted(copy, {file: text}):
        assert any(said in one for one in rule(copy))
    assert rule(copy) == []


def test_every_page_is_in_the_album_or_told_why_not(built_app: Flask) -> None:
    album = (ROOT / "docs" / "pages.md").read_text(encoding="utf-8")
    pages = pages_of(built_app)
    assert document_rules.pages_told_wrongly(album, pages) == []
    assert document_rules.pages_told_wrongly(album, pages | {"planted.show"}) == ["not told: planted.show"]
    gone = "reports.sheet"
    assert document_rules.pages_told_wrongly(album, pages - {gone}) == [f"no such page: {gone}"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_role_has_its_handbook(language: str) -> None:
    files = {file.stem for file in (ROOT / "docs" / "handbook" / language).glob("*.md")}
    assert files == set(Role)
