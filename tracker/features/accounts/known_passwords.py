"""Passwords that others have used: the list that is shipped, and a longer one an operator may keep beside it. Nothing is asked of the network."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from tracker.domain.password_policy import cores, is_among, plain

SHIPPED: Final = Path(__file__).with_name("common_passwords.txt")
LARGEST_PLAIN_FILE: Final = 64 * 1024 * 1024
_HASH_LINE: Final = re.compile(rb"[0-9A-Fa-f]{40}(:\d+)?\r?\n?")


class UnusableList(Exception):
    """The operator's list cannot be used; the message tells why."""


@dataclass(frozen=True, slots=True)
class KnownPasswords:
    """``listed``: plain ones · ``digests``: a file of SHA-1 lines in ascending order (``HASH`` or ``HASH:count``), read where it lies."""

    listed: frozenset[str]
    digests: Path | None = None

    @classmethod
    def load(cls, more: str = "") -> KnownPasswords:
        """The shipped list, and that of the file ``more`` ("": none): plain lines, or SHA-1 lines of any length.

        Raises UnusableList.
        """
        shipped = frozenset(SHIPPED.read_text(encoding="ascii").split())
        if not more:
            return cls(shipped)
        file = Path(more)
        with file.open("rb") as opened:
            if _HASH_LINE.fullmatch(opened.readline()):
                return cls(shipped, file)
        if file.stat().st_size > LARGEST_PLAIN_FILE:
            raise UnusableList("BREACH_LIST：大于 64 MB 的名单须为按 SHA-1 升序排列的摘要，每行一个")
        lines = file.read_text(encoding="utf-8-sig", errors="replace").splitlines()
        return cls(shipped | {plain(line) for line in lines if line})

    def has(self, password: str) -> bool:
        """Whether this password, or what is left of it without a few digits and signs, is on a list."""
        if is_among(password, self.listed):
            return True
        return self.digests is not None and _is_in(self.digests, {password, *cores(password)})


def _is_in(file: Path, passwords: set[str]) -> bool:
    with file.open("rb") as opened:
        return any(_finds(opened, _sha1(password)) for password in passwords)


def _sha1(password: str) -> bytes:
    """How such lists are written; nothing of ours is stored so."""
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()


def _finds(opened: BinaryIO, digest: bytes) -> bool:
    """Binary search over lines of unequal length; ``low`` is always where a line begins, all before it are smaller."""
    low, high = 0, opened.seek(0, 2)
    while low < high:
        middle = (low + high) // 2
        opened.seek(max(middle - 1, 0))
        if middle:
            opened.readline()  # to the first line that begins at the middle or after
        line = opened.readline()
        if line and line[:40].upper() < digest:
            low = opened.tell()
        else:
            high = middle
    opened.seek(low)
    return opened.readline()[:40].upper() == digest
