#!/usr/bin/env python3
"""The English catalogue: brings it up to the sentences of the code, and names what is still to be translated.

``make words`` rewrites ``messages.po``: one line a sentence, sorted, without places and dates, so that
two branches that add sentences merge. Sentences no code has any more leave it (git remembers them).
"""

from __future__ import annotations

import io
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import escape, read_po

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = Path("tracker") / "translations" / "en" / "LC_MESSAGES" / "messages.po"
METHODS = [
    ("tracker/cli/**.py", "ignore"),
    ("tracker/**.py", "tools.extraction:extract_python"),
    ("templates/**.html", "jinja2"),
]
OPTIONS = {"templates/**.html": {"encoding": "utf-8"}}
KEYWORDS = {"_": None, "gettext": None}
HEADER = r"""# English for the sentences of 实事通. Written by `make words`; translate the empty ones by hand (docs/words.md).
msgid ""
msgstr ""
"Language: en\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"
"""
CHOICE = re.compile(r"\[([a-z_]+):(?:month|abbr|lower|[^\[\]|]*\|[^\[\]|]*)\]")
PLACE = re.compile(r"%\((\w+)\)([sd])|%(%)|\{(\w+)\}|(%)(?![(%])")


def main() -> int:
    """Rewrite the catalogue, compile it, print what is new; 0 when nothing waits for a translator."""
    sentences = sentences_of(ROOT)
    kept = translations_of(ROOT)
    write_catalogue(ROOT, {text: kept.get(text, "") for text in sentences})
    compile_catalogue(ROOT)
    waiting = untranslated(sentences, kept)
    for text in waiting:
        print(f"# {sentences[text]}\n{text}\n")
    for fault in (*obsolete(sentences, kept), *mistaken(kept)):
        print(fault, file=sys.stderr)
    print(
        f"words: {len(sentences)} sentences, {len(waiting)} to be translated in {CATALOGUE}", file=sys.stderr
    )
    return 1 if waiting or mistaken(kept) else 0


def sentences_of(root: Path) -> dict[str, str]:
    """Every sentence of ours with the first file that has it; operators' commands speak Chinese only."""
    found: dict[str, str] = {}
    for file, _line, text, _comments, _context in extract_from_dir(
        root, METHODS, OPTIONS, keywords=KEYWORDS, directory_filter=_is_ours
    ):
        found.setdefault(text if isinstance(text, str) else text[0], file)
    return found


def translations_of(root: Path) -> dict[str, str]:
    """Sentence → English as the catalogue has them; an empty text where none is written yet."""
    with (root / CATALOGUE).open("rb") as opened:
        return {str(entry.id): str(entry.string) for entry in read_po(opened, abort_invalid=True) if entry.id}


def untranslated(sentences: Iterable[str], kept: Mapping[str, str]) -> list[str]:
    """Sentences of the code without English."""
    return sorted(text for text in sentences if not kept.get(text))


def obsolete(sentences: Iterable[str], kept: Mapping[str, str]) -> list[str]:
    """Entries no code asks for any more."""
    return [f"obsolete: {text}" for text in sorted(set(kept) - set(sentences))]


def mistaken(kept: Mapping[str, str]) -> list[str]:
    """Entries whose places (``%(name)s``, ``{name}``, ``%%``) differ from the sentence's, or that are still Chinese."""
    return [fault for text, english in kept.items() if english and (fault := _fault(text, english))]


def write_catalogue(root: Path, entries: Mapping[str, str]) -> None:
    """One line a sentence and one its English, sorted by the sentence."""
    lines = [f"msgid {escape(text)}\nmsgstr {escape(entries[text])}\n" for text in sorted(entries)]
    (root / CATALOGUE).write_text("\n".join([HEADER, *lines]), encoding="utf-8")


def compile_catalogue(root: Path) -> None:
    """The ``.mo`` beside it, which the application reads."""
    compiled = io.BytesIO()
    with (root / CATALOGUE).open("rb") as opened:
        write_mo(compiled, read_po(opened, locale="en"))
    (root / CATALOGUE).with_suffix(".mo").write_bytes(compiled.getvalue())


def _fault(text: str, english: str) -> str | None:
    wanted, had = _places(text), _places(CHOICE.sub("", english))
    chosen = set(CHOICE.findall(english))
    names = {name for name, _kind in wanted}
    if stray := chosen - names:
        return f"chooses by {', '.join(sorted(stray))}, which the sentence does not have: {text}"
    missing = {place: count for place, count in (wanted - had).items() if place[0] not in chosen}
    added = {place for place in had if place not in wanted}
    if missing or added:
        return f"places differ: {text} → {english}"
    return None


def _places(text: str) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for name, kind, double, brace, single in PLACE.findall(text):
        found[
            (
                name or brace or double or single,
                kind or ("{}" if brace else "%" * len(double + double + single)),
            )
        ] += 1
    return found


def _is_ours(folder: str | Path) -> bool:
    return Path(folder).name not in {
        ".venv",
        "node_modules",
        "static",
        "tests",
        "migrations",
        "build",
        "instance",
    }


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
