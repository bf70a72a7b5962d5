"""The handbook of a role as it stands in docs/handbook, as a page: plain markdown, its links and pictures served here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from tracker.domain.identity import Role

DOCS: Final = Path(__file__).resolve().parents[3] / "docs"
LANGUAGES: Final = ("zh", "en")

_PICTURE: Final = re.compile(r"\.\./\.\./img/(zh|en)/([a-z-]+)\.png")
_PAGE: Final = re.compile(rf"({'|'.join(Role)})\.md")


class Handbook(NamedTuple):
    """Its title, and everything below it as markup."""

    title: str
    body: Markup


class Addresses(NamedTuple):
    """Where this program serves pictures (by language and name) and handbooks (by role)."""

    picture: Callable[[str, str], str]
    page: Callable[[str], str]


def read_handbook(role: Role, language: str, addresses: Addresses) -> Handbook | None:
    """The handbook of that role in that language; None where the documents were not installed."""
    file = DOCS / "handbook" / language / f"{role}.md"
    if not file.is_file():
        return None
    # html off: what stands in the file is text, so that nothing but markdown's own tags can come out
    reader = MarkdownIt("commonmark", {"html": False})
    heading, body = _split(reader.parse(file.read_text(encoding="utf-8")))
    for token in body:
        _readdress(token.children or (), addresses)
    return Handbook(heading, Markup(reader.renderer.render(body, reader.options, {})))  # noqa: S704  see above


def _split(tokens: list[Token]) -> tuple[str, list[Token]]:
    """The first heading (opening, text, closing) and the rest."""
    return tokens[1].content, tokens[3:]


def _readdress(tokens: Iterable[Token], addresses: Addresses) -> None:
    """Links between the files become links between the pages."""
    for token in tokens:
        if token.type == "image" and (found := _PICTURE.fullmatch(str(token.attrs["src"]))):
            token.attrs["src"] = addresses.picture(found[1], found[2])
            token.attrs["loading"] = "lazy"
        if token.type == "link_open" and (found := _PAGE.fullmatch(str(token.attrs["href"]))):
            token.attrs["href"] = addresses.page(found[1])
