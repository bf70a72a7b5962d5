"""Rules on Python files: each takes the project's folder and names the offences it finds."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

PYTHON_PARTS = ("tracker", "tests", "migrations", "tools")
LONGEST_FILE = 400
EMPTY_NAMES = frozenset(
    {"data", "info", "helper", "helpers", "manager", "managers", "utils", "util", "common", "misc"}
)
INEXACT_TYPES = frozenset(
    {"Float", "Double", "REAL", "Numeric", "DOUBLE", "DOUBLE_PRECISION", "FLOAT", "NUMERIC", "DECIMAL"}
)
INEXACT_VALUES = frozenset({"float", "Decimal"})


def python_files(root: Path, *parts: str) -> list[Path]:
    """Every Python file of the named folders (all of the project's when none is named)."""
    folders = [root / part for part in parts or PYTHON_PARTS]
    found = [file for folder in folders for file in folder.rglob("*.py")]
    return sorted(found if parts else [*found, *root.glob("*.py")])


def long_files(root: Path) -> list[str]:
    """Files beyond 400 lines."""
    counted = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in python_files(root)}
    return [f"{_place(root, file)}: {lines} lines" for file, lines in counted.items() if lines > LONGEST_FILE]


def missing_docstrings(root: Path) -> list[str]:
    """Modules that do not open by saying what they hold."""
    return [
        f"{_place(root, file)}: no docstring"
        for file in python_files(root)
        if not ast.get_docstring(_parsed(file))
    ]


def empty_names(root: Path) -> list[str]:
    """Modules and folders whose name says nothing."""
    named = {part for file in python_files(root) for part in [file, *file.parents] if root in part.parents}
    return [f"{_place(root, part)}: says nothing" for part in sorted(named) if part.stem in EMPTY_NAMES]


def beyond_the_standard_library(root: Path) -> list[str]:
    """Imports in domain/ of anything but the standard library and domain/ itself."""
    return [
        f"{_place(root, file)}:{line}: imports {name}"
        for file in python_files(root, "tracker/domain")
        for line, name in _imports(file)
        if name.split(".")[0] not in sys.stdlib_module_names and not f"{name}.".startswith("tracker.domain.")
    ]


def bare_fetches(root: Path) -> list[str]:
    """Fetches by id in features/ that do not ask who is looking: ``session.get(…)``, ``session.get_one(…)``."""
    return [
        f"{_place(root, file)}:{call.lineno}: {ast.unparse(call)}"
        for file in python_files(root, "tracker/features")
        for call in _calls(file)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in {"get", "get_one"}
        and ast.unparse(call.func.value).split(".")[-1] in {"session", "session()"}
    ]


def lazy_relationships(root: Path) -> list[str]:
    """Relationships that would load by themselves; ``backref`` too, because it makes one that would."""
    return [
        f"{_place(root, file)}:{call.lineno}: {ast.unparse(call)}"
        for file in python_files(root, "tracker/models")
        for call in _calls(file)
        if ast.unparse(call.func).split(".")[-1] == "relationship" and not _raises(call)
    ]


def inexact_columns(root: Path) -> list[str]:
    """Column types and annotations in models/ that are not exact integers."""
    return [
        f"{_place(root, file)}:{node.lineno}: {node.id}"
        for file in python_files(root, "tracker/models")
        for node in _names(file)
        if node.id in INEXACT_TYPES | INEXACT_VALUES
    ]


def _raises(call: ast.Call) -> bool:
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    return given.get("lazy") == "'raise'" and "backref" not in given


def _place(root: Path, file: Path) -> str:
    return file.relative_to(root).as_posix()


def _parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def _calls(file: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(_parsed(file)) if isinstance(node, ast.Call))


def _names(file: Path) -> Iterator[ast.Name]:
    """Names used, the last part of dotted ones (``sa.Float``) included."""
    for node in ast.walk(_parsed(file)):
        if isinstance(node, ast.Name):
            yield node
        elif isinstance(node, ast.Attribute):
            yield ast.Name(id=node.attr, lineno=node.lineno)


def _imports(file: Path) -> Iterator[tuple[int, str]]:
    package = ["tracker", "domain"]
    for node in ast.walk(_parsed(file)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            yield node.lineno, ".".join([*above, node.module or ""]).rstrip(".")
