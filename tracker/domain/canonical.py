"""Canonical JSON and its digest: one spelling for one content, so that equal content has equal digests."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime


def _spell(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"not canonical: {type(value).__name__}")


def canonical(content: object) -> str:
    """Sorted keys, no spaces, no floats; dates in ISO 8601, moments in UTC with microseconds."""
    _refuse_floats(content)
    return json.dumps(
        content,
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
        default=_spell,
    )


def _refuse_floats(content: object) -> None:
    """Look into every list and object; the few types most values have are passed over without a call."""
    if isinstance(content, float):
        raise TypeError("a float has no canonical spelling")
    if isinstance(content, dict):
        content = content.values()
    elif not isinstance(content, (list, tuple)):
        return
    for value in content:
        if type(value) not in _PLAIN:
            _refuse_floats(value)


_PLAIN = frozenset({str, int, bool, type(None)})


def digest(text: str | bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def digest_of(content: object) -> str:
    """The digest of the canonical spelling."""
    return digest(canonical(content))
