"""Less looking for garbage: what was collected stays to the end, and a test leaves little behind."""

from __future__ import annotations

import gc
from typing import Final

YOUNG: Final = (100_000, 50, 100)
"""Objects before the first look, and looks before the next older ones; Python's own numbers cost a sixth of the time."""


def pytest_collection_finish() -> None:
    """Modules, tests and mapped classes need not be looked through again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*YOUNG)
