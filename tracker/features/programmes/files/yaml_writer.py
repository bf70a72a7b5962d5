"""Writing a document as YAML: numbers plain, everything else as YAML quotes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from tracker.services.programme_documents.document import Document, document_fields

WIDTH = 110
FIGURES = frozenset({"target", "base", "last_year", "tolerance_percent", "on_track", "lagging"})
"""Fields whose exact text is a number."""


class _Plain(str):
    """Digits that are written without quotes."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes ``_Plain`` as a number and short mappings on one line."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_plain(dumper: yaml.SafeDumper, digits: _Plain) -> yaml.ScalarNode:
    kind = "float" if "." in digits else "int"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{kind}", str(digits))


_Dumper.add_representer(_Plain, _represent_plain)


def write_yaml(document: Document, notes: Sequence[str] = ()) -> bytes:
    """The programme file of a document, UTF-8; ``notes`` stand above it as comments."""
    fields = _with_plain_figures(document_fields(document))
    text = yaml.dump(fields, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=WIDTH)
    return ("".join(f"# {note}\n" for note in notes) + text).encode()


def _with_plain_figures(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        inner = "target" if name == "allocations" else ""
        return {key: _with_plain_figures(part, inner or str(key)) for key, part in value.items()}
    if isinstance(value, list):
        return [_with_plain_figures(part, "target" if name == "plan" else "") for part in value]
    return _Plain(value) if isinstance(value, str) and name in FIGURES else value
