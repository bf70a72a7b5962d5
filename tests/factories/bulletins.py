"""What issuing a bulletin needs beside people: a signing key, a store and the address files are checked at."""

from __future__ import annotations

from typing import Final

from obstore.store import MemoryStore

from tracker.features.bulletins.issuing import Press
from tracker.features.bulletins.signing import Signer
from tracker.services.evidence_store import ObjectBlobs

PRESS: Final = Press(
    Signer.from_secret("a key of the test suite, known to all"),
    ObjectBlobs(MemoryStore()),
    "http" + "://localhost/verify",
)
