"""What the readers hand to the schema: text with its place in the file, nothing interpreted yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tracker.domain.messages import Fault, Message, Refusal


class UnreadableFile(Refusal):
    """The file cannot be read at all; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value as written. ``is_null``: nothing was written, or null without quotes."""

    place: str
    text: str
    is_null: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """Values in a row."""

    place: str
    items: Sequence[Node] = ()


@dataclass(frozen=True, slots=True)
class Mapped:
    """Values under names; each name once."""

    place: str
    fields: Mapping[str, Node] = field(default_factory=dict)
    path: str = ""

    def place_of(self, name: str) -> str:
        """Where the value of a name stands, or would stand."""
        found = self.fields.get(name)
        return found.place if found is not None else f"{self.path}{name}"


Node = Scalar | Listed | Mapped


@dataclass(frozen=True, slots=True)
class Findings:
    """The faults found so far; every step of reading adds to them."""

    faults: list[Fault] = field(default_factory=list)

    def add(self, place: str, message: Message) -> None:
        """Note one thing wrong."""
        self.faults.append(Fault(place, message))
