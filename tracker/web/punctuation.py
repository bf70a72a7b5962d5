"""Marks between pieces of text in the language of this request: lists, clauses, labels, places of faults."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from tracker.domain.messages import Fault
from tracker.web.i18n import gettext as _
from tracker.web.i18n import is_chinese, translate

_LINE: Final = re.compile(r"第 (\d+) 行(，?)")
_STOP: Final = re.compile(r"[.\u3002\uff0e]+\Z")


def listed(names: Iterable[object]) -> str:
    """象山、宁海; Xiangshan, Ninghai."""
    return _("、").join(map(str, names))


def phrases(parts: Iterable[object]) -> str:
    """Parts of one sentence, with commas between."""
    return _("，").join(map(str, parts))


def clauses(parts: Iterable[object]) -> str:
    """Remarks that could stand alone, with semicolons between."""
    return _("；").join(map(str, parts))


def between() -> str:
    """What stands between two sentences: nothing in Chinese, a space in English."""
    return "" if is_chinese() else " "


def labelled(label: object, text: object) -> str:
    """名称：内容."""
    return _("%(label)s：%(text)s", label=label, text=text)


def bracketed(text: object) -> str:
    """（附注）."""
    return _("（%(text)s）", text=text)


def unstopped(text: str) -> str:
    """What somebody wrote, without its full stop, where a sentence of ours ends with it."""
    return _STOP.sub("", text)


def place_text(place: str) -> str:
    """The place of a fault in a file: 第 3 行 is told in words, names of columns are the file's own."""
    return _LINE.sub(lambda found: _("第 %(line)s 行", line=found[1]) + (found[2] and _("，")), place)


def fault_text(fault: Fault) -> str:
    """A fault with its place before it."""
    told = translate(fault.message)
    return labelled(place_text(fault.place), told) if fault.place else told
