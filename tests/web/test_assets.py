"""Files beside the pages: kept for a year by an address that changes with them, and found by an earlier one too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask, url_for

from tests.factories.people import make_person, signed_in_client
from tests.factories.rows import plant_tree
from tests.support.databases import on_sqlite
from tests.support.strict_client import StrictClient
from tracker.db import Database
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
    folder, linked = tmp_path / "static", tmp_path / "elsewhere"
    monkeypatch.setattr(assets, "FOLDER", folder)
    monkeypatch.setattr(assets, "STYLE_SHEETS", ())
    folder.mkdir()
    linked.mkdir()
    told = [assets.look().version]
    (folder / "a.js").write_text("1")
    told.append(assets.look().version)
    (folder / "a.js").write_text("2")
    told.append(assets.look().version)
    (folder / "a.js").rename(folder / "b.js")
    told.append(assets.look().version)
    (linked / "c.js").write_text("3")
    (folder / "vendor").symlink_to(linked)
    told.append(assets.look().version)
    assert len(set(told)) == len(told)


@on_sqlite
def test_a_file_that_was_changed_in_place_is_kept_by_nobody(
    visitor: StrictClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = assets.look()
    changed = known._replace(stamps={**known.stamps, "js/dialogs.js": (0, 0)})
    monkeypatch.setattr(assets, "known", lambda: changed)
    with visitor.get(f"/static/{known.version}/js/dialogs.js") as answer:
        assert answer.headers["Cache-Control"] == "no-cache"
    with visitor.get(f"/static/{known.version}/js/toasts.js") as answer:
        assert "immutable" in answer.headers["Cache-Control"]


@on_sqlite
@pytest.mark.parametrize("name", [BUNDLE, "js/dialogs.js"])
def test_a_file_is_everybody_s_and_outlives_a_sign_in(
    app: Flask, fresh_database: Database, name: str
) -> None:
    """Neither the session's cookie beside it nor an answer that depends on it."""
    with fresh_database.session() as session:
        plant_tree(session, {"330200": {}})
        person = make_person(session, "viewer", "330200")
        session.commit()
    for client in (app.test_client(), signed_in_client(app, person.account_id)):
        with client.get(f"/static/{version()}/{name}") as answer:
            assert answer.status_code == 200
            assert not {"Vary", "Set-Cookie"} & {*answer.headers.keys()}
        with client.get("/login") as page:
            assert "Cookie" in page.headers["Vary"]


@on_sqlite
def test_what_is_not_there_is_kept_by_nobody(visitor: StrictClient) -> None:
    with visitor.get(f"/static/{version()}/nothing.css") as answer:
        assert answer.headers["Cache-Control"] == "no-store"


@on_sqlite
def test_whoever_works_on_the_files_sees_each_change(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "debug", True)
    with app.test_request_context():
        address = url_for("static", filename=BUNDLE)
    monkeypatch.setattr(assets, "STYLE_SHEETS", ("tokens",))
    with app.test_client().get(address) as answer:
        assert answer.data == (FOLDER / "css" / "tokens.css").read_bytes()
        assert answer.headers["Cache-Control"] == "no-cache"
