"""The handbooks as pages: one for each role and language, every link and picture of theirs answers, nothing but markdown comes out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from tests.factories.people import MadePerson, signed_in_client
from tests.web.world import build_world
from tracker.db import Database
from tracker.domain.identity import Role
from tracker.features.accounts import handbook
from tracker.features.accounts.handbook import Addresses, read_handbook
from tracker.web.i18n import CHINESE

ADDRESSES = Addresses(picture=lambda language, name: f"/{language}/{name}", page=lambda role: f"/{role}")


@pytest.fixture
def people(app: Flask, fresh_database: Database) -> dict[str, MadePerson]:
    with fresh_database.session() as session:
        made = build_world(session)
        session.commit()
    return made


def test_help_leads_each_role_to_its_handbook(app: Flask, people: dict[str, MadePerson]) -> None:
    for role in Role:
        client = signed_in_client(app, people[role].account_id)
        assert f'href="/help/{role}"' in client.get("/help").text
        page = client.get(f"/help/{role}")
        assert page.status_code == 200
        assert "手册</h1>" in page.text
        assert "<h1>" not in page.text, "the page has one heading of the first order"
        assert " style=" not in page.text


def test_every_link_and_picture_answers_in_both_languages(app: Flask, people: dict[str, MadePerson]) -> None:
    client = signed_in_client(app, people["auditor"].account_id)
    found: set[str] = set()
    for language, title in (("zh", "手册"), ("en", "Handbook for")):
        client.get(f"/?lang={CHINESE if language == 'zh' else language}")
        for role in Role:
            page = client.get(f"/help/{role}").text
            assert re.search(f"<h1[^>]*>[^<]*{title}", page)
            article = page[page.index('<article class="card card-gap handbook">') : page.index("</article>")]
            pictures = re.findall(r'src="([^"]+)"', article)
            assert len(pictures) >= 3
            assert all(one.startswith(f"/help/pictures/{language}/") for one in pictures)
            found |= {*pictures, *re.findall(r'href="([^"]+)"', article)}
    for address in sorted(found):
        with client.get(address) as answer:
            assert answer.status_code == 200, address
    assert client.get("/help/pictures/zh/gone.png").status_code == 404
    assert client.get("/help/operator").status_code == 404


def test_only_markdown_comes_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handbook, "DOCS", tmp_path)
    file = tmp_path / "handbook" / "zh" / "admin.md"
    assert read_handbook(Role.ADMIN, "zh", ADDRESSES) is None
    file.parent.mkdir(parents=True)
    file.write_text(
        "# 标题\n\n<script>go()</script> [x](javascript:go) [y](reporter.md) ![z](../../img/en/a-b.png)\n"
    )
    read = read_handbook(Role.ADMIN, "zh", ADDRESSES)
    assert read is not None
    assert read.title == "标题"
    assert "<script" not in read.body
    assert 'href="javascript' not in read.body
    assert '<a href="/reporter">y</a>' in read.body
    assert '<img src="/en/a-b" alt="z" loading="lazy" />' in read.body
