"""Files beside the pages: kept for a year by an address that changes with them, and found by an earlier one too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask, url_for

from tests.support.databases import on_sqlite
from tests.support.strict_client import StrictClient
from tracker.web import assets
from tracker.web.assets import BUNDLE, FOLDER, STYLE_SHEETS, version

OTHER = "0123456789ab"


@on_sqlite
def test_a_page_asks_for_one_style_sheet_and_its_files_by_their_version(visitor: StrictClient) -> None:
    found = re.findall(r'(?:href|src)="(/static/[^"]+)"', visitor.get("/login").text)
    assert [one for one in found if one.endswith(".css")] == [f"/static/{version()}/{BUNDLE}"]
    assert {one.split("/")[2] for one in found} == {version()}


@on_sqlite
@pytest.mark.parametrize("name", [BUNDLE, "js/dialogs.js", "img/mark.svg"])
def test_what_has_our_version_is_kept_for_a_year(visitor: StrictClient, name: str) -> None:
    with visitor.get(f"/static/{version()}/{name}") as answer:
        assert set(answer.headers["Cache-Control"].split(", ")) == {"public", "immutable", "max-age=31536000"}


@on_sqlite
@pytest.mark.parametrize("name", [BUNDLE, "js/dialogs.js"])
@pytest.mark.parametrize("before", ["", f"{OTHER}/"])
def test_another_version_or_none_gets_what_there_is_and_keeps_it_not(
    visitor: StrictClient, name: str, before: str
) -> None:
    """A page drawn before an upgrade still finds its parts."""
    with visitor.get(f"/static/{before}{name}") as answer, visitor.get(f"/static/{version()}/{name}") as ours:
        assert (answer.status_code, answer.data) == (200, ours.data)
        assert answer.headers["Cache-Control"] == "no-cache"
        with visitor.get(
            f"/static/{before}{name}", headers={"If-None-Match": answer.headers["ETag"]}
        ) as again:
            assert again.status_code == 304


@on_sqlite
def test_only_what_lies_in_the_folder_is_given(visitor: StrictClient) -> None:
    for name in ("../app.py", "%2e%2e/app.py", f"{OTHER}/../../app.py", "css", "nothing.css", f"{OTHER}"):
        for before in ("", f"{version()}/"):
            with visitor.get(f"/static/{before}{name}") as answer:
                assert answer.status_code == 404, name


@on_sqlite
def test_the_one_sheet_holds_every_sheet_but_the_gallery_s_in_order(visitor: StrictClient) -> None:
    assert sorted([*STYLE_SHEETS, "gallery"]) == sorted(file.stem for file in (FOLDER / "css").glob("*.css"))
    text = visitor.get(f"/static/{version()}/{BUNDLE}").text
    at = [text.index((FOLDER / "css" / f"{name}.css").read_text(encoding="utf-8")) for name in STYLE_SHEETS]
    assert at == sorted(at)
    assert "@import" not in text


def test_the_version_follows_every_file_and_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(assets, "FOLDER", tmp_path)
    fresh = version.__wrapped__
    told = [fresh()]
    (tmp_path / "a.js").write_text("1")
    told.append(fresh())
    (tmp_path / "a.js").write_text("2")
    told.append(fresh())
    (tmp_path / "a.js").rename(tmp_path / "b.js")
    told.append(fresh())
    assert len(set(told)) == len(told)


@on_sqlite
def test_whoever_works_on_the_files_sees_each_change(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "debug", True)
    with app.test_request_context():
        address = url_for("static", filename=BUNDLE)
    monkeypatch.setattr(assets, "STYLE_SHEETS", ("tokens",))
    with app.test_client().get(address) as answer:
        assert answer.data == (FOLDER / "css" / "tokens.css").read_bytes()
        assert answer.headers["Cache-Control"] == "no-cache"
