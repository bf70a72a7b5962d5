"""For Babel: finds the sentences of ours in Python, also those given to messages and refusals.

A sentence is the first argument of a call, a literal with at least one Chinese character or mark. Called is
``_``, ``_l``, ``gettext``, ``lazy_gettext``, ``sentence``, a refusal's ``__init__`` or anything with a capital:
``Message``, ``PeriodClosed`` … Of a ``Right`` it is the third, what the right means.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from typing import IO, Any

MARKERS = frozenset({"_", "_l", "gettext", "lazy_gettext", "sentence", "__init__"})
CHINESE = re.compile(r"[\u3001-\u303f\u4e00-\u9fff\uff01-\uff60]")
RIGHT_MEANS = 2
Found = tuple[int, str, str, list[str]]


def extract_python(
    fileobj: IO[bytes],
    keywords: Collection[str],  # noqa: ARG001 (Babel passes them by these names)
    comment_tags: Collection[str],  # noqa: ARG001
    options: dict[str, Any],  # noqa: ARG001
) -> Iterator[Found]:
    """Line, function, sentence and comments of each sentence in one file, in order."""
    for node in ast.walk(ast.parse(fileobj.read())):
        if isinstance(node, ast.Call) and _is_ours(node.func):
            place = RIGHT_MEANS if _name(node.func) == "Right" else 0
            text = _literal(node.args[place]) if len(node.args) > place else None
            if text is not None and CHINESE.search(text):
                yield node.lineno, "_", text, []


def _is_ours(called: ast.expr) -> bool:
    name = _name(called)
    return name in MARKERS or name.lstrip("_")[:1].isupper()


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else str(getattr(called, "id", ""))


def _literal(argument: ast.expr) -> str | None:
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None
