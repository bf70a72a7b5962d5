"""Archives whose bytes follow from their contents alone: fixed dates, fixed order, no machine's marks."""

from __future__ import annotations

import io
import zipfile
from typing import Final

EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""The first moment the format can say."""


def with_fixed_dates(content: bytes) -> bytes:
    """The archive again with the same parts in the same order, every date the earliest."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as fixed:
        for part in source.infolist():
            fixed.writestr(entry(part.filename), source.read(part), zipfile.ZIP_DEFLATED, 6)
    return target.getvalue()


def entry(name: str) -> zipfile.ZipInfo:
    """A member with the earliest date, readable to all, as if made on no system in particular."""
    made = zipfile.ZipInfo(name, EARLIEST)
    made.create_system = 3
    made.external_attr = 0o644 << 16
    return made
