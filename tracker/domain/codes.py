"""How codes of units and keys of lists are spelt: whatever reads one, in a file, an address or a trail, reads all."""

from __future__ import annotations

from typing import Final

UNIT_CODE: Final = "[0-9A-Za-z_]{1,32}"
"""An org unit's code: the division code where there is one, else made up (``330200``, ``330100_mz``)."""

SLUG: Final = "[a-z0-9][a-z0-9-]{0,39}"
"""What tells a publisher's further lists of one year apart."""

PROGRAMME_KEY: Final = f"{UNIT_CODE}-[12][0-9]{{3}}(?:-{SLUG})?"
"""A list: ``330200-2018`` or ``330200-2018-slug``."""
