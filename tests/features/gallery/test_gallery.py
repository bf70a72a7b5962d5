"""The gallery shows every macro there is, in development only."""

from __future__ import annotations

import re

from flask import Flask

import config
from tests.architecture.copies import ROOT
from tests.support.databases import on_sqlite
from tests.support.strict_client import StrictClient

INSIDE_OTHERS = {
    "hidden_fields", "form_start", "button_form", "form_error_summary", "light_word", "ordinal_word", "heat_cell",
    "evidence_icon", "pieces_of", "password_rules", "table_files",
}  # fmt: skip
"""Macros that are drawn as a part of others, or carry a form that is really sent."""


@on_sqlite
def test_shows_every_component_in_development_only(app: Flask, visitor: StrictClient) -> None:
    assert visitor.get("/gallery").status_code == 200
    app.config["HAS_GALLERY"] = config.Production.HAS_GALLERY
    assert visitor.get("/gallery").status_code == 404
    assert (config.Development.HAS_GALLERY, config.Production.HAS_GALLERY) == (True, False)


def test_leaves_no_macro_out() -> None:
    shown = (ROOT / "templates" / "gallery" / "gallery.html").read_text(encoding="utf-8")
    imports, body = shown.rsplit("import", 1)[0], shown.partition("{% block content %}")[2]
    assert imports
    for file in sorted((ROOT / "templates" / "macros").glob("*.html")):
        for name in re.findall(r"{% macro ([a-z]\w*)\(", file.read_text(encoding="utf-8")):
            called = "turning" if name == "pager" else name
            assert name in INSIDE_OTHERS or re.search(rf"\b{called}\(", body), f"{file.name}: {name}"
