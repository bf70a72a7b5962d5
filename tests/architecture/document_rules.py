"""Rules on the documents: pictures and links lead somewhere, no picture is left over, words in bold are words of the pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po

LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
BOLD = re.compile(r"\*\*([^*]+)\*\*")
PLACE = re.compile(r"%\(\w+\)s|\{\w+\}")
HELD = re.compile(r"\w{3}|[\u4e00-\u9fff]{2}")
"""A sentence with less than this around its places would let anything pass."""
TEST = re.compile(r"`(…|(?:tests/)?(?:\w+/)*test_\w+\.py)(?:::(test_[\w…]+))?`")
"""A test as a document names it: by file, or … for the file named last, and with … for what is left out of its name."""
SHOWN = re.compile(r"\(img/pages/([\w.]+)\.webp\)")
UNSEEN = re.compile(r"^\| `([\w.]+)` \|", re.MULTILINE)
WHOLE = 6_000_000
"""Bytes of all pictures together at most; every version of them stays in the history."""


def dead_links(root: Path) -> list[str]:
    """Pictures and files that a document names and nobody finds."""
    return [f"{name}: {target}" for name, target, file in _named(root) if not file.exists()]


def pictures_nobody_shows(root: Path) -> list[str]:
    """Pictures in docs/img that no document names."""
    shown = {file.resolve() for _name, _target, file in _named(root)}
    return [file.relative_to(root).as_posix() for file in _pictures(root) if file.resolve() not in shown]


def heavy_pictures(root: Path) -> list[str]:
    """What all pictures weigh, if it is too much."""
    weight = sum(file.stat().st_size for file in _pictures(root))
    return [f"docs/img: {weight} bytes"] if weight > WHOLE else []


def pages_told_wrongly(album: str, endpoints: set[str]) -> list[str]:
    """Pages that docs/pages.md neither shows nor says why not, and what it tells of pages there are none of."""
    told = set(SHOWN.findall(album)) | set(UNSEEN.findall(album))
    return [f"not told: {one}" for one in sorted(endpoints - told)] + [
        f"no such page: {one}" for one in sorted(told - endpoints)
    ]


def words_of_no_page(root: Path) -> list[str]:
    """What a handbook prints in bold is written on a page in just these words, in the handbook's language."""
    found = []
    for language, words in _catalogue(root).items():
        said = re.compile("|".join(words))
        for file in sorted((root / "docs" / "handbook" / language).glob("*.md")):
            bold = BOLD.findall(file.read_text(encoding="utf-8"))
            found += [f"{language}/{file.name}: {one}" for one in bold if not said.search(_line(one))]
    return found


def tests_nobody_wrote(root: Path) -> list[str]:
    """Tests that a document names as what holds a promise, and that are not there."""
    return [f"{name}: {said}" for name, file in _documents(root) for said in _unwritten(root, file)]


def _unwritten(root: Path, document: Path) -> Iterator[str]:
    code = ""
    for named in TEST.finditer(document.read_text(encoding="utf-8")):
        if named[1] != "…":
            code = "".join(
                file.read_text(encoding="utf-8")
                for file in (root / "tests").glob(f"**/{named[1].removeprefix('tests/')}")
            )
        wanted = "" if named[2] is None else rf"def {named[2].replace('…', '[a-z0-9_]*')}\("
        if not code or not re.search(wanted, code):
            yield named[0]


def _documents(root: Path) -> Iterator[tuple[str, Path]]:
    return ((file.name, file) for file in sorted((root / "docs").glob("*.md")))


def _line(words: str) -> str:
    return f"\n{words}\n"


def _catalogue(root: Path) -> dict[str, list[str]]:
    """Of each language the sentences as patterns; what changes inside one may be anything."""
    file = root / "tracker" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
    with file.open("rb") as opened:
        entries = [(str(one.id).split("‖")[0], str(one.string)) for one in read_po(opened) if one.id]
    return {
        "zh": [_pattern(chinese) for chinese, _english in entries if HELD.search(PLACE.sub("", chinese))],
        "en": [_pattern(english) for _chinese, english in entries if HELD.search(PLACE.sub("", english))],
    }


def _pattern(sentence: str) -> str:
    return "\n" + "[^\n]+".join(re.escape(part) for part in PLACE.split(sentence)) + "\n"


def _pictures(root: Path) -> list[Path]:
    return sorted(file for file in (root / "docs" / "img").rglob("*.*") if file.suffix in {".png", ".webp"})


def _named(root: Path) -> Iterator[tuple[str, str, Path]]:
    """(document, target, file) of every picture and link within the project."""
    for document in [*sorted(root.glob("*.md")), *sorted((root / "docs").rglob("*.md"))]:
        for target in LINK.findall(document.read_text(encoding="utf-8")):
            if "://" not in target and not target.startswith("mailto:"):
                yield document.relative_to(root).as_posix(), target, document.parent / target
