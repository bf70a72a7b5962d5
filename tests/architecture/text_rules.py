"""Rules on templates and on everything that is tracked: each names the offences it finds."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

SAFE_FILES: frozenset[str] = frozenset()  # templates that may say |safe, each with a reason beside it

SAFE = re.compile(r"\|\s*safe\b|autoescape\s+false")
INLINE = re.compile(
    r"<script(?![^>]*\ssrc=)(?!\s+type=\"application/json\")[^>]*>|<style\b|\sstyle\s*=|\son[a-z]+\s*=|\shx-on\b|javascript:",
    re.IGNORECASE,
)
LOCKED = re.compile(r"^(requirements/.*|package-lock\.json|package\.json|.*\.lock|\.npmrc|pip\.conf)$")
ADDRESS = re.compile(r"https?" + "://")
REGISTRY = re.compile(
    r"registry\.(npmjs|yarnpkg|npmmirror)\b|\bpypi\.(org|python)\b|pythonhosted\.|proxy\.golang\."
)
MACHINE_PATH = re.compile(r"(^|[^\w.\-/<>}])/(?:home|root|Users|work|farm)/")


def unsafe_markup(root: Path, *, listed: frozenset[str] = SAFE_FILES) -> list[str]:
    """Templates that switch escaping off without standing in the list."""
    return [found for file, found in _matches(root, _templates(root), SAFE) if file not in listed]


def inline_markup(root: Path) -> list[str]:
    """Scripts, styles and handlers written into templates, which the content policy would block."""
    return [found for _file, found in _matches(root, _templates(root), INLINE)]


def registry_hosts(root: Path, files: Iterable[Path]) -> list[str]:
    """Package registries by name, and any address at all in what installers read."""
    every = list(files)
    locked = [file for file in every if LOCKED.match(file.relative_to(root).as_posix())]
    found = [*_matches(root, every, REGISTRY), *_matches(root, locked, ADDRESS)]
    return [place for _file, place in found]


def machine_paths(root: Path, files: Iterable[Path]) -> list[str]:
    """Paths that exist on one machine only."""
    return [found for _file, found in _matches(root, files, MACHINE_PATH)]


def tracked_files(root: Path) -> list[Path]:
    """What git tracks or would track, as far as it is text that still exists."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=root, capture_output=True, check=True).stdout.decode().split("\0")
    files = [root / name for name in names if name]
    return [file for file in files if file.is_file() and not file.is_symlink()]


def _templates(root: Path) -> list[Path]:
    return [file for file in sorted((root / "templates").rglob("*")) if file.is_file()]


def _matches(root: Path, files: Iterable[Path], pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """(file, "file:line: match") of each match; files that are not UTF-8 text hold none."""
    found = []
    for file in files:
        name = file.relative_to(root).as_posix()
        for match in pattern.finditer(text := _text(file)):
            line = text.count("\n", 0, match.start()) + 1
            found.append((name, f"{name}:{line}: {match[0].strip()}"))
    return found


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except UnicodeDecodeError:
        return ""
