"""What was typed into a form that was not taken (too late, overtaken, too busy): carried on by the answer."""

from __future__ import annotations

from typing import Final, NamedTuple

from flask import request
from werkzeug.exceptions import HTTPException

from tracker.web.current import is_safe

NOT_CARRIED: Final = frozenset({"csrf_token"})
SECRET_WORD: Final = "password"  # noqa: S105  part of a field's name
SECRETS: Final = frozenset({"current", "replacement", "repeated", "code", "locked"})
"""Fields of passwords, codes and what codes are made of."""


class KeptForm(NamedTuple):
    """A form to be sent again by its person's own click: where to, and its fields in order."""

    address: str
    fields: list[tuple[str, str]]

    @property
    def texts(self) -> list[str]:
        """What a person wrote in words, to be read and copied: not keys, numbers and choices."""
        return [text for _name, text in self.fields if not text.isascii() or len(text.split()) > 1]


def kept_form() -> KeptForm | None:
    """What this request brought, when a page of ours sent it and nothing in it is a secret or a file.

    A form of another site is not carried on: it would get the fresh token it lacks.
    """
    if is_safe() or request.headers.get("Origin") != request.host_url.rstrip("/"):
        return None
    try:
        fields = [pair for pair in request.form.items(multi=True) if pair[0] not in NOT_CARRIED]
        has_files = any(file.filename for file in request.files.values())
    except HTTPException:
        return None
    if has_files or not fields or any(name in SECRETS or SECRET_WORD in name for name, _ in fields):
        return None
    return KeptForm(request.full_path.rstrip("?"), fields)
