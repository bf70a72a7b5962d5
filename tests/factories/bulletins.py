"""What issuing a bulletin needs beside people: a signing key and the address files are checked at."""

from __future__ import annotations

from typing import Final

from tracker.features.bulletins.issuing import Press
from tracker.features.bulletins.signing import Signer

PRESS: Final = Press(Signer.from_secret("a key of the test suite, known to all"), "http://localhost/verify")
