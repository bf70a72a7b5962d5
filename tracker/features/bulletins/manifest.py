"""The manifest of an issue (``bulletin-manifest/1``): what it consists of, under one Ed25519 signature."""

from __future__ import annotations

import base64
import json
from typing import Any, Final, NamedTuple

from tracker.domain.canonical import canonical
from tracker.features.bulletins.sheets import Frame
from tracker.features.bulletins.signing import is_signed, pem_of

FORMAT: Final = "bulletin-manifest/1"
MANIFEST, SIGNATURE, PUBLIC_KEY = "manifest.json", "manifest.sig", "public-key.pem"

Manifest = dict[str, Any]
"""format, serial, digest, cutoff, seal, drafted_by, the frame's five, files (format → SHA-256), evidence."""


class Signed(NamedTuple):
    """A manifest's canonical bytes with the raw signature over them and the key it can be checked with."""

    content: bytes
    signature: bytes
    public_key: str

    @property
    def manifest(self) -> Manifest:
        """What it says."""
        manifest: Manifest = json.loads(self.content)
        return manifest

    @property
    def public_key_pem(self) -> bytes:
        """The key as other programs read it."""
        return pem_of(self.public_key)

    def is_by(self, public_key: str) -> bool:
        """Whether the signature was made with this key."""
        signature = base64.b64encode(self.signature).decode()
        return is_signed(self.content, signature=signature, public_key=public_key)


def manifest_text(
    facts: Manifest, frame: Frame, *, files: dict[str, str], evidence: list[dict[str, Any]]
) -> str:
    """The canonical text that is signed. ``facts``: serial, digest, cutoff, seal and drafted_by of the issue."""
    return canonical(
        {
            "format": FORMAT,
            **facts,
            "drafted_at": frame.drafted_at,
            "countersigned_by": frame.countersigned_by,
            "issued_at": frame.issued_at,
            "verify_at": frame.verify_at,
            "files": files,
            "evidence": evidence,
        }
    )
