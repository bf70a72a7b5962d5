"""The program looks for garbage seldom, in service as in tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tracker.memory import SELDOM

ROOT = Path(__file__).resolve().parents[1]


def test_the_served_application_looks_for_garbage_seldom() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import wsgi, gc; print(gc.get_threshold(), gc.get_freeze_count() > 0)"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert told.stdout.strip() == f"{SELDOM} True"
