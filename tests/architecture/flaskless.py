"""Run as a program in the project's folder: imports what must work without Flask and names what loaded it."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

FLASKLESS = ("tracker/db.py", "tracker/domain/**/*.py", "tracker/models/**/*.py", "tracker/services/**/*.py")
SLICES = ("tracker/features/*/queries.py", "tracker/features/*/commands.py")
UNWANTED = ("flask", "wtforms", "werkzeug")


def module_names(root: Path) -> list[str]:
    """The modules to import, as dotted names."""
    files = sorted(file for pattern in (*FLASKLESS, *SLICES) for file in root.glob(pattern))
    return [
        ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__") for file in files
    ]


def list_offences(root: Path) -> list[str]:
    """Each module whose import brought Flask, WTForms or Werkzeug in for the first time."""
    offences = []
    for name in module_names(root):
        before = set(sys.modules)
        importlib.import_module(name)
        offences += [
            f"{name} loads {unwanted}" for unwanted in UNWANTED if unwanted in set(sys.modules) - before
        ]
    return offences


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    print("\n".join(list_offences(Path.cwd())))
