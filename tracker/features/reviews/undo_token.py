"""An acceptance as one hidden field, so that whoever gave it can take it back."""

from __future__ import annotations

from tracker.services.revising import Verdict

LONGEST_NUMBER = 18


def verdict_token(verdict: Verdict) -> str:
    """``12.3 13.2 <digest>``: each revision with the version the acceptance left, and the digest of its content."""
    pairs = [f"{revision}.{version}" for revision, version in verdict.versions.items()]
    return " ".join([*pairs, verdict.digest])


def read_verdict(token: str) -> Verdict:
    """The token read back; one that is none names no revision, which nobody can undo."""
    *pairs, digest = token.split() or [""]
    versions = {}
    for pair in pairs:
        revision, _, version = pair.partition(".")
        if _is_number(revision) and _is_number(version):
            versions[int(revision)] = int(version)
    return Verdict(versions, digest)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER
