"""What a page's markup must hold so that keyboards and screen readers find their way; read without a browser."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
FIELDS: Final = frozenset({"input", "select", "textarea"})
UNLABELLED: Final = frozenset({"hidden", "submit", "button", "reset", "image"})
POINTING: Final = (
    "aria-describedby",
    "aria-labelledby",
    "aria-controls",
    "aria-owns",
    "aria-details",
    "headers",
    "list",
)
SILENT: Final = frozenset({"script", "style", "template"})


@dataclass(slots=True)
class Node:
    """An element: its attributes, what stands in it, and what it stands in."""

    tag: str
    attributes: dict[str, str]
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """Itself and everything below, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def above(self) -> Iterator[Node]:
        """What it stands in, from the inside out."""
        here = self.parent
        while here is not None:
            yield here
            here = here.parent

    def has(self, name: str) -> bool:
        """Whether the attribute is there and says something."""
        return bool(self.attributes.get(name, "").strip())

    @property
    def is_hidden(self) -> bool:
        """Kept from readers, by itself or with what it stands in."""
        return any(
            node.attributes.get("aria-hidden") == "true" or "hidden" in node.attributes or node.tag in SILENT
            for node in (self, *self.above())
        )

    @property
    def name(self) -> str:
        """What a reader says of it: its own label, else its words and pictures."""
        own = self.attributes.get("aria-label", "") or self.attributes.get("title", "")
        return own.strip() or "".join(self._words()).strip()

    def _words(self) -> Iterator[str]:
        if self.attributes.get("aria-hidden") == "true":
            return
        yield self.attributes.get("alt", "") or self.attributes.get("aria-label", "")
        yield from self.texts
        for child in self.children:
            yield from child._words()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.here = Node("#document", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.children.append(node)
        if tag not in VOID:
            self.here = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.here.children.append(Node(tag, {name: value or "" for name, value in attrs}, self.here))

    def handle_endtag(self, tag: str) -> None:
        for node in (self.here, *self.here.above()):
            if node.tag == tag and node.parent is not None:
                self.here = node.parent
                return

    def handle_data(self, data: str) -> None:
        self.here.texts.append(data)


def read_page(html: str) -> Node:
    """The page as a tree."""
    reader = _Reader()
    reader.feed(html)
    return reader.root


def faults_of(html: str) -> list[str]:
    """Everything wrong with a page's structure; empty when all is well."""
    nodes = list(read_page(html).walk())
    ids = Counter(node.attributes["id"] for node in nodes if node.has("id"))
    found = [f"id twice: {name}" for name, count in ids.items() if count > 1]
    found += _whole_page(nodes, set(ids))
    labelled = {node.attributes["for"] for node in nodes if node.tag == "label" and node.has("for")}
    for node in nodes:
        found += _pointers(node, set(ids))
        found += _element(node, labelled)
    return found


def _whole_page(nodes: list[Node], ids: set[str]) -> Iterator[str]:
    by_tag = Counter(node.tag for node in nodes if not node.is_hidden)
    for tag in ("h1", "main", "title"):
        if by_tag[tag] != 1:
            yield f"{by_tag[tag]} × {tag}"
    page = next((node for node in nodes if node.tag == "html"), None)
    if page is None or not page.has("lang"):
        yield "no language"
    title = next((node for node in nodes if node.tag == "title"), None)
    if title is None or not title.name.partition("·")[0].strip():
        yield "no title"
    first = next(
        (node for node in nodes if node.tag in {"a", "button", *FIELDS} and not node.is_hidden), None
    )
    if first is None or "skip" not in first.attributes.get("class", "").split() or "main" not in ids:
        yield "no way past the bar"
    yield from _headings([node for node in nodes if node.tag[0] == "h" and node.tag[1:].isdigit()])
    yield from _landmarks(nodes)


def _headings(headings: list[Node]) -> Iterator[str]:
    last = 0
    for node in headings:
        level = int(node.tag[1:])
        if level > last + 1 and last:
            yield f"{node.tag} below h{last}: {node.name[:20]}"
        if not node.name:
            yield f"empty {node.tag}"
        last = level


def _landmarks(nodes: list[Node]) -> Iterator[str]:
    names = Counter(node.attributes.get("aria-label", "") for node in nodes if node.tag == "nav")
    yield from (
        f"nav without a name of its own: {name}" for name, count in names.items() if not name or count > 1
    )
    for bar in (node for node in nodes if node.tag == "nav"):
        current = [one for one in bar.walk() if one.attributes.get("aria-current") == "page"]
        if len(current) > 1:
            yield f"{len(current)} current places in {bar.attributes.get('aria-label')}"


def _pointers(node: Node, ids: set[str]) -> Iterator[str]:
    for name in POINTING:
        for target in node.attributes.get(name, "").split():
            if target not in ids:
                yield f"{node.tag} {name} points to nothing: {target}"
    if node.tag == "label" and node.has("for") and node.attributes["for"] not in ids:
        yield f"label for nothing: {node.attributes['for']}"
    target = node.attributes.get("href", "")
    if node.tag == "a" and len(target) > 1 and target.startswith("#") and target[1:] not in ids:
        yield f"link to nothing: {target}"


def _element(node: Node, labelled: set[str]) -> Iterator[str]:
    if "style" in node.attributes or any(name.startswith("on") for name in node.attributes):
        yield f"{node.tag} with style or script inside"
    if (
        node.attributes.get("tabindex", "0").lstrip("-").isdigit()
        and int(node.attributes.get("tabindex", "0")) > 0
    ):
        yield f"{node.tag} changes the order of focus"
    if node.tag == "img" and "alt" not in node.attributes:
        yield f"picture without words: {node.attributes.get('src')}"
    if node.tag == "svg" and node.attributes.get("role") == "img" and not node.has("aria-label"):
        yield "drawing without words"
    if node.is_hidden:
        return
    yield from _named(node, labelled)
    yield from _table(node)


def _named(node: Node, labelled: set[str]) -> Iterator[str]:
    if node.tag in FIELDS and node.attributes.get("type") not in UNLABELLED:
        inside = any(above.tag == "label" and above.name for above in node.above())
        own = node.has("aria-label") or node.has("aria-labelledby") or node.has("title")
        if not inside and not own and node.attributes.get("id") not in labelled:
            yield f"{node.tag} without a label: {node.attributes.get('name')}"
    if node.tag in {"a", "button", "summary"} and not node.name and not node.has("aria-labelledby"):
        yield f"{node.tag} without words: {node.attributes.get('href', '')}"
    if node.tag == "a" and any(above.tag in {"a", "button"} for above in node.above()):
        yield f"link inside a link: {node.name}"
    if node.tag == "button" and not node.has("type"):
        yield f"button of no kind: {node.name}"
    if node.tag == "fieldset" and not any(child.tag == "legend" and child.name for child in node.walk()):
        yield f"fieldset without a legend: {node.attributes.get('id')}"


def _table(node: Node) -> Iterator[str]:
    if node.tag == "table":
        if not any(child.tag == "caption" and child.name for child in node.children):
            yield f"table without a caption: {node.attributes.get('class')}"
        if not any(one.tag == "th" for one in node.walk()):
            yield f"table without heads: {node.attributes.get('class')}"
    if node.tag == "th" and not node.has("scope") and not node.has("id"):
        yield f"head of nothing: {node.name}"
    if node.tag == "li" and node.parent is not None and node.parent.tag not in {"ul", "ol", "menu"}:
        yield f"item outside a list: {node.name[:20]}"
