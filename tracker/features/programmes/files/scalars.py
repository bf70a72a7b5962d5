"""Reading the named values of one part of a file, each into its type; what is wrong becomes a fault."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from enum import StrEnum
from typing import TypeVar

from tracker.domain.figures import UnreadableFigure, parse_figure
from tracker.domain.messages import Message, Refusal
from tracker.features.programmes.files.nodes import Findings, Listed, Mapped, Node, Scalar

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

FLAGS = {"true": True, "false": False, "是": True, "否": False}
FORBIDDEN = frozenset("\u2028\u2029\ufeff\ufffe\uffff")
"""Characters that are no text and that not every file format can carry."""


class UnreadableValue(Refusal):
    """The value is not what its field asks for."""


class Values:
    """The fields of one mapping. A field that cannot be read notes a fault, gives its default and is unsound."""

    def __init__(self, node: Mapped, known: Collection[str], findings: Findings) -> None:
        self.node, self.findings = node, findings
        self._unsound: set[str] = set()
        for name in node.fields.keys() - set(known):
            self._note_unknown(name, known)

    def _note_unknown(self, name: str, known: Collection[str]) -> None:
        near = difflib.get_close_matches(name, sorted(known), 1)
        if near:
            said = {"name": name, "near": near[0]}
            self.fault(name, Message("没有“{name}”这个字段，是不是“{near}”？", said))
        else:
            self.fault(name, Message("没有“{name}”这个字段", {"name": name}))

    def fault(self, name: str, message: Message) -> None:
        """Note that a field is wrong."""
        self._unsound.add(name)
        self.findings.add(self.node.place_of(name), message)

    def are_sound(self, *names: str) -> bool:
        """Whether nothing is wrong with these fields, so that rules may compare them."""
        return self._unsound.isdisjoint(names)

    def has(self, name: str) -> bool:
        """Whether the field says anything."""
        node = self.node.fields.get(name)
        return node is not None and not (isinstance(node, Scalar) and node.is_null)

    def read(self, name: str, parse: Callable[[str], T], default: T, *, is_required: bool = False) -> T:
        """A single value; ``default`` when it is not there."""
        node = self.node.fields.get(name)
        if node is None or (isinstance(node, Scalar) and node.is_null):
            if is_required:
                self.fault(name, Message("缺少这一项"))
            return default
        if not isinstance(node, Scalar):
            self.fault(name, Message("这里只能写一个值"))
            return default
        try:
            return parse(node.text)
        except Refusal as refused:
            self.fault(name, refused.message)
            return default

    def items(self, name: str) -> Sequence[Node]:
        """The values of a list; none when it is not there."""
        node = self.node.fields.get(name)
        if isinstance(node, Listed):
            return node.items
        if node is not None and not (isinstance(node, Scalar) and node.is_null):
            self.fault(name, Message("这里要写成列表"))
        return ()

    def texts(self, name: str, parse: Callable[[str], T]) -> tuple[T, ...]:
        """A list of single values."""
        found: list[T] = []
        for node in self.items(name):
            try:
                found.append(parse(_text_of(node)))
            except Refusal as refused:
                self.fault_at(name, node, refused.message)
        return tuple(found)

    def fault_at(self, name: str, node: Node, message: Message) -> None:
        """Note that one part of a field is wrong."""
        self._unsound.add(name)
        self.findings.add(node.place, message)

    def mark(self, part: Values, name: str) -> None:
        """A part that was read by itself and is unsound makes the field it belongs to unsound."""
        if part._unsound:
            self._unsound.add(name)


def _text_of(node: Node) -> str:
    if not isinstance(node, Scalar) or node.is_null:
        raise UnreadableValue("这里要写文字")
    return node.text


def line_of(longest: int, *, may_be_empty: bool = False) -> Callable[[str], str]:
    """A parser for one line of text of at most ``longest`` characters."""

    def parse(text: str) -> str:
        line = text.strip()
        if any(unicodedata.category(sign) == "Cc" for sign in line):
            raise UnreadableValue("只能写一行，不能有换行或制表符")
        return _checked(line, longest, may_be_empty=may_be_empty)

    return parse


def prose_of(longest: int) -> Callable[[str], str]:
    """A parser for text that may have several lines; line ends become ``\\n``."""

    def parse(text: str) -> str:
        prose = text.replace("\r\n", "\n").replace("\r", "\n").strip()
        if any(unicodedata.category(sign) == "Cc" and sign != "\n" for sign in prose):
            raise UnreadableValue("含有看不见的控制字符")
        return _checked(prose, longest, may_be_empty=True)

    return parse


def _checked(text: str, longest: int, *, may_be_empty: bool) -> str:
    if not text and not may_be_empty:
        raise UnreadableValue("不能为空")
    if len(text) > longest:
        raise UnreadableValue("超过 {longest} 个字", longest=longest)
    if not FORBIDDEN.isdisjoint(text) or any(unicodedata.category(sign) == "Cs" for sign in text):
        raise UnreadableValue("含有不能保存的字符")
    return text


def name_of(longest: int) -> Callable[[str], str]:
    """A parser for one entry of a list, which must not hold the mark that parts entries in a workbook."""
    line = line_of(longest)

    def parse(text: str) -> str:
        if "；" in text or ";" in text:
            raise UnreadableValue("名称里不能有分号，每一项单独写")
        return line(text)

    return parse


def matching(pattern: str, message: str) -> Callable[[str], str]:
    """A parser for text of a given form; ``message`` is the sentence when it has another."""
    compiled = re.compile(pattern)

    def parse(text: str) -> str:
        if not compiled.fullmatch(text.strip()):
            raise UnreadableValue(message, text=text.strip()[:60])
        return text.strip()

    return parse


def whole(least: int, most: int) -> Callable[[str], int]:
    """A parser for whole numbers in a range."""

    def parse(text: str) -> int:
        stripped = text.strip()
        if not re.fullmatch(r"[0-9]{1,9}", stripped) or not least <= int(stripped) <= most:
            raise UnreadableValue(
                "“{text}”要是 {least} 到 {most} 的整数", text=stripped[:40], least=least, most=most
            )
        return int(stripped)

    return parse


def choice(kind: type[E]) -> Callable[[str], E]:
    """A parser for one word of a closed set."""

    def parse(text: str) -> E:
        stripped = text.strip()
        if stripped not in list(kind):
            raise UnreadableValue("“{text}”不对，只能是 {known}", text=stripped[:40], known=" ".join(kind))
        return kind(stripped)

    return parse


def flag(text: str) -> bool:
    """true or false, 是 or 否."""
    stripped = text.strip().lower()
    if stripped not in FLAGS:
        raise UnreadableValue("“{text}”不对，只能是 true 或 false", text=text.strip()[:40])
    return FLAGS[stripped]


def figure(decimals: int, *, measure: str = "", signed: bool = False) -> Callable[[str], int | None]:
    """A parser for figures scaled by ``decimals``; a trailing measure is dropped."""

    def parse(text: str) -> int | None:
        return parse_figure(text, decimals=decimals, measure=measure or None, signed=signed)

    return parse


def tenths(least: int, most: int) -> Callable[[str], int]:
    """A parser for percents or points with at most one place, in tenths; the limits are in tenths too."""

    def parse(text: str) -> int:
        stripped = text.strip().removesuffix("%").removesuffix("％").strip()
        try:
            value = parse_figure(stripped, decimals=1, signed=True)
        except UnreadableFigure as error:
            raise UnreadableValue("“{text}”要写成数，最多一位小数", text=text.strip()[:40]) from error
        if not least <= value <= most:
            said = {"text": stripped, "least": least // 10, "most": most // 10}
            raise UnreadableValue("“{text}”要在 {least} 到 {most} 之间", **said)
        return value

    return parse
