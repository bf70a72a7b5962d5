"""The overview prints on one sheet of A4, with its words."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.factories.full_list import KEY, plant_full_list
from tests.factories.ningbo import NOW
from tests.factories.people import make_person
from tests.journeys.test_to_the_paper import looking
from tests.support.databases import on_sqlite
from tests.support.serving import serving
from tracker.db import Database
from tracker.services.ledger.settling import settle

A4 = (595, 842)


def pages_of(pdf: bytes) -> list[tuple[int, int]]:
    """The size of each page in points; Chromium writes its page objects in plain text."""
    boxes = re.findall(rb"/Type\s*/Page\b(?!s).*?/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf, re.DOTALL)
    return [(round(float(width)), round(float(height))) for width, height in boxes]


@on_sqlite
@pytest.mark.parametrize(
    "query", ["", "?cutoff=2018-02", "?cutoff=2018-02&sort=lag", "?at=330203"],
    ids=["june", "everything behind", "by lag", "a district"],
)  # fmt: skip
def test_ten_pledges_and_eleven_districts_fit_one_page(
    app: Flask, fresh_database: Database, browser: Browser, query: str
) -> None:
    with fresh_database.session() as session:
        plant_full_list(session)
        person = make_person(session, "reviewer", "330200")
        settle(fresh_database, session, lambda: NOW)
    with serving(app) as address, looking(app, browser, address, person.account_id) as page:
        page.goto(f"{address}/programmes/{KEY}{query}")
        page.emulate_media(media="print")
        shown = page.locator("main").inner_text()
        printed = page.pdf(prefer_css_page_size=True)
    assert pages_of(printed) == [A4]
    for words in ("2018年服务职工十件实事", "构建和谐劳动关系", "截至"):
        assert words in shown
    assert "一键催报" not in shown


def test_a_page_too_many_is_counted(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<p>一</p><p style='break-before: page'>二</p>")
    printed = page.pdf(format="A4")
    page.close()
    assert len(pages_of(printed)) == 2
