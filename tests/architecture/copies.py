"""Copies of the project in which offences are planted."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = (
    "tracker",
    "templates",
    "tests",
    "migrations",
    "tools",
    "requirements",
    "pyproject.toml",
    "config.py",
    "gunicorn.conf.py",
    "wsgi.py",
)
LEFT_OUT = shutil.ignore_patterns("__pycache__", "vendor", "node_modules")


def copy_project(folder: Path) -> Path:
    """A copy of what the rules look at, without installed files."""
    copy = folder / "copy"
    copy.mkdir()
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, copy / part, ignore=LEFT_OUT)
        elif source.exists():
            shutil.copyfile(source, copy / part)
    return copy


@contextmanager
def planted(root: Path, files: Mapping[str, str]) -> Iterator[None]:
    """Files in a copy for the length of the block; folders under tracker/ become packages."""
    made = plant(root, files)
    try:
        yield
    finally:
        for file in made:
            file.unlink()


def plant(root: Path, files: Mapping[str, str]) -> list[Path]:
    """Write files into a copy, and what makes packages of their folders; every file that was written."""
    made = []
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        package = file.parent / "__init__.py"
        if name.startswith("tracker/") and not package.exists():
            package.write_text('"""Planted."""\n', encoding="utf-8")
            made.append(package)
        file.write_text(text, encoding="utf-8")
        made.append(file)
    return made
