"""Rules every template keeps, read from the files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
FORBIDDEN = {
    "inline style": re.compile(r"<style|\sstyle="),
    "inline script": re.compile(r"<script(?![^>]*\ssrc=)"),
    "handler in markup": re.compile(r"\s(on[a-z]+|hx-on[^=]*)="),
    "unescaped output": re.compile(r"\|\s*safe\b|autoescape\s+false"),
    "a fixed number of pledges": re.compile("十件"),
}
REFERENCE = re.compile(r'{%-?\s*(?:include|import|extends|from)\s+"([^"]+)"')


def _faults(name: str, text: str) -> Iterator[str]:
    folder = name.split("/", maxsplit=1)[0]
    for what, pattern in FORBIDDEN.items():
        if pattern.search(text):
            yield f"{name}: {what}"
    for target in REFERENCE.findall(text):
        if target.split("/")[0] not in {folder, "layout", "macros"}:
            yield f"{name}: reaches into {target}"


def _all() -> list[str]:
    return sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))


@pytest.mark.parametrize("name", _all())
def test_template_keeps_the_rules(name: str) -> None:
    assert list(_faults(name, (TEMPLATES / name).read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "planted",
    [
        '<p style="color:red">', "<script>alert(1)</script>", '<a onclick="go()">', '<i hx-on:click="x">', "{{ text | safe }}", "十件实事",
        '{% include "reviews/_side.html" %}',
    ],
)  # fmt: skip
def test_planted_fault_is_found(planted: str) -> None:
    assert len(list(_faults("reports/planted.html", planted))) == 1
