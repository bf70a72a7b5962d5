"""Rules on sentences: each has its English, and none reaches people without being marked for translation."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from tools import words
from tools.extraction import CHINESE, extract_python

Rule = Callable[[Path], list[str]]

IN_ENGLISH = frozenset({"来源", "休", "班", "人次", "实事通"})
"""Chinese an English sentence may quote: a sheet's name in a bulletin, and what is typed or counted."""

OFFICIAL = "tracker/features/bulletins/"
CHINESE_IN_EVERY_LANGUAGE = frozenset(
    {
        "tracker/features/accounts/browser_words.py",  # names of browsers and systems
        "tracker/features/accounts/codes.py",  # the name the telephone shows
        # bulletins are official documents
        *(f"{OFFICIAL}{name}.py" for name in (
            "csv_writer", "document", "docx_writer", "manuscript", "narrative", "package", "paper", "relinking",
            "sheets", "xlsx_writer",
        )),
        "tracker/domain/prose.py",
        # what people type, and what files are read and written with
        "tracker/domain/attachments.py",
        "tracker/domain/figures.py",
        "tracker/domain/plausibility.py",
        "tracker/features/periods/holidays.py",
        "tracker/features/programmes/editing/typed.py",
        "tracker/features/org_units/exporting.py",
        "tracker/features/programmes/files/announced.py",
        "tracker/features/programmes/files/layout.py",
        "tracker/features/programmes/files/scalars.py",
        "tracker/features/programmes/files/schema.py",
        "tracker/features/programmes/files/xlsx_reader.py",
        "tracker/features/programmes/files/yaml_reader.py",
        "tracker/features/programmes/forms.py",
        "tracker/features/reports/figure_files.py",
        "tracker/features/targets/typed_cells.py",
        "tracker/services/tables/exporting.py",
        "tracker/services/tables/workbook_cells.py",
        # what is written into the record, and stays as it was written
        "tracker/features/org_units/commands.py",
        "tracker/features/programmes/commands.py",
        "tracker/features/reports/commands/import_figures.py",
        "tracker/features/reports/commands/saving.py",
        "tracker/features/reports/commands/writing_imports.py",
        "tracker/features/targets/commands.py",
        "tracker/services/moving.py",
        "tracker/domain/identity.py",
        # letters: nobody has chosen a language for them
        "tracker/services/account_links.py",
        "tracker/services/anchor_mail.py",
        "tracker/features/people/letters.py",
        "tracker/services/second_factors.py",
        # invented data of the gallery, which is for development only
        "tracker/features/gallery/samples.py",
        # the languages' own names, and places of faults told in either
        "tracker/web/i18n.py",
        "tracker/web/punctuation.py",
    }
)  # fmt: skip

SHOWN = re.compile(r"tracker/web/|tracker/features/.*(?:view|page|side|rows|cells)s?\.py$")
"""Modules that write what stands on pages: marks between pieces of text are sentences there too."""
IDEOGRAPH = r"[\u4e00-\u9fff]"

PAPER = "_paper.html"
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
MARKED = re.compile(r"""\b_\(\s*(?:"[^"]*"|'[^']*')""")
CHINESE_TEXT = re.compile(rf"(?:{CHINESE.pattern})+")


def untranslated(root: Path) -> list[str]:
    """Sentences of the code that have no English."""
    return words.untranslated(words.sentences_of(root), words.translations_of(root))


def obsolete(root: Path) -> list[str]:
    """English for sentences no code has any more."""
    return words.obsolete(words.sentences_of(root), words.translations_of(root))


def mistaken(root: Path) -> list[str]:
    """English whose places or choices differ from the sentence's."""
    return words.mistaken(words.translations_of(root))


def still_chinese(root: Path) -> list[str]:
    """English that still has Chinese in it, apart from what it may quote."""
    return [english for english in words.translations_of(root).values() if CHINESE.search(_unquoted(english))]


def unmarked(root: Path) -> list[str]:
    """Chinese texts in Python that no marker stands around; operators' commands and the listed files may have them."""
    return [
        found
        for file in sorted((root / "tracker").rglob("*.py"))
        if (name := file.relative_to(root).as_posix()) not in CHINESE_IN_EVERY_LANGUAGE
        and not name.startswith(("tracker/cli/", "tracker/worker"))
        for found in _unmarked_in(file, name)
    ]


def unmarked_in_templates(root: Path) -> list[str]:
    """Chinese texts in templates outside of ``_()`` and comments; a bulletin's paper is Chinese as it is."""
    return [
        f"{file.relative_to(root).as_posix()}: {left}"
        for file in sorted((root / "templates").rglob("*.html"))
        if file.name != PAPER
        for left in CHINESE_TEXT.findall(MARKED.sub("", COMMENT.sub("", file.read_text(encoding="utf-8"))))
    ]


def _unquoted(english: str) -> str:
    for quoted in IN_ENGLISH:
        english = english.replace(quoted, "")
    return english


def _unmarked_in(file: Path, name: str) -> Iterator[str]:
    source = file.read_bytes()
    marked = {text for _line, _function, text, _comments in extract_python(io.BytesIO(source), (), (), {})}
    shows = re.compile(CHINESE.pattern if SHOWN.search(name) else IDEOGRAPH)
    tree = ast.parse(source)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in told else None
        if isinstance(text, str) and shows.search(text) and text not in marked:
            yield f"{name}:{node.lineno}: {text}"  # type: ignore[attr-defined]
