"""Text for people, kept as a template and its values so that an edge can translate it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence in Simplified Chinese with named places: ``Message("第 {line} 行", {"line": 3})``.

    ``text`` is also the key under which translations are filed, so it is always a literal
    (the extractor reads ``Message("…")`` calls). ``str()`` gives the Chinese sentence.
    """

    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text.format(**self.values)


def sentence(text: str) -> str:
    """The text as it is, marked as a key of translations: for tables of texts that become messages later."""
    return text


class Refusal(Exception):
    """A rule said no. Subclasses name the refusal; ``message`` tells a clerk what to do."""

    def __init__(self, text: str, /, **values: object) -> None:
        self.message = Message(text, values)
        super().__init__(str(self.message))


class NotFound(Refusal):
    """There is no such thing, or none within this person's reach: both are answered alike (404)."""


class Forbidden(Refusal):
    """The thing may be seen, but not done by this person (403)."""


class Conflict(Refusal):
    """Somebody else was first, or the thing has moved on since the page was drawn (409)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in what was handed in, with its place (``第 3 行, value`` or ``pledges[0].title``)."""

    place: str
    message: Message

    def __str__(self) -> str:
        return f"{self.place}：{self.message}" if self.place else str(self.message)


class Faults(Exception):
    """Everything wrong with one input, all at once; never empty."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in faults))
