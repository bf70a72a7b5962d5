"""Word forms inside an English sentence: ``[count:unit|units]`` by number, ``[month:month]`` the name of a month."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_CHOICE: Final = re.compile(r"\[([a-z_]+):(?:(month|abbr|lower)|([^\[\]|]*)\|([^\[\]|]*))\]")


def fit(text: str, values: Mapping[str, object]) -> str:
    """The sentence with its forms chosen by the values that will be filled in; text without forms as it is.

    ``[count:unit|units]`` is ``unit`` for 1, else ``units``; ``[month:month]`` and ``[month:abbr]`` are
    June and Jun for 6, ``[word:lower]`` is the word as it stands inside a sentence. A form whose value is missing stays, so that a slip is seen.
    """
    if "[" not in text:
        return text
    return _CHOICE.sub(lambda found: _form(found, values), text)


def _form(found: re.Match[str], values: Mapping[str, object]) -> str:
    name, kind, one, many = found.groups()
    if name not in values:
        return found[0]
    shown = str(values[name])
    if kind == "lower":
        return shown[:1].lower() + shown[1:]
    if kind:
        month = MONTHS[int(shown) - 1]
        return month if kind == "month" else month[:3]
    return one if shown == "1" else many
