"""How often Python looks for garbage that counting references does not find."""

from __future__ import annotations

import gc
from typing import Final

SELDOM: Final = (100_000, 50, 100)
"""Objects before the first look, and looks before the next older ones; with Python's own numbers bringing in 20,000
figures takes a fifth longer, and so do the tests, because what a long act holds is looked through again and again."""


def collect_seldom() -> None:
    """What stands now stays to the end and is not looked through again; of what comes, the young is looked at seldom.

    For the whole process, once all modules are loaded. Memory is given back as before wherever nothing refers in a circle.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
