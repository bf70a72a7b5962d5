"""Reading YAML with every scalar as text: no types, tags, anchors, aliases or repeated keys."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from tracker.domain.messages import Message
from tracker.features.programmes.files.nodes import Findings, Listed, Mapped, Node, Scalar, UnreadableFile

MEGABYTE = 2**20
LARGEST_FILE = 2 * MEGABYTE
DEEPEST = 12
MOST_NODES = 300_000
NULLS = frozenset({"", "~", "null", "Null", "NULL"})

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Only its parser is used, never its constructors."""

_Start = yaml.events.MappingStartEvent | yaml.events.SequenceStartEvent


def read_yaml(content: bytes, findings: Findings) -> Node:
    """The file as nodes; repeated keys and the like are noted as faults.

    Raises UnreadableFile when it is too large, no UTF-8, no YAML, nested too deeply or empty.
    """
    if len(content) > LARGEST_FILE:
        raise UnreadableFile("文件超过 {size} MB", size=LARGEST_FILE // MEGABYTE)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile("读不出这个文件：清单应是 UTF-8 的 YAML，或没有损坏的 XLSX") from error
    try:
        return _Tree(yaml.parse(text, Loader=_Loader), findings).read()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UnreadableFile("第 {line} 行不合 YAML 的写法，请检查缩进、冒号和引号", line=line) from error
    except yaml.YAMLError as error:
        raise UnreadableFile("文件里有不允许的字符") from error


class _Tree:
    """Builds nodes out of the parser's events."""

    def __init__(self, events: Iterator[yaml.events.Event], findings: Findings) -> None:
        self._events, self._findings = events, findings
        self._nodes = 0

    def read(self) -> Node:
        node: Node | None = None
        for event in self._events:
            if not isinstance(event, yaml.events.DocumentStartEvent):
                continue
            if node is not None:
                raise UnreadableFile("一个文件里只能有一份清单（“---”之后又有内容）")
            node = self._node(next(self._events), "", 0)
        if node is None:
            raise UnreadableFile("文件里没有内容")
        return node

    def _node(self, event: yaml.events.Event, path: str, depth: int) -> Node:
        self._nodes += 1
        if depth > DEEPEST or self._nodes > MOST_NODES:
            raise UnreadableFile("文件的层数或内容太多，不像一份清单")
        place = _place(event, path)
        self._refuse_marks(event, place)
        if isinstance(event, yaml.events.MappingStartEvent):
            return self._mapped(path, place, depth)
        if isinstance(event, yaml.events.SequenceStartEvent):
            return self._listed(path, place, depth)
        if isinstance(event, yaml.events.ScalarEvent):
            return Scalar(place, event.value, is_null=not event.style and event.value in NULLS)
        return Scalar(place, "", is_null=True)

    def _refuse_marks(self, event: yaml.events.Event, place: str) -> None:
        if isinstance(event, yaml.events.AliasEvent):
            self._findings.add(place, Message("不能用别名（*），请把内容写全"))
        elif getattr(event, "anchor", None) is not None:
            self._findings.add(place, Message("不能用锚点（&），请把内容写全"))
        if getattr(event, "tag", None) is not None:
            self._findings.add(place, Message("不能用标签（!），内容一律按文字读"))

    def _listed(self, path: str, place: str, depth: int) -> Listed:
        items: list[Node] = []
        for event in self._events:
            if isinstance(event, yaml.events.SequenceEndEvent):
                break
            items.append(self._node(event, f"{path}[{len(items)}]", depth + 1))
        return Listed(place, items)

    def _mapped(self, path: str, place: str, depth: int) -> Mapped:
        fields: dict[str, Node] = {}
        start = f"{path}." if path else ""
        for event in self._events:
            if isinstance(event, yaml.events.MappingEndEvent):
                break
            name = self._name(event, place, depth)
            value = self._node(next(self._events), f"{start}{name}", depth + 1)
            if name in fields:
                self._findings.add(_place(event, f"{start}{name}"), Message("写了两次"))
            else:
                fields[name] = value
        return Mapped(place, fields, start)

    def _name(self, event: yaml.events.Event, place: str, depth: int) -> str:
        """A key, which must be plain text."""
        node = self._node(event, "", depth + 1)
        if isinstance(node, Scalar):
            return node.text.strip()
        self._findings.add(place, Message("字段名只能是文字"))
        return "?"


def _place(event: yaml.events.Event, path: str) -> str:
    line = event.start_mark.line + 1 if event.start_mark else 1
    return f"{path}（第 {line} 行）" if path else f"第 {line} 行"
